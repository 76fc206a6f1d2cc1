"""Bottlerocket: user-data in TOML, of which settings.ntp is ours (bottlerocket.dev, settings.ntp)."""

import json
from collections.abc import Sequence

from timepolicy.distros.release import Provisioning
from timepolicy.formats._format import Format, header
from timepolicy.plan.types import SettingsPlan

_DOCUMENT = """\
{header}[settings.ntp]
time-servers = {servers}
"""


def _write(plans: Sequence[SettingsPlan]) -> bytes:
    """Return the document; a list of plain strings is written in TOML as in JSON."""
    (plan,) = plans
    servers = json.dumps(plan.hosts)
    return _DOCUMENT.format(header=header(plans), servers=servers).encode()


FORMAT = Format(name="bottlerocket", plan=SettingsPlan, provisioning=Provisioning.BOTTLEROCKET, write=_write)
