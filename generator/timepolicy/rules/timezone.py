"""Rules about the timezone."""

from collections.abc import Iterator

from timepolicy.document.spelling import as_timezone
from timepolicy.facts.timezones import known_timezones
from timepolicy.findings.finding import Severity
from timepolicy.policy.model import Policy
from timepolicy.rules.rule import Violation, at, rule


@rule(
    "TP041",
    Severity.ERROR,
    "`{name}` is not in the tz database, so nodes would stay on UTC",
    "write a name that `timedatectl list-timezones` prints, such as Asia/Shanghai or UTC",
)
def unknown_timezone(policy: Policy) -> Iterator[Violation]:
    """A zone that is not in the tz database: nodes would stay on UTC."""
    if policy.timezone not in known_timezones():
        suggestion = as_timezone(policy.timezone, known_timezones())
        yield at(policy.origin("timezone"), suggestion, name=policy.timezone)
