"""Cluster API: a KubeadmConfigTemplate that installs the plan and waits for the clock before kubeadm runs.

The bootstrap provider turns it into cloud-init user-data: `files` become write_files, and `preKubeadmCommands` come in
runcmd right before kubeadm. That is after network-online.target, so that the commands wait themselves.
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
"""In memory, since it is needed once, when the node joins."""

LONGEST_CONTENT = 10240
"""Characters in an entry of `files` (bootstrap/kubeadm/api, File.content); further entries append to the same file."""

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


def _files(script: str) -> Iterator[dict[str, Any]]:
    """The entries of `files`: whole lines of the script, as many as one entry holds."""
    entry: dict[str, Any] = {"path": SCRIPT, "owner": "root:root", "permissions": "0700"}
    content = ""
    for line in script.splitlines(keepends=True):
        if len(content) + len(line) > LONGEST_CONTENT:
            yield {**entry, "content": content}
            entry["append"], content = True, ""
        content += line
    yield {**entry, "content": content}


FORMAT = Format(
    name="kubeadmconfig",
    extension="kubeadmconfig.yaml",
    plan=AgentPlan,
    provisioning=Provisioning.CLOUD_INIT,
    write=_write,
)
