"""Text files from snippets/. Only values get into one whose type excludes spaces, newlines and specifiers."""

from functools import cache
from typing import TYPE_CHECKING, Any

from timepolicy.resources import SNIPPETS
from timepolicy.tokens import Duration, Token, Verbatim

if TYPE_CHECKING:
    from jinja2 import Environment


def render_snippet(name: str, **values: Any) -> str:
    """Render the snippet `name`; raise TypeError if it prints a value that is not safe by its type."""
    return _environment().get_template(name).render(values)


def _only_safe(value: Any) -> Any:
    """Jinja2 calls this with each value that a snippet prints, but not with the snippet's own text."""
    if isinstance(value, Token | Verbatim | Duration | int):
        return value
    raise TypeError(f"{type(value).__name__} in a snippet: {value!r}")


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # only now: `rules` renders nothing

    return Environment(
        loader=FileSystemLoader(SNIPPETS),
        undefined=StrictUndefined,
        finalize=_only_safe,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,  # one process renders from one version of the snippets
        autoescape=False,  # noqa: S701  # no HTML here; _only_safe refuses unsafe values
    )
