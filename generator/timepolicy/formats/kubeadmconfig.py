"""Cluster API: a KubeadmConfigTemplate that lays the plan and waits for the clock before kubeadm runs.

Its bootstrap provider makes cloud-init user-data of it: `files` become write_files, and `preKubeadmCommands` come in
runcmd right before kubeadm. That is after network-online.target, so that the commands wait, and not a unit's order.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from timepolicy.distros.release import Provisioning
from timepolicy.formats._format import Format, header
from timepolicy.formats._shell import install_script
from timepolicy.formats._yaml import as_yaml
from timepolicy.plan.files import GATE_UNIT
from timepolicy.plan.types import AgentPlan
from timepolicy.tokens import AbsolutePath

SCRIPT = AbsolutePath("/run/timepolicy-install.sh")
"""In memory: needed once, when the node joins."""

LONGEST_CONTENT = 10240
"""Characters of one entry of `files` (bootstrap/kubeadm/api, File.content); a longer file is appended to itself."""

HINT = """\
# Copy `files` and `preKubeadmCommands` into your own template, the commands before any others.
"""


def _write(plans: Sequence[AgentPlan]) -> bytes:
    """Return the template (bootstrap.cluster.x-k8s.io/v1beta2, Cluster API 1.11 and newer)."""
    (plan,) = plans
    commands = [f"sh {SCRIPT}", f"until systemctl is-active --quiet {GATE_UNIT}; do sleep 1; done"]
    document = {
        "apiVersion": "bootstrap.cluster.x-k8s.io/v1beta2",
        "kind": "KubeadmConfigTemplate",
        "metadata": {"name": f"{plan.policy}-{plan.release}"},
        "spec": {"template": {"spec": {"files": list(_files(install_script(*plans))), "preKubeadmCommands": commands}}},
    }
    return (header(plans) + HINT + as_yaml(document)).encode()


def _files(content: str) -> Iterator[dict[str, Any]]:
    for index, part in enumerate(_parts(content)):
        append = {"append": True} if index else {}
        yield {"path": SCRIPT, "owner": "root:root", "permissions": "0700", **append, "content": part}


def _parts(content: str) -> Iterator[str]:
    """Whole lines, as many as one entry holds."""
    part = ""
    for line in content.splitlines(keepends=True):
        if len(part) + len(line) > LONGEST_CONTENT:
            yield part
            part = ""
        part += line
    yield part


FORMAT = Format(name="kubeadmconfig", plan=AgentPlan, provisioning=Provisioning.CLOUD_INIT, write=_write)
