"""What in other people's user-data contradicts the policy on the node."""

import re
from collections.abc import Iterator, Sequence

import yaml

from timepolicy.configs.file_findings import FileFinding, TextRange, report
from timepolicy.distros.release import DaemonName
from timepolicy.document.parse import LOADER
from timepolicy.findings.finding import error, note, warning
from timepolicy.plan.types import AgentPlan
from timepolicy.source import START, Source, Span
from timepolicy.user_data.parts import Part, cloud_configs

PACKAGES = {
    **{name: name for name in ("ntp", "ntpsec", "openntpd", "ntpd-rs")},
    "chrony": DaemonName.CHRONY,
    "systemd-timesyncd": DaemonName.TIMESYNCD,
}
"""Packages of time daemons."""

JOINS_CLUSTER = re.compile(r"\bkubeadm[ ,'\"]+(init|join)\b")
"""What makes certificates itself. Installers of k3s and RKE2 start units, which the gate holds."""

WAITS = re.compile(r"\btimepolicy-node[ ,'\"]+wait\b")

NO_CLOUD_CONFIG = error("TP321", "cloud-init ignores this part: {problem}", "correct it; `cloud-init schema` checks it")
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
    """Yield what in `parts` contradicts `plans`, those of the nodes that get this user-data."""
    for part in parts:
        if part.content_type == "text/x-shellscript":
            yield from _commands(part.source, part.source.text, START)
    for part in cloud_configs(list(parts)):
        try:
            node = yaml.compose(part.source.text, Loader=LOADER)
        except yaml.YAMLError as problem:
            mark = getattr(problem, "problem_mark", None)
            line = mark.line + 1 if mark else 1
            span = Span(line=line, column=1, end_line=line, end_column=1 + len(part.source.line(line)))
            text = getattr(problem, "problem", None) or "it is no YAML"
            yield report(TextRange(part.source, span), NO_CLOUD_CONFIG, problem=str(text))
            continue
        if isinstance(node, yaml.MappingNode):
            yield from _settings(part.source, node, plans)
        elif node is not None:
            yield report(TextRange(part.source), NO_CLOUD_CONFIG, problem="it is no mapping")


def _settings(source: Source, root: yaml.MappingNode, plans: Sequence[AgentPlan]) -> Iterator[FileFinding]:
    for key, value in root.value:
        place = TextRange(source, _span(key))
        if key.value == "ntp" and ("enabled", "false") not in _scalars(value):
            yield report(place, NTP_MODULE)
        elif key.value == "timezone":
            ours = {str(plan.contract.timezone) for plan in plans}
            if {value.value} != ours:
                yield report(TextRange(source, _span(value)), OTHER_TIMEZONE, theirs=value.value, ours=", ".join(ours))
        elif key.value in ("write_files", "packages"):
            check = _file if key.value == "write_files" else _package
            for entry in _entries(value):
                yield from check(source, entry, plans)
        elif key.value in ("bootcmd", "runcmd"):
            yield from _commands(source, _text(source, value), _span(value))


def _file(source: Source, entry: yaml.Node, plans: Sequence[AgentPlan]) -> Iterator[FileFinding]:
    path = dict(_scalars(entry)).get("path", "")
    if any(path == file.path for plan in plans for file in plan.files):
        yield report(TextRange(source, _span(entry)), FILE_OF_THE_POLICY, path=path)


def _package(source: Source, entry: yaml.Node, plans: Sequence[AgentPlan]) -> Iterator[FileFinding]:
    """An entry is a name, or a name and a version."""
    name = entry.value[0] if isinstance(entry, yaml.SequenceNode) and entry.value else entry
    daemon = PACKAGES.get(str(name.value))
    for plan in plans:
        ours = [row.name for row in plan.contract.daemons]
        if daemon and ours and daemon not in ours:
            values = {"package": str(name.value), "daemon": " or ".join(ours), "release": plan.release}
            yield report(TextRange(source, _span(name)), OTHER_DAEMON, **values)
            return


def _commands(source: Source, text: str, span: Span) -> Iterator[FileFinding]:
    """A command that joins the cluster, and none before it that waits for the clock."""
    joins, waits = JOINS_CLUSTER.search(text), WAITS.search(text)
    if joins and not (waits and waits.start() < joins.start()):
        line = span.line + text.count("\n", 0, joins.start())
        column = source.line(line).find(joins[0]) + 1
        place = Span(line=line, column=column, end_line=line, end_column=column + len(joins[0]))
        command = f"kubeadm {joins[1]}"
        yield report(TextRange(source, place), COMMAND_IS_NOT_HELD, command=command)


def _entries(node: yaml.Node) -> list[yaml.Node]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _scalars(node: yaml.Node) -> list[tuple[str, str]]:
    """The scalars of a mapping, booleans as YAML 1.1 writes them: `false`, `no`, `off`."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    scalars = [(key.value, value.value) for key, value in pairs if isinstance(value, yaml.ScalarNode)]
    return [(key, "false" if value.lower() in ("no", "off", "false") else value) for key, value in scalars]


def _span(node: yaml.Node) -> Span:
    """The lines of a node; of a block, only the first one."""
    begin, end = node.start_mark, node.end_mark
    if end.line != begin.line:
        return Span(line=begin.line + 1, column=begin.column + 1, end_line=begin.line + 1, end_column=begin.column + 2)
    return Span(
        line=begin.line + 1,
        column=begin.column + 1,
        end_line=end.line + 1,
        end_column=max(end.column, begin.column) + 1,
    )


def _text(source: Source, node: yaml.Node) -> str:
    """The text of a node, from the beginning of its first line."""
    lines = source.text.split("\n")[node.start_mark.line : node.end_mark.line + 1]
    return "\n".join(lines)
