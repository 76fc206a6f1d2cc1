"""The schemas are complete, and the defaults in the policy's schema are those of the code."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.helpers.cases import EXAMPLE, ROOT, SERVER_EXAMPLE, agent_plan_of
from tests.helpers.json_schema import assert_valid
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.policy.role import Role

SCHEMAS = sorted((ROOT / "schemas").glob("*.schema.json"))


def load(path: Path) -> dict[str, Any]:
    data = json.loads(path.read_text())
    assert isinstance(data, dict)
    return data


def objects(schema: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every part of a schema that has properties."""
    if isinstance(schema, dict):
        if "properties" in schema and isinstance(schema["properties"], dict) and "type" in schema:
            yield where, schema
        for key, value in schema.items():
            yield from objects(value, f"{where}/{key}")


@pytest.mark.parametrize("path", SCHEMAS, ids=[path.name for path in SCHEMAS])
def test_it_is_a_schema(path: Path) -> None:
    errors = Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(load(path))
    assert [error.message for error in errors] == []


@pytest.mark.parametrize("path", SCHEMAS, ids=[path.name for path in SCHEMAS])
def test_every_property_is_described_and_no_other_is_let_in(path: Path) -> None:
    found = list(objects(load(path)))
    assert found
    for where, part in found:
        assert part["additionalProperties"] is False, where
        for name, value in part["properties"].items():
            assert value.get("description", "").endswith("."), f"{where}/{name}"


def defaults_of_the_schema() -> dict[str, Any]:
    """A policy with every default of the schema."""
    schema = load(ROOT / "schemas" / "policy.schema.json")

    def defaults(part: dict[str, Any]) -> Any:
        if "$ref" in part and "default" not in part:
            return None
        if "properties" in part:
            values = {key: defaults(value) for key, value in part["properties"].items()}
            return {key: value for key, value in values.items() if value is not None} or None
        return part.get("default")

    parts = {key: defaults(value) for key, value in schema["properties"].items()}
    return {key: value for key, value in parts.items() if value is not None}


def test_setting_every_default_changes_nothing() -> None:
    policy = {"timezone": "UTC", "upstreams": ["a.example.org", "b.example.org", "c.example.org"]}
    defaults = defaults_of_the_schema()
    common = {"version", "name", "clients", "authentication", "require_authentication", "step", "gate", "firewall"}
    assert set(defaults) == common | {"monitoring"}
    implicit, explicit = ({**policy, **more} for more in ({"clients": {"daemon": "chrony"}}, defaults))
    explicit["clients"] = {**defaults["clients"], "daemon": "chrony"}
    contracts = [agent_plan_of(json.dumps(data)).contract.to_data() for data in (implicit, explicit)]
    # a threshold that the policy states also binds the agent's first step
    assert [contract.pop("step")["threshold"] for contract in contracts] == [0.1, 1.0]
    assert [contract.pop("digest") for contract in contracts]
    assert contracts[0] == contracts[1]


@pytest.mark.parametrize("release", AGENT_RELEASES)
def test_contracts_keep_to_their_schema(release: str) -> None:
    schema = ROOT / "schemas" / "contract.schema.json"
    assert_valid(agent_plan_of(EXAMPLE.read_text(), release).contract.to_data(), schema)
    assert_valid(agent_plan_of(SERVER_EXAMPLE.read_text(), release, Role.SERVER).contract.to_data(), schema)
