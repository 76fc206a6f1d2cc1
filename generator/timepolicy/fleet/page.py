"""A fleet as one page in HTML that loads nothing from the network."""

import json
from functools import cache
from typing import TYPE_CHECKING

from timepolicy.fleet.measure import Fleet
from timepolicy.fleet.report import to_data
from timepolicy.resources import SNIPPETS

if TYPE_CHECKING:
    from jinja2 import Environment


def html_page(fleet: Fleet) -> str:
    """Return the page. No `<` in its JSON can end the element; its script sets text, never HTML."""
    encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
    nodes = ",".join(encode(node.to_data()) for node in fleet.nodes)
    data = f'{encode(to_data(fleet)).removesuffix("}")},"nodes":[{nodes}]}}'
    for character in "<>&":
        data = data.replace(character, f"\\u{ord(character):04x}")
    return _environment().get_template("fleet.html.j2").render(data=data)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(loader=FileSystemLoader(SNIPPETS / "fleet"), undefined=StrictUndefined, autoescape=True)
