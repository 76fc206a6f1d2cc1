"""cloud-config user-data (cloud-init): `bootcmd` lays the files and queues the unit that uses them.

`bootcmd` is the first that cloud-init runs: from a local seed before there is any network, so that the agent waits for
the first route and not for cloud-init's network stage, in which `write_files` would come. It runs on every boot.
"""

from typing import Any

import yaml

from timepolicy.emit.shell import laying_script
from timepolicy.plan.nodeplan import NodePlan

NAME = "cloud-config"

HEADER = """\
#cloud-config
# timepolicy: {policy} for {release}, {role}. Change the policy, not this.
"""


def render(plan: NodePlan) -> bytes:
    """Return the document."""
    header = HEADER.format(policy=plan.policy, release=plan.release, role=plan.role)
    return (header + _dump({"bootcmd": [laying_script(plan)]})).encode()


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as literal blocks, as people write them; indented by one, since clouds limit the size."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.best_indent = 1


def _literal(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _literal)


def _dump(document: dict[str, Any]) -> str:
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=2**31, allow_unicode=True)
