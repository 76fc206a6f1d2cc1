"""Whether chronyd accepts a line: its directive, its arguments and the options of a source (conf.c, cmdparse.c)."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from timepolicy.configs.file_findings import MOST_ON_A_LINE, FileFinding, loss, report
from timepolicy.configs.statement import Statement, Word
from timepolicy.distros.release import Release, Version
from timepolicy.document.spelling import Vocabulary
from timepolicy.facts.chrony_options import DIRECTIVES, SOURCE_OPTIONS
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
WITHOUT_EFFECT = warning(
    "TP206",
    "chronyd accepts `{name}`, but ignores it",
    "remove the line",
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
    "the option `{option}` needs a number after it: {consequence}",
    "write the number, or remove the option",
)

COMMENT_SIGNS = "!;#%"
"""cmdparse.c, CPS_NormalizeLine."""

DIRECTIVE_NAMES, OPTION_NAMES = Vocabulary(DIRECTIVES), Vocabulary(SOURCE_OPTIONS)

SOURCES = ("server", "pool", "peer")

FATAL, IGNORED = "chronyd does not start", "chronyd ignores the line"
"""What a mistake leads to: in a .conf file, and in a .sources file."""

ARGUMENTS = {"i": "a whole number", "d": "a number", "s": "a word"}

NUMBERS = {"i": r"[+-]?[0-9].*", "d": r"[+-]?([0-9]|\.[0-9]|inf|nan).*", "s": r".*"}
"""What sscanf(3) accepts as an argument: it does not look at what follows a number."""

VALUES = {"i": r"[+-]?[0-9]+", "d": r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?", "x": r"(0x)?[0-9a-f]+"}
"""Numbers after an option or keyword: chronyd reads what follows one as the next option, which does not exist."""


def faults(statement: Statement, release: Release | None) -> Iterator[FileFinding]:
    """Yield why chronyd rejects or ignores a line of a .conf file; nothing if it applies the line."""
    name = statement.name
    directive = DIRECTIVES.get(name)
    if directive is None:
        suggestion, text = DIRECTIVE_NAMES.nearest(name), shortened(statement.words[0].text)
        yield loss(statement.words[0], UNKNOWN_DIRECTIVE, suggestion, name=text)
    elif not directive.has_effect:
        yield report(statement, WITHOUT_EFFECT, name=name)
    elif fault := _version_fault(statement.words[0], directive.since, release, FATAL):
        yield fault
    elif name in SOURCES:
        yield from source_faults(statement, release, FATAL)
    elif directive.arguments is not None:
        yield from _argument_faults(statement, directive.arguments)
    elif directive.keywords is not None:
        yield from _keyword_faults(statement, directive.keywords)


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
        elif option.value and not _is_value(option.value, next((value.text for value in words), "")):
            yield loss(word, BAD_SOURCE_VALUE, option=name, consequence=consequence)
        elif fault := _version_fault(word, option.since, release, consequence):
            yield fault


def _version_fault(word: Word, since: Version, release: Release | None, consequence: str) -> FileFinding | None:
    """A directive or option that the release's chrony does not know yet."""
    if release is None or release.chrony is None or since <= release.chrony.version:
        return None
    values = {"needed": str(since), "release": release.key, "version": str(release.chrony.version)}
    return loss(word, TOO_NEW, name=word.text, consequence=consequence, **values)


def _argument_faults(statement: Statement, arguments: str) -> Iterator[FileFinding]:
    """Arguments that are counted, each of a form of its own."""
    forms, texts = arguments.removesuffix("+"), statement.texts
    has_more = arguments.endswith("+") and len(texts) > len(forms)
    if not has_more and len(texts) > len(forms) and texts[len(forms)].startswith("#"):
        yield loss(statement.arguments[len(forms)], COMMENT_AFTER_DIRECTIVE, consequence=FATAL)
        return
    are_right = all(re.fullmatch(NUMBERS[form], text, re.IGNORECASE) for form, text in zip(forms, texts, strict=False))
    if not are_right or not (has_more or len(texts) == len(forms)):
        expected = " and ".join(ARGUMENTS[form] for form in forms) or "no argument"
        yield loss(statement, WRONG_ARGUMENTS, name=statement.name, expected=expected, consequence=FATAL)


def _keyword_faults(statement: Statement, keywords: Mapping[str, str]) -> Iterator[FileFinding]:
    """Keywords in any order, some of which have a number after them."""
    words = iter(statement.texts)
    for word in words:
        form = keywords.get(word.lower())
        if form is None or (form and not _is_value(form, next(words, ""))):
            expected = "only " + ticked(keywords, "and")
            yield loss(statement, WRONG_ARGUMENTS, name=statement.name, expected=expected, consequence=FATAL)
            return


def number_of(text: str) -> int:
    """Return a whole number as sscanf(3) reads it, which does not look at what follows the digits."""
    sign, digits = re.findall(r"^([+-]?)([0-9]{1,9})", text)[0]
    return -int(digits) if sign == "-" else int(digits)


def _is_value(form: str, text: str) -> bool:
    return re.fullmatch(VALUES[form], text, re.IGNORECASE) is not None
