"""Mistakes in the files of the running daemon, as `timepolicy lint` reports them: only where this tool runs."""

from collections.abc import Iterator, Sequence

from timepolicy.configs.node_files import NodeFiles
from timepolicy.configs.pipeline import lint_files
from timepolicy.doctor.diagnosis import Diagnosis
from timepolicy.doctor.node import Node
from timepolicy.findings.finding import Severity
from timepolicy.source import Source

PATTERNS = {"chronyd": "chrony", "systemd-timesyncd": "timesyncd", "ntpd": "ntp.conf"}
"""What the paths of a daemon's files contain."""


def configuration(node: Node, _: Sequence[Node]) -> Iterator[Diagnosis]:
    """Yield each error that `timepolicy lint` finds."""
    for daemon in node.daemons:
        pattern = PATTERNS.get(daemon.name)
        sources = [Source(name=path, text=text) for path, text in node.files.items() if pattern and pattern in path]
        main = [source for source in sources if source.name.endswith((".conf", ".sources")) and source.text.strip()]
        for file in lint_files(main, NodeFiles(None), None) if main else ():
            for finding in file.findings:
                if finding.severity == Severity.ERROR:
                    yield Diagnosis(
                        "configuration",
                        f"{file.source.name}, line {finding.span.line}: {finding.message}",
                        finding.help,
                        file.source.line(finding.span.line).strip(),
                    )
