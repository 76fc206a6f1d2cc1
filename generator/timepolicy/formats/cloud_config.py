"""cloud-config user-data (cloud-init): `bootcmd` lays the files and queues the unit that uses them.

`bootcmd` is the first that cloud-init runs: from a local seed before there is any network, so that the agent waits for
the first route and not for cloud-init's network stage, in which `write_files` would come. It runs on every boot.
"""

from timepolicy.distros.release import Provisioning
from timepolicy.formats._shell import header, laying_script
from timepolicy.formats._yaml import as_yaml
from timepolicy.plan.types import NodePlan

NAME = "cloud-config"

PROVISIONING = frozenset({Provisioning.CLOUD_INIT})

TAKES_SEVERAL = True


def render(*plans: NodePlan) -> bytes:
    """Return the document."""
    return ("#cloud-config\n" + header(plans) + as_yaml({"bootcmd": [laying_script(*plans)]})).encode()
