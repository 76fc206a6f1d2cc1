"""Ignition configuration, specification 3.4, for Fedora CoreOS and Flatcar."""

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from timepolicy.distros.release import Provisioning
from timepolicy.formats._format import Format
from timepolicy.plan.files import UNIT_FOLDER, File
from timepolicy.plan.types import UnitPlan


def _write(plans: Sequence[UnitPlan]) -> bytes:
    """Return the document. Units are under `systemd`, so that Ignition enables and masks them; the rest are files."""
    (plan,) = plans
    document = {
        "ignition": {"version": "3.4.0"},
        "storage": {
            "files": [_file(file) for file in plan.files if not _is_unit(file)],
            "links": [{"path": path, "target": target, "overwrite": True} for path, target in plan.links],
        },
        "systemd": {"units": list(_units(plan))},
    }
    return (json.dumps(document, indent=2) + "\n").encode()


def _file(file: File) -> dict[str, Any]:
    source = f"data:,{quote(file.content)}"
    return {"path": file.path, "mode": file.mode, "overwrite": True, "contents": {"source": source}}


def _is_unit(file: File) -> bool:
    return file.path.startswith(f"{UNIT_FOLDER}/")


def _units(plan: UnitPlan) -> Iterator[dict[str, Any]]:
    """Each unit once: its content, its drop-ins, and whether it is enabled or masked."""
    units: dict[str, dict[str, Any]] = {}
    for file in filter(_is_unit, plan.files):
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
    yield from units.values()


FORMAT = Format(name="ignition", plan=UnitPlan, provisioning=Provisioning.IGNITION, write=_write)
