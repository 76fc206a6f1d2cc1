"""cloud-config user-data (cloud-init): `bootcmd` lays the files and queues the unit that uses them.

`bootcmd` is the first that cloud-init runs: from a local seed before there is any network, so that the agent waits for
the first route and not for cloud-init's network stage, in which `write_files` would come. It runs on every boot.
"""

from collections.abc import Sequence

from timepolicy.distros.release import Provisioning
from timepolicy.formats._format import Format, header
from timepolicy.formats._shell import laying_script
from timepolicy.formats._yaml import as_yaml
from timepolicy.plan.types import AgentPlan


def _write(plans: Sequence[AgentPlan]) -> bytes:
    """Return the document."""
    return ("#cloud-config\n" + header(plans) + as_yaml({"bootcmd": [laying_script(*plans)]})).encode()


FORMAT = Format(
    name="cloud-config", plan=AgentPlan, provisioning=Provisioning.CLOUD_INIT, takes_several=True, write=_write
)
