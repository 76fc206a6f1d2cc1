"""An ntp.conf as ntpd reads it."""

from collections.abc import Sequence
from dataclasses import dataclass

from timepolicy.configs.file_findings import FileFinding
from timepolicy.configs.file_set import ConfigFile
from timepolicy.configs.node_files import NodeFiles
from timepolicy.configs.statement import Statement, Word, statements
from timepolicy.distros.release import Release
from timepolicy.source import Source


@dataclass(frozen=True, slots=True)
class NtpdConfiguration:
    """The lines of all files, in their order."""

    sources: tuple[Source, ...]
    lines: tuple[Statement, ...]
    release: Release | None
    findings: tuple[FileFinding, ...] = ()

    def all(self, *names: str) -> list[Statement]:
        """Return the lines that begin with one of `names`."""
        return [line for line in self.lines if line.name in names]


def read(
    files: Sequence[ConfigFile],
    node: NodeFiles,  # noqa: ARG001  # one signature for all daemons
    release: Release | None,
) -> NtpdConfiguration:
    """Return the lines without comments, which in ntp.conf may stand after a directive."""
    lines = []
    for file in files:
        for line in statements(file.source, "#"):
            end = next((index for index, word in enumerate(line.words) if word.text.startswith("#")), None)
            lines.append(Statement(line.source, line.words[:end]))
    return NtpdConfiguration(tuple(file.source for file in files), tuple(lines), release)


def family_of(line: Statement) -> tuple[str | None, tuple[Word, ...]]:
    """Return the address family that `-4` or `-6` before a host asks for, and the other arguments."""
    words = line.arguments
    if words and words[0].text in ("-4", "-6"):
        return f"ipv{words[0].text[1]}", words[1:]
    return None, words
