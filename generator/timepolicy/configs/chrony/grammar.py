"""Whether chronyd accepts a line: its directive, its arguments and the options of a source (conf.c, cmdparse.c)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address
from itertools import islice

from timepolicy.configs.file_findings import MOST_ON_A_LINE, FileFinding, loss, report
from timepolicy.configs.statement import Statement, Word
from timepolicy.distros.release import Release, Version
from timepolicy.document.spelling import Vocabulary
from timepolicy.facts.chrony_options import DIRECTIVES, LARGEST, RANGES_CHECKED, SOURCE_OPTIONS, Directive, Option
from timepolicy.findings.finding import error, warning
from timepolicy.findings.wording import shortened, ticked

UNKNOWN_DIRECTIVE = error(
    "TP204",
    "no version of chrony has the directive `{name}`: chronyd does not start",
    "correct the spelling or remove the line",
)
TOO_NEW = error(
    "TP205",
    "`{name}` needs chrony {needed}, but {release} has {version}: {consequence}",
    "remove it, or use a release with chrony {needed}",
)
STARTS_WITH_MARK = error(
    "TP263",
    "the file begins with a byte order mark (U+FEFF), which is part of the first word: chronyd does not start",
    "save the file as UTF-8 without a byte order mark",
)
WITHOUT_EFFECT = warning(
    "TP206",
    "chronyd accepts `{name}`, but ignores it",
    "remove it",
)
WRONG_ARGUMENTS = error(
    "TP207",
    "`{name}` accepts {expected}: {consequence}",
    "correct the arguments; chrony.conf(5) describes them",
)
COMMENT_AFTER_DIRECTIVE = error(
    "TP208",
    "a comment after a directive is read as arguments: {consequence}",
    "move the comment to a line of its own",
)
UNKNOWN_SOURCE_OPTION = error(
    "TP209",
    "no version of chrony has the option `{option}` for sources: {consequence}",
    "correct the spelling or remove the option",
)
BAD_SOURCE_VALUE = error(
    "TP210",
    "the option `{option}` needs {expected} after it: {consequence}",
    "correct the value, or remove the option",
)

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"

COMMENT_SIGNS = "!;#%"
"""cmdparse.c, CPS_NormalizeLine."""

DIRECTIVE_NAMES, OPTION_NAMES = Vocabulary(DIRECTIVES), Vocabulary(SOURCE_OPTIONS)

SOURCES = ("server", "pool", "peer")

FATAL, IGNORED = "chronyd does not start", "chronyd ignores the line"
"""What a mistake leads to: in a .conf file, and in a .sources file."""

ARGUMENTS = {
    "i": "a whole number",
    "d": "a number",
    "s": "a word",
    "a": "an IP address",
    "p": "an IP address or a path",
}

NUMBERS = {"i": r"[+-]?[0-9].*", "d": r"[+-]?([0-9]|\.[0-9]|inf|nan).*"}
"""What sscanf(3) accepts as an argument: it does not look at what follows the last number."""

VALUES = {
    "i": r"[+-]?[0-9]+",
    "d": r"[+-]?(([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?|inf|nan)",
    "x": r"(0x)?[0-9a-f]+",
    "r": r".{1,4}",
}
"""Values after an option or keyword: chronyd reads what follows one as the next option, which does not exist."""

MOST_LISTED = 8
"""Keywords that a message lists; of more, it names the wrong one."""

LONGEST_NUMBER = 11
"""Characters of a number that can be within limits."""

MOST_DIRECTORIES = 10
"""conf.c, MAX_CONF_DIRS."""


def faults(statement: Statement, release: Release | None) -> Iterator[FileFinding]:
    """Yield why chronyd rejects or ignores a line of a .conf file; nothing if it applies the line."""
    name = statement.name
    directive = DIRECTIVES.get(name)
    if statement.words[0].text.startswith(BYTE_ORDER_MARK):
        yield loss(statement.words[0], STARTS_WITH_MARK)
    elif directive is None:
        suggestion, text = DIRECTIVE_NAMES.nearest(name), shortened(statement.words[0].text)
        yield loss(statement.words[0], UNKNOWN_DIRECTIVE, suggestion, name=text)
    elif not directive.has_effect:
        yield report(statement, WITHOUT_EFFECT, name=name)
    elif fault := _version_fault(statement.words[0], directive.since, release, FATAL):
        yield fault
    elif name in SOURCES:
        yield from source_faults(statement, release, FATAL)
    elif directive.arguments is not None or directive.keywords is not None:
        yield from _argument_faults(statement, directive, release)


def source_faults(statement: Statement, release: Release | None, consequence: str) -> Iterator[FileFinding]:
    """Yield why chronyd rejects a `server`, `pool` or `peer`; `consequence` is what that leads to in this file."""
    if not statement.arguments:
        values = {"name": statement.name, "expected": "a name or an address"}
        yield loss(statement, WRONG_ARGUMENTS, consequence=consequence, **values)
    comment = next((word for word in statement.arguments[1:] if word.text.startswith("#")), None)
    if comment:
        yield loss(comment, COMMENT_AFTER_DIRECTIVE, consequence=consequence)
    else:
        yield from islice(_option_faults(statement, release, consequence), MOST_ON_A_LINE)


def _option_faults(statement: Statement, release: Release | None, consequence: str) -> Iterator[FileFinding]:
    words = iter(statement.arguments[1:])
    for word in words:
        name = word.text.lower()
        option = SOURCE_OPTIONS.get(name)
        if option is None:
            values = {"option": shortened(word.text), "consequence": consequence}
            yield loss(word, UNKNOWN_SOURCE_OPTION, OPTION_NAMES.nearest(name), **values)
        elif option.value and not _is_value(option, next((value.text for value in words), ""), release):
            yield loss(word, BAD_SOURCE_VALUE, option=name, expected=_expected(option), consequence=consequence)
        elif fault := _version_fault(word, option.since, release, consequence):
            yield fault


def _version_fault(word: Word, since: Version, release: Release | None, consequence: str) -> FileFinding | None:
    """A directive or option that the release's chrony does not know yet."""
    if release is None or release.chrony is None or since <= release.chrony.version:
        return None
    values = {"needed": str(since), "release": release.key, "version": str(release.chrony.version)}
    return loss(word, TOO_NEW, name=word.text, consequence=consequence, **values)


