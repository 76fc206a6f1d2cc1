"""Rules about the timezone."""

from collections.abc import Iterator

from timepolicy.document.spelling import as_timezone
from timepolicy.facts.timezones import known_timezones
from timepolicy.findings.finding import Severity
from timepolicy.findings.wording import listed
from timepolicy.policy.model import Policy
from timepolicy.rules.rule import Violation, at, rule

AMBIGUOUS = {
    "AST": ("America/Halifax", "Asia/Riyadh"),
    "BST": ("Europe/London", "Asia/Dhaka"),
    "CDT": ("America/Chicago", "America/Havana"),
    "CST": ("Asia/Shanghai", "America/Chicago", "America/Havana"),
    "IST": ("Asia/Kolkata", "Asia/Jerusalem", "Europe/Dublin"),
    "PST": ("America/Los_Angeles", "Asia/Manila"),
}
"""Abbreviations that people write, each with the zones that use it (tz database)."""


@rule(
    "TP041",
    Severity.ERROR,
    "`{name}` is not in the tz database, so nodes would stay on UTC",
    "write a name that `timedatectl list-timezones` prints, such as Asia/Shanghai or UTC{meanings}",
)
def unknown_timezone(policy: Policy) -> Iterator[Violation]:
    """A zone that is not in the tz database: nodes would stay on UTC."""
    if policy.timezone not in known_timezones():
        zones = AMBIGUOUS.get(policy.timezone.upper())
        suggestion = None if zones else as_timezone(policy.timezone, known_timezones())
        meanings = f"; {policy.timezone} stands for {listed(zones)}" if zones else ""
        yield at(policy.origin("timezone"), suggestion, name=policy.timezone, meanings=meanings)
