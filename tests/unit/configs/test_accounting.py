"""Nothing is lost silently: each line of the files in trees/import is in the policy, in a finding, or needs no word.

A line is in the policy if without it the policy is another one, or a finding says something else. So is an option of
a source. Files without a policy, and those that are not read at all, have a finding that says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helpers.cases import TREES
from tests.helpers.config_import import inside
from timepolicy.configs.file_findings import FileReport
from timepolicy.configs.node_files import NodeFiles
from timepolicy.configs.ntpd.sources import WITH_VALUE
from timepolicy.configs.pipeline import import_files
from timepolicy.configs.statement import Statement, statements
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.facts.chrony_options import SOURCE_OPTIONS
from timepolicy.source import Source, Span

CORPUS = TREES / "import"
CASES = sorted(path.parent for path in CORPUS.glob("*/case.yaml"))

WITHOUT_A_WORD = {
    "bindcmdaddress": "a loopback address or a socket is what every node of a policy has",
    "confdir": "the files that it names are read, or a finding says that they are not",
    "driftfile": "every node of a policy has one",
    "fudge": "it belongs to a clock of ntpd, about whose line there is a finding",
    "include": "as confdir",
    "restrict": "many lines for one network, and those for ntpq on the node itself",
    "rtcsync": "every node of a policy has it",
    "sourcedir": "as confdir",
    "[time]": "the section of all settings",
}
"""Directives that need no word where the policy is the same without a line of them, and why."""

NOT_READ = {"TP200", "TP236", "TP262"}
"""Findings about a file of which nothing is read."""

SOURCES = ("server", "pool")

Policy = Mapping[str, Any] | None


@dataclass(frozen=True)
class Outcome:
    """The policy as data, what findings say, and their places in each file."""

    policy: Policy
    messages: frozenset[str]
    spans: Mapping[str, list[Span]]

    def is_like(self, other: "Outcome") -> bool:
        """Whether the user learns and gets the same."""
        return (self.policy, self.messages) == (other.policy, other.messages)

    def has_finding(self, name: str, first: int, last: int, columns: tuple[int, int] | None = None) -> bool:
        """Whether a finding is about one of the lines, or within one line about one of the columns."""
        return any(
            span.line <= last
            and first <= span.end_line
            and (columns is None or (span.column < columns[1] and columns[0] < span.end_column))
            for span in self.spans.get(name, [])
        )


def spans_of(reports: tuple[FileReport, ...]) -> dict[str, list[Span]]:
    """The places of findings that are not about a file as a whole, for the files that are read."""
    return {
        file.source.name: [finding.span for finding in file.findings if finding.span.end_column > 1]
        for file in reports
        if not NOT_READ & {finding.rule.code for finding in file.findings}
    }


@dataclass(frozen=True)
class Files:
    """The files of a case, of which one can have another text."""

    case: Path
    about: Mapping[str, Any]

    def imported(self, name: str | None = None, text: str = "") -> Outcome:
        """Import the files, with `text` instead of that of the file `name`."""
        texts = {path: Path(path).read_bytes() for path in self.about["files"]}
        given = [
            Source(name=path, text=text) if path == name else Source.decode(path, data) for path, data in texts.items()
        ]
        release = AGENT_RELEASES[self.about["distro"]] if "distro" in self.about else None
        root = Path("root") if self.about["root"] else None
        found = import_files(given, _Changed(root, name, text), release, self.about.get("addresses", ()))
        messages = frozenset(finding.message for file in found.reports for finding in file.findings)
        return Outcome(yaml.safe_load(found.policy) if found.policy else None, messages, spans_of(found.reports))


class _Changed(NodeFiles):
    """Files of a node of which one has another text."""

    def __init__(self, root: Path | None, name: str | None, text: str) -> None:
        super().__init__(root)
        object.__setattr__(self, "changed", (name, text))

    def read(self, path: Path) -> Source | None:
        name, text = getattr(self, "changed")  # noqa: B009  # an attribute that the frozen class does not declare
        return Source(name=name, text=text) if str(path) == name else super().read(path)


def without_line(source: Source, statement: Statement) -> str:
    """The text without the lines of a statement."""
    lines = source.text.split("\n")
    return "\n".join([*lines[: statement.span.line - 1], *lines[statement.span.end_line :]])


def options_of(statement: Statement) -> Iterator[tuple[int, int, str]]:
    """The columns of each option of a source with its value, and the option."""
    words = iter(statement.arguments[1:])
    for word in words:
        option = SOURCE_OPTIONS.get(word.text.lower())
        has_value = word.text.lower() in WITH_VALUE or (option is not None and option.value)
        last = next(words, word) if has_value else word
        yield word.column, last.column + len(last.text), word.text


def without_columns(source: Source, line: int, first: int, last: int) -> str:
    """The text without some columns of a line."""
    lines = source.text.split("\n")
    lines[line - 1] = lines[line - 1][: first - 1] + lines[line - 1][last - 1 :]
    return "\n".join(lines)


def is_within_another(statement: Statement, others: list[Statement]) -> bool:
    """Whether an `allow` lets in only what another line lets in anyway."""
    networks = [network_of(other) for other in others if other is not statement]
    own = network_of(statement)
    return own is not None and any(
        network is not None and network.version == own.version and own.subnet_of(network)  # type: ignore[arg-type]
        for network in networks
    )


def network_of(statement: Statement) -> IPv4Network | IPv6Network | None:
    """The network of `allow NETWORK`."""
    words = [word.text for word in statement.arguments]
    try:
        return ip_network(words[0]) if statement.name == "allow" and len(words) == 1 else None
    except ValueError:
        return None


def unaccounted(files: Files) -> Iterator[str]:
    """The lines and options that are lost silently."""
    before = files.imported()
    for name in before.spans if before.policy else ():
        source = Source.decode(name, Path(name).read_bytes())
        lines = list(statements(source, "#;!%"))
        for statement in lines:
            span = statement.span
            has_word = statement.name in WITHOUT_A_WORD or str(statement).endswith("=")
            has_word = has_word or is_within_another(statement, lines)
            without = files.imported(name, without_line(source, statement))
            has_word = has_word or before.has_finding(name, span.line, span.end_line)
            if without.is_like(before) and not has_word:
                yield f"{name}:{span.line}: {statement}"
            if without.policy == before.policy or statement.name not in SOURCES:
                continue
            for first, last, option in options_of(statement):
                is_reported = before.has_finding(name, span.line, span.line, (first, last))
                text = without_columns(source, span.line, first, last)
                if not is_reported and files.imported(name, text).is_like(before):
                    yield f"{name}:{span.line}: {option} of {statement}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.name))
def test_nothing_is_lost_silently(case: Path) -> None:
    with inside(case):
        files = Files(case, yaml.safe_load(Path("case.yaml").read_text()))
        assert list(unaccounted(files)) == []
