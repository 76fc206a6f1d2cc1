"""The blocks of the pages in docs/."""

import re
from collections.abc import Iterator
from pathlib import Path

BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)


def blocks(page: Path) -> Iterator[tuple[str, str, str]]:
    """The language, the name or nothing, and the text of each block."""
    yield from BLOCK.findall(page.read_text())


def needs(text: str) -> str | None:
    """What a block needs that its first line names, as in `# needs a cluster`."""
    found = re.match(r"# needs (.+)\n", text)
    return found[1] if found else None