def _argument_faults(statement: Statement, directive: Directive, release: Release | None) -> Iterator[FileFinding]:
    """Arguments that are counted, each of a form of its own, and the keywords after them."""
    forms = (directive.arguments or "").split("|")
    words = statement.arguments
    fitting = next((form for form in forms if _fits(form, statement.texts, directive)), None)
    count = len(fitting or forms[0])
    comment = next((word for word in words[count:] if word.text.startswith("#")), None)
    if comment and not (fitting and fitting.endswith(("+", "*"))):
        yield loss(comment, COMMENT_AFTER_DIRECTIVE, consequence=FATAL)
    elif fitting is None or (statement.name == "confdir" and len(words) > MOST_DIRECTORIES):
        expected = " and ".join(_form(form, directive) for form in forms[0].rstrip("+*")) or "no argument"
        yield loss(statement, WRONG_ARGUMENTS, name=statement.name, expected=expected, consequence=FATAL)
    elif directive.limits and not all(
        _is_within(text, directive.limits, RANGES_CHECKED, release)
        for form, text in zip(fitting.replace("*", "i" * len(words)), statement.texts, strict=False)
        if form == "i"
    ):
        expected = _range(directive.limits)
        yield loss(statement, WRONG_ARGUMENTS, name=statement.name, expected=expected, consequence=FATAL)
    elif directive.keywords is not None:
        yield from _keyword_faults(statement, words[count:], directive.keywords, release)


