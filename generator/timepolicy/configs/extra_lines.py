"""A line of `extra` in a policy, judged as the same line of its daemon's file is judged."""

from dataclasses import dataclass

from timepolicy.configs.chrony.grammar import TOO_NEW, faults
from timepolicy.configs.statement import Statement, words_of
from timepolicy.configs.timesyncd.configuration import KEY_NAMES, UNKNOWN_SETTING
from timepolicy.configs.timesyncd.time_spans import is_time_span
from timepolicy.distros.release import DaemonName, Release
from timepolicy.facts.chrony_options import REPEATABLE
from timepolicy.facts.decided_directives import DECIDED_OF_CHRONY, DECIDED_OF_TIMESYNCD, Decision
from timepolicy.facts.timesyncd_settings import SETTING_SINCE
from timepolicy.findings.wording import shortened
from timepolicy.source import Source


@dataclass(frozen=True, slots=True)
class LineFault:
    """Why a daemon rejects or ignores a line, how to correct it, and the corrected line if it is known."""

    reason: str
    correction: str
    line: str | None


def name_of(daemon: DaemonName, line: str) -> str:
    """Return the directive or the setting of a line, as its daemon compares it."""
    return _statement(line).name if daemon is DaemonName.CHRONY else line.partition("=")[0]


def decision_about(daemon: DaemonName, line: str) -> Decision | None:
    """Return what decides the directive instead of the line; None if nothing does."""
    decided = DECIDED_OF_CHRONY if daemon is DaemonName.CHRONY else DECIDED_OF_TIMESYNCD
    return decided.get(name_of(daemon, line))


def overrides_earlier(daemon: DaemonName, line: str) -> bool:
    """Return whether the line takes the place of lines before it with the same name."""
    return daemon is DaemonName.TIMESYNCD or name_of(daemon, line) not in REPEATABLE


def fault_of(daemon: DaemonName, line: str) -> LineFault | None:
    """Return the first reason why no release's daemon applies the line; None if one does."""
    if daemon is DaemonName.TIMESYNCD:
        return _timesyncd_fault(line)
    for fault in faults(_statement(line), None):
        finding = fault.finding
        corrected = None
        if finding.suggestion is not None:
            span = finding.span
            corrected = line[: span.column - 1] + finding.suggestion + line[span.end_column - 1 :]
        return LineFault(finding.message, finding.help, corrected)
    return None


def newer_than_chrony(line: str, release: Release) -> dict[str, str] | None:
    """Return the word of a line that the release's chrony does not know yet: its name, and the version needed."""
    found = (fault.finding for fault in faults(_statement(line), release))
    return next((dict(finding.values) for finding in found if finding.rule is TOO_NEW), None)


def newer_than_systemd(line: str, release: Release) -> int | None:
    """Return the systemd that the setting of a line needs; None if the release has it."""
    since = SETTING_SINCE.get(name_of(DaemonName.TIMESYNCD, line), 0)
    return since if since > release.systemd else None


def _statement(line: str) -> Statement:
    source = Source(name="", text=line)
    return Statement(source, words_of(source, line, 1))


def _timesyncd_fault(line: str) -> LineFault | None:
    key, _, value = line.partition("=")
    if key not in SETTING_SINCE:
        nearest = KEY_NAMES.nearest(key)
        message = UNKNOWN_SETTING.message.format(key=shortened(key))
        return LineFault(message, UNKNOWN_SETTING.help, f"{nearest}={value}" if nearest else None)
    if not is_time_span(value):
        reason = f"systemd-timesyncd ignores `{shortened(value)}`, which is no time span"
        return LineFault(reason, "write a number and a unit, such as 5s or 10min", None)
    return None
