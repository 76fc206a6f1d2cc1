"""Plans as data, of each kind: what `timepolicy plan --format json` prints, and schemas/plan.schema.json describes."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from tests.helpers.products import PLANS
from timepolicy.resources import SCHEMAS

PLAN, CONTRACT = (json.loads((SCHEMAS / f"{name}.schema.json").read_text()) for name in ("plan", "contract"))
REGISTRY: Registry[Any] = Registry().with_resource(CONTRACT["$id"], Resource.from_contents(CONTRACT))
VALIDATOR = Draft202012Validator(PLAN, registry=REGISTRY)

HEAD = ["policy", "release", "role", "daemon", "packages", "start_unit", "contract"]


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_has_the_shape_of_its_schema(name: str) -> None:
    data = json.loads(json.dumps(PLANS[name].to_data()))
    assert [error.message for error in VALIDATOR.iter_errors(data)] == []


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        pytest.param("debian-12", ["files", "image_files"], id="agent"),
        pytest.param("debian-12-server", ["openings", "files", "image_files"], id="agent of a server"),
        pytest.param("flatcar", ["files", "links", "enable", "mask"], id="units only"),
        pytest.param("talos", ["files", "settings"], id="settings only"),
    ],
)
def test_each_kind_of_plan_has_its_own_keys_in_this_order(name: str, keys: list[str]) -> None:
    assert list(PLANS[name].to_data()) == [*HEAD, *keys]


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        pytest.param("debian-12", "contract", {}, id="agent without a contract"),
        pytest.param("debian-12", "start_unit", None, id="agent that nothing starts"),
        pytest.param("flatcar", "settings", {"hosts": ["a.example"], "boot_timeout": None}, id="units and settings"),
        pytest.param("talos", "contract", {"policy": "cluster"}, id="settings with a contract"),
    ],
)
def test_the_schema_refuses_a_mixture(name: str, key: str, value: object) -> None:
    assert list(VALIDATOR.iter_errors({**PLANS[name].to_data(), key: value}))
