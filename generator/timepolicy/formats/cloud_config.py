"""cloud-config user-data (cloud-init): `bootcmd` writes the files and queues the unit that uses them.

`bootcmd` is cloud-init's earliest stage. With a local seed it runs before there is a network, so that the agent waits
only for the first route; `write_files` would come in the network stage. It runs at every boot.
"""

from collections.abc import Sequence

from timepolicy.distros.release import Provisioning
from timepolicy.formats._format import Format, header
from timepolicy.formats._shell import boothook_script
from timepolicy.formats._yaml import as_yaml
from timepolicy.plan.types import AgentPlan


def _write(plans: Sequence[AgentPlan]) -> bytes:
    """Return the document."""
    # a module of cloud-init, which vendor-data may switch on, would write another configuration after ours
    document = {"bootcmd": [boothook_script(*plans)], "ntp": {"enabled": False}}
    return ("#cloud-config\n" + header(plans) + as_yaml(document)).encode()


FORMAT = Format(
    name="cloud-config",
    extension="yaml",
    plan=AgentPlan,
    provisioning=Provisioning.CLOUD_INIT,
    takes_several=True,
    write=_write,
)
