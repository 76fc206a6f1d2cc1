"""The last stage, from plans to bytes. Each format is a module; modules with an underscore have what formats share."""

from timepolicy.distros.release import Provisioning
from timepolicy.formats import (
    boothook,
    bottlerocket,
    cloud_config,
    containerfile,
    ignition,
    kubeadmconfig,
    mime,
    rootfs,
    script,
    talos,
)
from timepolicy.formats._format import Format
from timepolicy.plan.types import AgentPlan, SettingsPlan, UnitPlan

FORMATS: dict[str, Format[AgentPlan] | Format[UnitPlan] | Format[SettingsPlan]] = {
    module.FORMAT.name: module.FORMAT
    for module in (
        *(cloud_config, mime, boothook, script, rootfs, containerfile, kubeadmconfig),
        *(ignition, bottlerocket, talos),
    )
}
"""The formats of `timepolicy render --format` by name; a node's default format is the first for its provisioning."""


def formats_for(provisioning: Provisioning) -> list[str]:
    """Return the names of the formats for nodes that are provisioned in this way, the default first."""
    return [name for name, form in FORMATS.items() if form.provisioning is provisioning]
