"""Text that could break out of a directive, a shell word or a unit is refused, at every place of a policy with text.

The places come from the schema, so that a new key is tried without a change here; a new definition needs a value in
SAMPLES.
"""

import pytest

from tests.helpers.cases import compile_text
from tests.helpers.policy_findings import validated_text
from tests.helpers.schema_walk import Place, as_text, policy_with, sample, text_places
from timepolicy.document.schema import policy_schema
from timepolicy.document.tree import dotted
from timepolicy.findings.finding import Severity
from timepolicy.formats import FORMATS

PLACES = {dotted(place): (place, sample(name, schema)) for place, name, schema in text_places(policy_schema())}

UNUSED = {"ignore[0].reason", "overrides[0].match.distro", "overrides[0].set.ignore[0].reason"}
"""Places whose text no node gets: reasons for people, and a pattern that is only compared."""

HOSTILE = {
    "newline": "\n",
    "carriage return": "\r",
    "both": "\r\n",
    "NUL": "\0",
    "tab": "\t",
    "space": " ",
    "escape": "\x1b[2J",
    "delete": "\x7f",
    "next line": "\x85",
    "line separator": "\u2028",
    "a directive": "\nallow 0.0.0.0/0\n",
    "the end of a here-document": "\nEOF\nreboot\n",
    "a unit's section": "\n[Service]\nExecStartPre=/bin/sh\n",
    "specifier": "%n",
    "percent": "%",
    "command": "$(reboot)",
    "old command": "`reboot`",
    "variable": "${IFS}",
    "single quote": "'",
    "double quote": '"',
    "backslash": "\\",
    "comment": "#",
    "comment behind a space": " # x",
    "semicolon": ";",
    "pipe": "|",
    "ampersand": "&",
    "redirection": ">/etc/passwd",
    "braces": "{{ x }}",
    "equals sign": "=",
    "comma": ",",
    "asterisk": " *",
    "Cyrillic а": "а",
    "full-width 1": "１",
    "full-width solidus": "／",
    "ideographic full stop": "。",
    "soft hyphen": "\xad",
    "zero width space": "\u200b",
    "right-to-left override": "\u202e",
    "byte order mark": "\ufeff",
    "no-break space": "\xa0",
    "half of a surrogate pair": "\ud800",
    "path upwards": "/../../etc/passwd",
    "folder above": "/..",
}


REFUSED_BY_YAML = {"half of a surrogate pair"}
"""A YAML reader treats these as an error of the whole text, so that the finding has no path."""


def with_hostile(text: str, hostile: str) -> list[str]:
    """At the start, in the middle and at the end: a missing anchor of a pattern shows in one of them."""
    return [hostile + text, text[:3] + hostile + text[3:], text + hostile]


@pytest.mark.parametrize("path", PLACES)
def test_it_is_refused_where_it_stands(path: str) -> None:
    place, right = PLACES[path]
    for what, hostile in HOSTILE.items():
        for text in with_hostile(right, hostile):
            findings = validated_text(as_text(policy_with(place, text)))[1]
            errors = {finding.path for finding in findings if finding.severity is Severity.ERROR}
            if path in UNUSED and not errors:
                assert user_data(place, text) == user_data(place, right), what
            else:
                assert errors == {"" if what in REFUSED_BY_YAML else path}, f"{what}: {text!r}"


def user_data(place: Place, text: str) -> bytes:
    plan = compile_text(as_text(policy_with(place, text)).decode())[0]
    assert plan is not None
    return FORMATS["cloud-config"].render(plan)


@pytest.mark.parametrize("path", PLACES)
def test_the_policy_around_it_is_right(path: str) -> None:
    place, right = PLACES[path]
    findings = validated_text(as_text(policy_with(place, right)))[1]
    assert not [finding for finding in findings if finding.rule.code < "TP040"]


def test_every_place_is_there() -> None:
    assert set(PLACES) > {
        "timezone",
        "upstreams[0]",
        "upstreams[0].server",
        "clients.fallback[0].max_delay",
        "gate.units[0]",
        "overrides[0].set.monitoring.textfile_dir",
        "overrides[0].set.upstreams[0].pool",
    }
    assert set(PLACES) >= UNUSED


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_keys_are_refused_too(hostile: str) -> None:
    for key in with_hostile("timezone", hostile):
        assert validated_text(as_text({**policy_with(("name",), "a"), key: "UTC"}))[1].has_errors
