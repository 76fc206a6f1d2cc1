"""Text files from snippets/. Only values whose type keeps blanks, newlines and specifiers out get into one."""

from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from timepolicy.resources import SNIPPETS
from timepolicy.tokens import Duration, Token, Verbatim


def render_snippet(name: str, **values: Any) -> str:
    """Fill the snippet `name`; raise TypeError if it prints a value that is not safe by its type."""
    return _environment().get_template(name).render(values)


def _only_safe(value: Any) -> Any:
    """Jinja2 calls this with each value that a snippet prints, the snippet's own text excepted."""
    if isinstance(value, Token | Verbatim | Duration | int):
        return value
    raise TypeError(f"{type(value).__name__} in a snippet: {value!r}")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(SNIPPETS),
        undefined=StrictUndefined,
        finalize=_only_safe,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  # no HTML here; _only_safe is what keeps values harmless
    )
