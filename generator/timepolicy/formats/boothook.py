"""A cloud-boothook for cloud-init alone: for whoever makes the multipart document, as Terraform's cloudinit_config."""

from collections.abc import Sequence

from timepolicy.distros.release import Provisioning
from timepolicy.formats._format import Format, header
from timepolicy.formats._shell import boothook_script
from timepolicy.plan.types import AgentPlan


def boothook(plans: Sequence[AgentPlan]) -> str:
    """Return the text of the part; its type is text/cloud-boothook."""
    return f"#cloud-boothook\n#!/bin/sh\n{header(plans)}{boothook_script(*plans)}"


def _write(plans: Sequence[AgentPlan]) -> bytes:
    return boothook(plans).encode()


FORMAT = Format(
    name="boothook",
    extension="boothook",
    plan=AgentPlan,
    provisioning=Provisioning.CLOUD_INIT,
    takes_several=True,
    write=_write,
)
