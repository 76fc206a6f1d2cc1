"""Untrusted text on a terminal: its width, and forms of it without characters that a terminal would act on."""

import unicodedata
from functools import lru_cache


def width(text: str) -> int:
    """Return how many columns of a terminal `text` takes."""
    return len(text) if text.isascii() else sum(_width(character) for character in text)


def printable(text: str) -> str:
    """Return `text` with a sign one column wide for each character that a terminal would act on; tabs are kept."""
    return text if text.isprintable() else "".join(_sign(character) for character in text)


def escaped(text: str) -> str:
    r"""Return `text` on one line: a newline as \n, other control characters as \x1b or \u202e."""
    if text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode() if _is_harmful(character) else character for character in text
    )


@lru_cache(maxsize=4096)
def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


@lru_cache(maxsize=4096)
def _is_harmful(character: str) -> bool:
    """Whether `character` is invisible, moves the cursor or changes the direction of the text."""
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _sign(character: str) -> str:
    if character == "\t" or not _is_harmful(character):
        return character
    return chr(0x2400 + ord(character)) if ord(character) < ord(" ") else "\N{REPLACEMENT CHARACTER}"
