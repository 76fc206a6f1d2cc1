"""Whether chronyd takes a line: its directive, its arguments, and the options of a source (chrony's conf.c)."""

import re
from collections.abc import Iterator

from timepolicy.configs.report import Report
from timepolicy.configs.statement import Statement, Word
from timepolicy.distros.release import Release, Version
from timepolicy.document.spelling import nearest
from timepolicy.facts.chrony_options import DIRECTIVES, SOURCE_OPTIONS, Directive
from timepolicy.facts.chrony_options import WITHOUT_EFFECT as IDLE
from timepolicy.findings import wording
from timepolicy.findings.register.imports import (
    BAD_SOURCE_VALUE,
    COMMENT_AFTER_DIRECTIVE,
    DIRECTIVE_TOO_NEW,
    UNKNOWN_DIRECTIVE,
    UNKNOWN_SOURCE_OPTION,
    WITHOUT_EFFECT,
    WRONG_ARGUMENTS,
)

COMMENT_SIGNS = "!;#%"
"""cmdparse.c, CPS_NormalizeLine."""

SOURCES = ("server", "pool", "peer")

ARGUMENTS = {"i": "a whole number", "d": "a number", "s": "a word"}

NUMBERS = {"i": r"[+-]?[0-9].*", "d": r"[+-]?([0-9]|\.[0-9]|inf|nan).*", "s": r".*"}
"""What sscanf(3) takes for one: it does not look at what follows the number."""

WHOLE_WORDS = {"i": r"[+-]?[0-9]+", "d": r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?", "x": r"(0x)?[0-9a-f]+"}
"""Numbers after an option: what follows one is read as the next option, and there is none of such a name."""

KEYWORDS: dict[str, dict[str, str]] = {
    "local": {"stratum": "i", "orphan": "", "distance": "d", "activate": "d", "waitsynced": "d", "waitunsynced": "d"},
    "log": dict.fromkeys(
        ("rawmeasurements", "measurements", "selection", "statistics", "tracking", "rtc", "refclocks", "tempcomp"), ""
    ),
    "ratelimit": {"interval": "i", "burst": "i", "leak": "i", "kod": "i"},
    "cmdratelimit": {"interval": "i", "burst": "i", "leak": "i"},
    "ntsratelimit": {"interval": "i", "burst": "i", "leak": "i"},
}
"""Directives that take keywords, each with the form of its value."""

FATAL, IGNORED = "chronyd does not start", "chronyd ignores the line"


def check_directive(statement: Statement, release: Release | None, report: Report) -> bool:
    """Return whether chronyd takes `statement` and does something about it; findings say why not."""
    name, directive = statement.name, DIRECTIVES.get(statement.name)
    if directive is None:
        suggestion = nearest(name, DIRECTIVES)
        report.word(statement, statement.words[0], UNKNOWN_DIRECTIVE, suggestion, name=statement.words[0].text)
        return False
    if name in IDLE:
        report.line(statement, WITHOUT_EFFECT, name=name)
        return False
    if _is_too_new(statement, statement.words[0], directive.since, release, report):
        return False
    if name in SOURCES:
        return check_source(statement, release, report, FATAL)
    return _check_arguments(statement, directive, report)


def check_source(statement: Statement, release: Release | None, report: Report, consequence: str) -> bool:
    """Return whether chronyd takes a source and its options."""
    if not statement.arguments:
        report.line(statement, WRONG_ARGUMENTS, name=statement.name, expected="a name or an address")
        return False
    comment = next((word for word in statement.arguments[1:] if word.text.startswith("#")), None)
    if comment:
        report.word(statement, comment, COMMENT_AFTER_DIRECTIVE)
        return False
    words = iter(statement.arguments[1:])
    taken = [_check_option(statement, word, words, release, report, consequence) for word in words]
    return all(taken)


def _check_option(  # noqa: PLR0913, PLR0917  # the place of a finding, and what it depends on
    statement: Statement,
    word: Word,
    following: Iterator[Word],
    release: Release | None,
    report: Report,
    consequence: str,
) -> bool:
    name = word.text.lower()
    option = SOURCE_OPTIONS.get(name)
    if option is None:
        suggestion = nearest(name, SOURCE_OPTIONS)
        report.word(statement, word, UNKNOWN_SOURCE_OPTION, suggestion, option=word.text, consequence=consequence)
        return False
    value = next(following, None) if option.value else None
    if option.value and (value is None or not _is_whole(option.value, value.text)):
        report.word(statement, word, BAD_SOURCE_VALUE, option=name, consequence=consequence)
        return False
    return not _is_too_new(statement, word, option.since, release, report)


def _is_too_new(statement: Statement, word: Word, since: Version, release: Release | None, report: Report) -> bool:
    if release is None or release.chrony is None or since <= release.chrony.version:
        return False
    values = {"needed": str(since), "release": release.key, "version": str(release.chrony.version)}
    report.word(statement, word, DIRECTIVE_TOO_NEW, name=word.text, **values)
    return True


def _check_arguments(statement: Statement, directive: Directive, report: Report) -> bool:
    if directive.arguments is None:
        return _check_keywords(statement, KEYWORDS.get(statement.name), report)
    forms, texts = directive.arguments.removesuffix("+"), statement.texts
    has_more = directive.arguments.endswith("+") and len(texts) > len(forms)
    if not has_more and len(texts) > len(forms) and texts[len(forms)].startswith("#"):
        report.word(statement, statement.arguments[len(forms)], COMMENT_AFTER_DIRECTIVE)
        return False
    if (has_more or len(texts) == len(forms)) and all(map(_is_form, forms, texts)):
        return True
    expected = " and ".join(ARGUMENTS[form] for form in forms) or "no argument"
    report.line(statement, WRONG_ARGUMENTS, name=statement.name, expected=expected)
    return False


def _is_form(form: str, text: str) -> bool:
    return re.fullmatch(NUMBERS[form], text, re.IGNORECASE) is not None


def _is_whole(form: str, text: str) -> bool:
    return re.fullmatch(WHOLE_WORDS[form], text, re.IGNORECASE) is not None


def _check_keywords(statement: Statement, keywords: dict[str, str] | None, report: Report) -> bool:
    """Keywords, some of which have a number after them."""
    words = iter(statement.texts)
    for word in words if keywords is not None else ():
        form = keywords.get(word.lower()) if keywords is not None else None
        if form is None or (form and not _is_whole(form, next(words, ""))):
            expected = "only " + wording.ticked(keywords or (), "and")
            report.line(statement, WRONG_ARGUMENTS, name=statement.name, expected=expected)
            return False
    return True
