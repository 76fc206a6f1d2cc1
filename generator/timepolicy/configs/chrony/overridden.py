"""Lines that a later line of the same directive overrides: chronyd keeps the last value."""

from collections.abc import Iterator

from timepolicy.configs.chrony.configuration import ChronyConfiguration
from timepolicy.configs.file_findings import FileFinding, report
from timepolicy.facts.chrony_options import DIRECTIVES, REPEATABLE
from timepolicy.findings.finding import note

OVERRIDDEN = note(
    "TP239",
    "`{statement}` has no effect: `{other}` ({place}) overrides it",
    "remove one of the two lines",
)


def check_overridden(configuration: ChronyConfiguration) -> Iterator[FileFinding]:
    """Yield each line of a directive with one value that a later line with another value overrides."""
    last = {statement.name: statement for statement in configuration.statements}
    for statement in configuration.statements:
        other = last[statement.name]
        has_value = DIRECTIVES[statement.name].arguments != ""
        if has_value and statement.name not in REPEATABLE and statement.texts != other.texts:
            values = {"statement": statement.quote, "other": other.quote, "place": other.place_for(statement)}
            yield report(statement, OVERRIDDEN, **values)
