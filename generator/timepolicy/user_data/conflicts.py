"""What in other people's user-data contradicts the policy on the node, or what of it cloud-init loses."""

import re
from collections.abc import Iterator, Sequence

import yaml

from timepolicy.configs.file_findings import FileFinding, report
from timepolicy.distros.release import DaemonName
from timepolicy.findings.finding import error, note, warning
from timepolicy.plan.types import AgentPlan
from timepolicy.source import Span
from timepolicy.user_data.cloud_config import UNKNOWN, CloudConfig, cloud_configs, expanded
from timepolicy.user_data.extract import Extract
from timepolicy.user_data.merging import lost_values
from timepolicy.user_data.nodes import entries_of, scalars_of
from timepolicy.user_data.parts import SHELL_SCRIPT, Part

PACKAGES = {
    **{name: name for name in ("ntp", "ntpsec", "openntpd", "ntpd-rs")},
    "chrony": DaemonName.CHRONY,
    "systemd-timesyncd": DaemonName.TIMESYNCD,
}
"""Packages of time daemons."""

JOINS_CLUSTER = re.compile(r"\bkubeadm[ ,'\"]+(init|join)\b")
"""What makes certificates itself. Installers of k3s and RKE2 start units, which the gate holds."""

WAITS = re.compile(r"\btimepolicy-node[ ,'\"]+wait\b")

NTP_MODULE = error(
    "TP322",
    "`ntp` makes cloud-init write another configuration of the time daemon over that of the policy",
    "remove it, and write its servers into the policy's `upstreams`",
)
OTHER_TIMEZONE = error(
    "TP323",
    "cloud-init sets the timezone {theirs}, and the policy sets {ours}",
    "remove it here, or write it into the policy",
)
FILE_OF_THE_POLICY = error(
    "TP324",
    "`write_files` replaces {path}, which the policy writes",
    "remove the entry, and write its settings into the policy",
)
OTHER_DAEMON = warning(
    "TP325",
    "the package {package} brings another time daemon than {daemon}, which the policy uses on {release}",
    "remove it; timepolicy installs what a node lacks",
)
COMMAND_IS_NOT_HELD = note(
    "TP326",
    "`{command}` runs whatever the clock says: the gate holds units, and not commands",
    "run `timepolicy-node wait` before it (docs/runcmd.md)",
)


def conflicts(parts: Sequence[Part], plans: Sequence[AgentPlan]) -> Iterator[FileFinding]:
    """Yield what in `parts` contradicts `plans`, those of the nodes that get this user-data, or is lost there."""
    parts, unread = expanded(parts)
    configs, broken = cloud_configs(parts)
    yield from unread
    yield from broken
    for part in parts:
        if part.content_type.startswith(SHELL_SCRIPT):
            yield from _commands(part.extract, 0, part.extract.text)
    for config in configs:
        yield from _settings(config, plans)
    yield from lost_values(configs)


def _settings(config: CloudConfig, plans: Sequence[AgentPlan]) -> Iterator[FileFinding]:
    for key, value in config.root.value:
        if key.value == "ntp" and ("enabled", "false") not in scalars_of(value):
            yield report(config.at(key), NTP_MODULE)
        elif key.value == "timezone" and isinstance(value, yaml.ScalarNode) and UNKNOWN not in value.value:
            ours = {str(plan.contract.timezone) for plan in plans}
            if {value.value} != ours:
                yield report(config.at(value), OTHER_TIMEZONE, theirs=value.value, ours=", ".join(ours))
        elif key.value in ("write_files", "packages"):
            check = _file if key.value == "write_files" else _package
            for entry in entries_of(value):
                yield from check(config, entry, plans)
        elif key.value in ("bootcmd", "runcmd"):
            first, last = value.start_mark.line, value.end_mark.line
            text = "\n".join(config.extract.text.split("\n")[first : last + 1])
            yield from _commands(config.extract, first, text)


def _file(config: CloudConfig, entry: yaml.Node, plans: Sequence[AgentPlan]) -> Iterator[FileFinding]:
    path = dict(scalars_of(entry)).get("path", "")
    if any(path == file.path for plan in plans for file in plan.files):
        yield report(config.at(entry), FILE_OF_THE_POLICY, path=path)


def _package(config: CloudConfig, entry: yaml.Node, plans: Sequence[AgentPlan]) -> Iterator[FileFinding]:
    """An entry is a name, or a name and a version."""
    name = entry.value[0] if isinstance(entry, yaml.SequenceNode) and entry.value else entry
    daemon = PACKAGES.get(str(name.value))
    for plan in plans:
        ours = [row.name for row in plan.contract.daemons]
        if daemon and ours and daemon not in ours:
            values = {"package": str(name.value), "daemon": " or ".join(ours), "release": plan.release}
            yield report(config.at(name), OTHER_DAEMON, **values)
            return


def _commands(extract: Extract, first: int, text: str) -> Iterator[FileFinding]:
    """A command in `text`, which begins at line `first` (from 0), that joins the cluster without a wait before it."""
    joins, waits = JOINS_CLUSTER.search(text), WAITS.search(text)
    if joins and not (waits and waits.start() < joins.start()):
        line = first + 1 + text.count("\n", 0, joins.start())
        column = joins.start() - text.rfind("\n", 0, joins.start())
        span = Span(line=line, column=column, end_line=line, end_column=column + len(joins[0]))
        yield report(extract.at(span), COMMAND_IS_NOT_HELD, command=f"kubeadm {joins[1]}")
