"""The world of a scenario, read from its YAML."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.boot.lab.name_service import NamePlan
from tests.boot.lab.ntp_server import Behaviour, Course
from tests.boot.lab.record import record
from tests.boot.lab.world import DEFAULT_NAMES, WorldPlan


def course(raw: Mapping[str, Any] | None) -> Course:
    """Turn a server's first behaviour and its changes into steps."""
    values = dict(raw or {})
    later, silent_for_s = values.pop("later", []), values.pop("silent_for_s", 0)
    behaviour = record(Behaviour, values)
    steps = [(float(silent_for_s), behaviour)]
    if silent_for_s:
        steps.insert(0, (0.0, replace(behaviour, silent=True)))
    for change in later:
        behaviour = replace(behaviour, **{key: value for key, value in change.items() if key != "after_s"})
        steps.append((float(change["after_s"]), behaviour))
    return Course(tuple(steps))


def read_world(raw: dict[str, Any]) -> WorldPlan:
    """Read the keys of a world."""
    names = NamePlan(
        names={**DEFAULT_NAMES, **raw.pop("names", {})},
        dead_s=math.inf if raw.get("dns_dead_s") == "forever" else float(raw.get("dns_dead_s", 0)),
        dhcp_ntp_servers=raw.pop("dhcp_ntp_servers", ()),
    )
    raw.pop("dns_dead_s", None)
    plan = WorldPlan(names=names, chronyds=raw.pop("chronyds", ()))
    if "servers" in raw:
        servers = {address: course(server) for address, server in raw.pop("servers").items()}
        plan = replace(plan, servers=servers)
    if raw:
        raise ValueError(f"unknown in world: {', '.join(raw)}")
    return plan
