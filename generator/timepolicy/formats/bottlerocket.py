"""Bottlerocket: user-data in TOML, of which settings.ntp is ours (bottlerocket.dev, settings.ntp)."""

import json

from timepolicy.distros.release import Provisioning
from timepolicy.formats._shell import header
from timepolicy.plan.types import NodePlan

NAME = "bottlerocket"

PROVISIONING = frozenset({Provisioning.BOTTLEROCKET})

TAKES_SEVERAL = False

DOCUMENT = """\
{header}[settings.ntp]
time-servers = {servers}
"""


def render(*plans: NodePlan) -> bytes:
    """Return the document; a list of plain strings is written in TOML as in JSON."""
    (plan,) = plans
    assert plan.settings is not None, "PROVISIONING was asked first"
    servers = json.dumps(plan.settings.hosts)
    return DOCUMENT.format(header=header(plans), servers=servers).encode()