def _fits(forms: str, texts: Sequence[str], directive: Directive) -> bool:
    """Whether arguments have the forms of `Directive.arguments`; keywords may follow them."""
    if forms.endswith("*"):
        return all(_is_argument(forms[0], text, directive) for text in texts)
    counted = forms.removesuffix("+")
    has_rest = forms.endswith("+") or directive.keywords is not None
    return (
        len(texts) >= len(counted)
        and (has_rest or len(texts) == len(counted))
        and all(_is_argument(form, text, directive) for form, text in zip(counted, texts, strict=False))
        and all(
            re.fullmatch(VALUES[form], text, re.IGNORECASE)
            for form, following, text in zip(counted, counted[1:], texts, strict=False)
            if {form, following} <= {"i", "d"}
        )
    )


def _is_argument(form: str, text: str, directive: Directive) -> bool:
    if form == "w":
        return text.lower() in directive.words
    if form == "p" and text.startswith("/"):
        return True
    if form in "ap":
        return is_address(text)
    return form == "s" or re.fullmatch(NUMBERS[form], text, re.IGNORECASE) is not None


def _form(form: str, directive: Directive) -> str:
    return ticked(directive.words, "or") if form == "w" else ARGUMENTS[form]


def _keyword_faults(
    statement: Statement, keywords: Sequence[Word], known: Mapping[str, Option], release: Release | None
) -> Iterator[FileFinding]:
    """Keywords in any order, some of which have a value after them; chronyd stops at the first that is wrong."""
    words = iter(keywords)
    for word in words:
        option = known.get(word.text.lower())
        values = {"name": statement.name, "consequence": FATAL}
        if option is None:
            expected = f"no `{shortened(word.text)}`" if len(known) > MOST_LISTED else "only " + ticked(known, "and")
            suggestion = Vocabulary(known).nearest(word.text.lower())
            yield loss(word, WRONG_ARGUMENTS, suggestion, expected=expected, **values)
            return
        if option.value and not _is_value(option, next((value.text for value in words), ""), release):
            yield loss(word, WRONG_ARGUMENTS, expected=f"{_expected(option)} after `{word.text}`", **values)
            return
        if fault := _version_fault(word, option.since, release, FATAL):
            yield fault
            return


def number_of(text: str) -> int:
    """Return a whole number as sscanf(3) reads it, which does not look at what follows the digits."""
    sign, digits = re.findall(r"^([+-]?)([0-9]{1,9})", text)[0]
    return -int(digits) if sign == "-" else int(digits)


def is_number(text: str) -> bool:
    """Return whether `text` is a number and nothing else."""
    return re.fullmatch(VALUES["d"], text, re.IGNORECASE) is not None


def is_address(text: str) -> bool:
    """Return whether `text` is an IP address for inet_pton(3), which knows no zone."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _is_value(option: Option, text: str, release: Release | None) -> bool:
    if option.value == "w":
        return text.lower() in option.words
    if re.fullmatch(VALUES[option.value], text, re.IGNORECASE) is None:
        return False
    return option.limits is None or _is_within(text, option.limits, option.checked_since, release)


def _is_within(text: str, limits: tuple[int, int], since: Version, release: Release | None) -> bool:
    """Whether chronyd accepts a whole number, of this size; one older than `since` looks at its first digits only."""
    if release and release.chrony and release.chrony.version < since:
        return True
    if not re.fullmatch(VALUES["i"], text):
        return False
    number = int(text) if len(text) <= LONGEST_NUMBER else LARGEST + 1
    if limits[1] > LARGEST and number < 0:  # read as an unsigned number
        number += 2**32
    return limits[0] <= number <= limits[1]


def _expected(option: Option) -> str:
    """What a value must be, in words."""
    if option.value == "r":
        return "a word of at most 4 characters"
    if option.value == "w":
        return ticked(option.words, "or")
    return _range(option.limits) if option.limits else ARGUMENTS.get(option.value, "a hexadecimal number")


def _range(limits: tuple[int, int]) -> str:
    lowest, highest = limits
    return f"a whole number of {lowest} or more" if highest >= LARGEST else f"a whole number from {lowest} to {highest}"
