"""The stages of `lint` and `import`: files -> a daemon's configuration -> findings, and settings -> a policy's text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from timepolicy.configs import chrony, ntpd, timesyncd
from timepolicy.configs.file_findings import FileFinding, FileReport, by_file
from timepolicy.configs.file_set import NTPD, ConfigFile, file_set
from timepolicy.configs.node_files import NodeFiles
from timepolicy.configs.policy_text import losses, policy_data, policy_text
from timepolicy.configs.settings import Conversion
from timepolicy.distros.release import DaemonName, Release
from timepolicy.source import Source


class Daemon(Protocol):
    """What a module does with one daemon's files. `read` returns a frozen type of its own, which the others accept."""

    def read(self, files: Sequence[ConfigFile], node: NodeFiles, release: Release | None) -> Any:
        """Return what the daemon reads, with `sources`, all files in their order, and `findings`; raise OSError."""

    def check(self, configuration: Any) -> Iterator[FileFinding]:
        """Yield what is wrong with lines that the daemon accepts."""

    def convert(self, configuration: Any) -> Conversion:
        """Return what a policy can hold of the configuration."""


DAEMONS: Mapping[str, Daemon] = {DaemonName.CHRONY: chrony, DaemonName.TIMESYNCD: timesyncd, NTPD: ntpd}


@dataclass(frozen=True, slots=True)
class Import:
    """The text of a policy, None if none can be made, and a report for each file."""

    policy: str | None
    reports: tuple[FileReport, ...]


def lint_files(sources: Sequence[Source], node: NodeFiles, release: Release | None) -> tuple[FileReport, ...]:
    """Return what is wrong with each of `sources`, and with the files that they include; raise OSError."""
    files = file_set(sources, release)
    if files.daemon is None:
        return by_file(sources, files.findings)
    daemon = DAEMONS[files.daemon]
    configuration = daemon.read(files.files, node, release)
    findings = (*files.findings, *configuration.findings, *daemon.check(configuration))
    return by_file((*sources, *configuration.sources), findings)


def import_files(
    sources: Sequence[Source],
    node: NodeFiles,
    release: Release | None,
    addresses: Sequence[str] = (),
    timezone: str | None = None,
) -> Import:
    """Return the policy that `sources` and the files that they include convert to; raise OSError.

    `addresses` are those of the server that the files are for, none for a client's. Findings are those of `lint_files`,
    and those about settings that the policy lacks.
    """
    files = file_set(sources, release)
    if files.daemon is None:
        return Import(None, by_file(sources, files.findings))
    daemon = DAEMONS[files.daemon]
    configuration = daemon.read(files.files, node, release)
    conversion = daemon.convert(configuration)
    data, data_findings = policy_data(conversion.settings, addresses, timezone or "UTC", sources[0])
    findings = [*files.findings, *configuration.findings, *daemon.check(configuration)]
    findings += [*conversion.findings, *data_findings]
    opened = (*sources, *configuration.sources)
    reports = by_file(opened, findings)
    if data is None:
        return Import(None, reports)
    comments = ["Made by `timepolicy import` from " + ", ".join(file.source.name for file in reports)]
    if timezone is None:
        comments.append("The files do not set a timezone: UTC is assumed.")
    comments += losses(by_file(opened, (finding for finding in findings if finding.is_loss)))
    return Import(policy_text(data, comments), reports)
