"""The last stage, from plans to bytes.

A module has a format, or several that differ little; modules with an underscore have what formats share.
"""

from timepolicy.distros.release import Provisioning
from timepolicy.formats import (
    boothook,
    bottlerocket,
    cloud_config,
    cluster_api,
    containerfile,
    ignition,
    mime,
    rootfs,
    script,
    talos,
)
from timepolicy.formats._format import Format
from timepolicy.plan.types import AgentPlan, SettingsPlan, UnitPlan

FORMATS: dict[str, Format[AgentPlan] | Format[UnitPlan] | Format[SettingsPlan]] = {
    form.name: form
    for form in (
        *(cloud_config.FORMAT, mime.FORMAT, boothook.FORMAT, script.FORMAT, rootfs.FORMAT, containerfile.FORMAT),
        *(cluster_api.KUBEADM, cluster_api.RKE2, cluster_api.K3S),
        *(ignition.FORMAT, ignition.MACHINE_CONFIG, bottlerocket.FORMAT, talos.FORMAT),
    )
}
"""The formats of `timepolicy render --format` by name; a node's default format is the first for its provisioning."""


def formats_for(provisioning: Provisioning) -> list[str]:
    """Return the names of the formats for nodes that are provisioned in this way, the default first."""
    return [name for name, form in FORMATS.items() if form.provisioning is provisioning]
