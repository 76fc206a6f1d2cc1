"""cloud-config user-data (cloud-init): `write_files` lays the files, `bootcmd` queues the unit that uses them."""

import base64
from typing import Any

import yaml

from timepolicy.plan.nodeplan import File, NodePlan
from timepolicy.plan.snippets import render_snippet
from timepolicy.text.tokens import Verbatim

NAME = "cloud-config"

DEFAULT_MODE = 0o644
"""What cloud-init gives a file without `permissions`."""

HEADER = """\
#cloud-config
# timepolicy: {policy} for {release}, {role}. Change the policy, not this.
"""


def render(plan: NodePlan) -> bytes:
    """Return the document. `bootcmd` runs on every boot and before `write_files`, so it lays its unit itself."""
    first = [file for file in plan.files if file.before_network]
    document = {
        "bootcmd": [["sh", "-c", _bootcmd(plan, file)] for file in first],
        "write_files": [_write_file(file) for file in plan.files if not file.before_network],
    }
    header = HEADER.format(policy=plan.policy, release=plan.release, role=plan.role)
    return (header + _dump(document)).encode()


def _bootcmd(plan: NodePlan, file: File) -> str:
    content = Verbatim(file.content)
    return render_snippet("cloud-config/bootcmd.sh.j2", path=file.path, content=content, start_unit=plan.start_unit)


def _write_file(file: File) -> dict[str, Any]:
    entry: dict[str, Any] = {"path": str(file.path)}
    if file.mode != DEFAULT_MODE:
        entry["permissions"] = f"{file.mode:04o}"
    if file.packed:
        return entry | {"encoding": "gz+b64", "content": base64.b64encode(file.packed).decode()}
    return entry | {"content": file.content}


class _Dumper(yaml.SafeDumper):
    """YAML as people write it: texts of several lines as literal blocks, and a text that comes again as an alias."""

    def ignore_aliases(self, data: Any) -> bool:
        return not (isinstance(data, str) and "\n" in data)


def _literal(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _literal)


def _dump(document: dict[str, Any]) -> str:
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=2**31, allow_unicode=True)
