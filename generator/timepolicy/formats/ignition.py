"""Ignition configuration: specification 3.4 for Fedora CoreOS and Flatcar, and MachineConfig objects for OpenShift."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from timepolicy.distros.release import Provisioning
from timepolicy.formats._format import Format, header
from timepolicy.formats._yaml import as_yaml
from timepolicy.plan.files import UNIT_FOLDER
from timepolicy.plan.types import UnitPlan

POOLS = ("master", "worker")
"""The pools of every OpenShift cluster; nodes of a pool of one's own take the objects of worker too."""


def _write(plans: Sequence[UnitPlan]) -> bytes:
    """Return the document."""
    (plan,) = plans
    return (json.dumps(_document(plan, "3.4.0"), indent=2) + "\n").encode()


def _write_objects(plans: Sequence[UnitPlan]) -> bytes:
    """Return an object for each pool, in YAML. Every supported OpenShift reads the specification 3.2."""
    (plan,) = plans
    objects = [
        {
            "apiVersion": "machineconfiguration.openshift.io/v1",
            "kind": "MachineConfig",
            "metadata": {
                "name": f"99-{pool}-timepolicy",
                "labels": {"machineconfiguration.openshift.io/role": pool},
            },
            "spec": {"config": _document(plan, "3.2.0")},
        }
        for pool in POOLS
    ]
    return (header(plans) + "---\n".join(map(as_yaml, objects))).encode()


def _document(plan: UnitPlan, version: str) -> dict[str, Any]:
    """The configuration. Units are under `systemd`, so that they are enabled and masked; the rest are files."""
    files: list[dict[str, Any]] = []
    units: dict[str, dict[str, Any]] = {}  # by name
    for file in plan.files:
        if not file.path.startswith(f"{UNIT_FOLDER}/"):
            source = f"data:,{quote(file.content)}"
            files.append({"path": file.path, "mode": file.mode, "overwrite": True, "contents": {"source": source}})
            continue
        name, _, drop_in = file.path.removeprefix(f"{UNIT_FOLDER}/").partition(".d/")
        unit = units.setdefault(name, {"name": name})
        if drop_in:
            unit.setdefault("dropins", []).append({"name": drop_in, "contents": file.content})
        else:
            unit["contents"] = file.content
    for name in plan.enable:
        units.setdefault(name, {"name": name})["enabled"] = True
    for name in plan.mask:
        units.setdefault(name, {"name": name})["mask"] = True
    links = [{"path": path, "target": target, "overwrite": True} for path, target in plan.links]
    return {
        "ignition": {"version": version},
        "storage": {"files": files, **({"links": links} if links else {})},
        "systemd": {"units": list(units.values())},
    }


FORMAT = Format(name="ignition", extension="ign", plan=UnitPlan, provisioning=Provisioning.IGNITION, write=_write)
MACHINE_CONFIG = Format(
    name="machineconfig",
    extension="machineconfig.yaml",
    plan=UnitPlan,
    provisioning=Provisioning.MACHINE_CONFIG,
    write=_write_objects,
)
