"""Cluster API: templates that install the plan and wait for the clock before the node joins, by kubeadm, RKE2 or k3s.

Each bootstrap provider turns its kind into cloud-init user-data: `files` become write_files, and the commands come in
runcmd right before its own. That is after network-online.target, so that the commands wait themselves.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kind:
    """A kind of bootstrap.cluster.x-k8s.io/v1beta2.

    `commands` is the key of what runs before the node joins. `longest_content` is how many characters an entry of
    `files` may have where further entries append to the same file; None without a limit, and without such a key.
    """

    name: str
    commands: str
    longest_content: int | None = None

    def write(self, plans: Sequence[AgentPlan]) -> bytes:
        """Return the template."""
        (plan,) = plans
        spec = {
            "files": list(self._files(install_script(*plans))),
            self.commands: [f"sh {SCRIPT}", f"until systemctl is-active --quiet {GATE_UNIT}; do sleep 1; done"],
        }
        document = {
            "apiVersion": "bootstrap.cluster.x-k8s.io/v1beta2",
            "kind": self.name,
            "metadata": {"name": f"{plan.policy}-{plan.release}"},
            "spec": {"template": {"spec": spec}},
        }
        hint = f"# Copy `files` and `{self.commands}` into your own template, the commands before any others.\n"
        return (header(plans) + hint + as_yaml(document)).encode()

    def _files(self, script: str) -> Iterator[dict[str, Any]]:
        """The entries of `files`: whole lines of the script, as many as one entry holds."""
        entry: dict[str, Any] = {"path": SCRIPT, "owner": "root:root", "permissions": "0700"}
        content = ""
        for line in script.splitlines(keepends=True):
            if self.longest_content and len(content) + len(line) > self.longest_content:
                yield {**entry, "content": content}
                entry["append"], content = True, ""
            content += line
        yield {**entry, "content": content}


def _format(name: str, kind: _Kind) -> Format[AgentPlan]:
    return Format(
        name=name,
        extension=f"{name}.yaml",
        plan=AgentPlan,
        provisioning=Provisioning.CLOUD_INIT,
        write=kind.write,
    )


KUBEADM = _format(
    "kubeadmconfig",
    # bootstrap/kubeadm/api, File.content; Cluster API 1.11 and newer
    _Kind(name="KubeadmConfigTemplate", commands="preKubeadmCommands", longest_content=10240),
)
RKE2 = _format("rke2config", _Kind(name="RKE2ConfigTemplate", commands="preRKE2Commands"))
K3S = _format("k3sconfig", _Kind(name="KThreesConfigTemplate", commands="preK3sCommands"))
