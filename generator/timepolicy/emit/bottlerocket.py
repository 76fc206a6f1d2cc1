"""Bottlerocket: user-data in TOML, of which settings.ntp is ours (bottlerocket.dev, settings.ntp)."""

import json

from timepolicy.catalogue.release import Provisioning
from timepolicy.plan.nodeplan import NodePlan

NAME = "bottlerocket"

PROVISIONING = frozenset({Provisioning.BOTTLEROCKET})

DOCUMENT = """\
# timepolicy: {policy} for {release}, {role}. Change the policy, not this.
[settings.ntp]
time-servers = {servers}
"""


def render(plan: NodePlan) -> bytes:
    """Return the document; a list of plain strings is written in TOML as in JSON."""
    assert plan.settings is not None, "PROVISIONING was asked first"
    servers = json.dumps(plan.settings.hosts)
    return DOCUMENT.format(policy=plan.policy, release=plan.release, role=plan.role, servers=servers).encode()
