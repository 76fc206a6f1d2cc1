"""A table as text."""

from collections.abc import Sequence


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return `rows`, the headings first, in columns that are two spaces apart; no newline at the end."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
