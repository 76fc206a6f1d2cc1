"""The policy's reference: current, complete, and its examples right."""

from typing import Any

import pytest
import yaml

from tests.helpers.cases import ROOT
from tests.helpers.command_line import timepolicy
from tests.helpers.golden_files import assert_golden
from timepolicy.document.schema import policy_schema, policy_validator

PAGE = ROOT / "docs/policy.md"
EXAMPLES = [(name, value) for name, part in policy_schema()["properties"].items() for value in part["examples"]]


def test_the_page_is_what_the_schema_says(update_golden: bool) -> None:
    done = timepolicy("schema", "--format", "markdown")
    assert (done.returncode, done.stderr) == (0, b"")
    assert_golden(PAGE, done.stdout.decode(), update_golden)


@pytest.mark.parametrize(("name", "value"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_each_example_is_right_and_stands_on_the_page(name: str, value: Any) -> None:
    upstreams = [{"server": f"ntp{number}.example.org", "key": 7} for number in range(3)]
    servers = {"addresses": [f"time{number}.example.org" for number in range(3)], "key": 7}
    keys = {"keys_file": "/etc/chrony/cluster.keys"}
    policy = {"timezone": "UTC", "upstreams": upstreams, "servers": servers, "authentication": keys, name: value}
    assert list(policy_validator().iter_errors(policy)) == []
    done = timepolicy("validate", "-", text=yaml.safe_dump(policy))
    assert done.returncode == 0, done.stderr.decode()
    assert yaml.safe_dump({name: value}, sort_keys=False, width=100) in PAGE.read_text()


def keys(schema: dict[str, Any]) -> set[str]:
    """Every name that a policy may have anywhere."""
    found = set(schema.get("properties", {}))
    for value in schema.values():
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                found |= keys(part)
    return found


def test_every_key_stands_on_the_page() -> None:
    text = PAGE.read_text()
    assert [key for key in keys(policy_schema()) if f"`{key}`" not in text and f".{key}`" not in text] == []
