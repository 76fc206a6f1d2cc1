"""One POSIX shell script that lays a plan, for any provisioner; with `--root FOLDER` into a tree."""

from timepolicy.catalogue.release import Provisioning
from timepolicy.emit.shell import install_script
from timepolicy.plan.nodeplan import NodePlan

NAME = "script"

PROVISIONING = frozenset({Provisioning.CLOUD_INIT})

TAKES_SEVERAL = True


def render(*plans: NodePlan) -> bytes:
    """Return the script."""
    return install_script(*plans).encode()
