"""One POSIX shell script that lays a plan, for any provisioner; with `--root FOLDER` into a tree.

A machine that it runs on may become an image, so that it has what images have besides.
"""

from timepolicy.distros.release import Provisioning
from timepolicy.formats._shell import image_script
from timepolicy.plan.types import NodePlan

NAME = "script"

PROVISIONING = frozenset({Provisioning.CLOUD_INIT})

TAKES_SEVERAL = True


def render(*plans: NodePlan) -> bytes:
    """Return the script."""
    return image_script(*plans).encode()
