"""Bottlerocket: the part of its user-data about time, in TOML (bottlerocket.dev, settings.ntp)."""

import json
from collections.abc import Sequence

from timepolicy.distros.release import Provisioning
from timepolicy.formats._format import Format, header
from timepolicy.plan.types import SettingsPlan


def _write(plans: Sequence[SettingsPlan]) -> bytes:
    """Return the document; TOML and JSON have the same form of a list of strings."""
    (plan,) = plans
    return f"{header(plans)}[settings.ntp]\ntime-servers = {json.dumps(plan.hosts)}\n".encode()


FORMAT = Format(
    name="bottlerocket", extension="toml", plan=SettingsPlan, provisioning=Provisioning.BOTTLEROCKET, write=_write
)
