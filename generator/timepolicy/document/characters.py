"""Is a text fit to be parsed: its size, its encoding, and the characters that no YAML reader or person would see."""

import re
import unicodedata
from collections.abc import Iterator

from timepolicy.findings.finding import Finding, error
from timepolicy.source import LARGEST_TEXT, START, Positions, Source

NOT_UTF8 = error(
    "TP001",
    "the byte {byte} is not UTF-8",
    "save the file as UTF-8",
)
TOO_BIG = error(
    "TP002",
    "the text is larger than {limit}",
    "check that this is the right file; a policy takes a few kilobytes",
)
CONTROL_CHARACTER = error(
    "TP003",
    "{character} stands in the text",
    "remove it; it often comes with text that is copied from elsewhere",
)
BYTE_ORDER_MARK = error(
    "TP004",
    "the text begins with a byte order mark",
    "save the file as UTF-8 without BOM",
)

BOM = "\ufeff"

INVISIBLE = re.compile("[^\t\n\r -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|\r(?!\n)")
"""Characters that YAML 1.2 excludes (production 1, c-printable), and line endings that only some programs know."""

CONTROL_NAMES = {"\0": "NUL character", "\r": "carriage return without a line feed", "\x1b": "escape character"}
"""Names of control characters, which Unicode leaves without one."""


def unreadable(source: Source) -> Iterator[Finding]:
    """Yield why `source` cannot be parsed; of each kind of character the first, since a binary file is full of them."""
    if len(source.text.encode("utf-8", "surrogatepass")) > LARGEST_TEXT:
        yield Finding(rule=TOO_BIG, span=START, values={"limit": "1 MiB"})
        return
    positions = Positions(source.text)
    if source.bad_byte:
        index, byte = source.bad_byte
        yield Finding(rule=NOT_UTF8, span=positions.span(index, index + 1), values={"byte": f"0x{byte:02X}"})
    for character in dict.fromkeys(INVISIBLE.findall(source.text)):
        first = re.search("\r(?!\n)" if character == "\r" else character, source.text)
        assert first is not None, "it was found in the text"
        span = positions.span(first.start(), first.end())
        if character == BOM and first.start() == 0:
            yield Finding(rule=BYTE_ORDER_MARK, span=span)
        else:
            name = CONTROL_NAMES.get(character) or unicodedata.name(character, "control character").lower()
            values = {"character": f"the {name} U+{ord(character):04X}"}
            yield Finding(rule=CONTROL_CHARACTER, span=span, values=values)
