"""Ignition configuration, specification 3.4, for Fedora CoreOS and Flatcar."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from timepolicy.distros.release import Provisioning
from timepolicy.formats._format import Format
from timepolicy.plan.files import UNIT_FOLDER
from timepolicy.plan.types import UnitPlan


def _write(plans: Sequence[UnitPlan]) -> bytes:
    """Return the document. Units are under `systemd`, so that Ignition enables and masks them; the rest are files."""
    (plan,) = plans
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
    document = {
        "ignition": {"version": "3.4.0"},
        "storage": {"files": files, "links": links},
        "systemd": {"units": list(units.values())},
    }
    return (json.dumps(document, indent=2) + "\n").encode()


FORMAT = Format(name="ignition", extension="ign", plan=UnitPlan, provisioning=Provisioning.IGNITION, write=_write)
