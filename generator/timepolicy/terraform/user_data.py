"""The data source `timepolicy_user_data`."""

import base64
from typing import Any

from tf.iface import DataSource, ReadDataContext
from tf.schema import Attribute, Schema
from tf.types import Bool, List, Number, String

from timepolicy.document.decode import read_file
from timepolicy.findings.forms.text import render_lines
from timepolicy.findings.result import Findings
from timepolicy.policy.model import Role
from timepolicy.product import Product, ReadPolicy, over_limit, packed, product_for, read_text
from timepolicy.request import RequestError, role_named
from timepolicy.rules.allow import strict
from timepolicy.source import Source
from timepolicy.terraform.diagnostics import add_findings, add_request_error

State = dict[str, Any]

INPUTS = {
    "path": (String(), "The path of the policy. Either this or `policy`."),
    "policy": (String(), "The policy as text. Either this or `path`."),
    "distro": (
        String(),
        "The release, as `timepolicy distros` names it; left out, one user-data for all that the policy names.",
    ),
    "role": (String(), "What the node is for: `client`, as when left out, or `server`."),
    "format": (String(), "A format of `timepolicy render`; left out, what the release takes by itself."),
    "strict": (Bool(), "Take warnings for errors."),
    "gzip": (Bool(), "Compress; cloud-init unpacks it by itself. The bytes are those of this machine's zlib."),
    "limit": (
        String(),
        "Fail where this cloud, as `timepolicy render --limit` names it, has no room for the user-data.",
    ),
}
"""What a configuration may say: each with its type and description."""

OUTPUTS = {
    "user_data": (String(), "The user-data as text; null where it is binary."),
    "user_data_base64": (String(), "The user-data in base64."),
    "size": (Number(), "Its bytes, before base64."),
    "releases": (List(String()), "The releases that it is for."),
    "findings": (List(String()), "What was found in the policy that is no error, each in a line."),
    "id": (String(), "The policy's path, or `policy`."),
}
"""What the data source says beside its inputs."""


class UserData(DataSource):
    """Compiles a policy each time that Terraform reads it: the same policy gives the same bytes."""

    def __init__(self, provider: Any) -> None:
        self.provider = provider

    @classmethod
    def get_name(cls) -> str:
        """Return the name behind the provider's prefix."""
        return "user_data"

    @classmethod
    def get_schema(cls) -> Schema:
        """Return the attributes."""
        stated = [Attribute(name, kind, text, optional=True) for name, (kind, text) in INPUTS.items()]
        told = [Attribute(name, kind, text, computed=True) for name, (kind, text) in OUTPUTS.items()]
        return Schema([*stated, *told], description="What `timepolicy render` makes of a policy.")

    def read(self, ctx: ReadDataContext, config: State) -> State | None:
        """Return the state; None, with diagnostics, where there is none."""
        stated = {name: value for name, value in config.items() if value not in (None, "")}
        try:
            return _state(config, stated, ctx)
        except RequestError as error:
            add_request_error(error, ctx.diagnostics)
            return None


def _state(config: State, stated: State, ctx: ReadDataContext) -> State | None:
    attribute, name, text = _policy(stated)
    source, findings, document = read_text(name, text)
    made = _product((source, findings, document), stated) if document is not None else None
    content = packed(made, is_gzipped=stated.get("gzip", False)) if made else b""
    if made and "limit" in stated:
        findings.extend(over_limit(made, content, stated["limit"]))
    judged = strict(findings) if stated.get("strict") else findings
    add_findings(judged, source, attribute, ctx.diagnostics)
    if made is None or judged.has_errors:
        return None
    return config | _outputs(made, content, judged, source)


def _product(policy: ReadPolicy, stated: State) -> Product | None:
    role = role_named(stated.get("role", Role.CLIENT))
    return product_for(policy, stated.get("distro"), role, stated.get("format"))


def _outputs(made: Product, content: bytes, findings: Findings, source: Source) -> State:
    return {
        "id": source.name,
        "user_data": None if b"\0" in content else content.decode(),
        "user_data_base64": base64.b64encode(content).decode(),
        "size": len(content),
        "releases": made.releases,
        "findings": render_lines(findings, source).splitlines(),
    }


def _policy(stated: State) -> tuple[str, str, bytes]:
    """The attribute that has the policy, its name and its text."""
    if ("policy" in stated) == ("path" in stated):
        raise RequestError("policy", "say where the policy is, with either `path` or `policy`")
    if "policy" in stated:
        return "policy", "policy", stated["policy"].encode()
    path = stated["path"]
    try:
        return "path", path, read_file(path)
    except (OSError, ValueError) as error:
        raise RequestError("path", f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
