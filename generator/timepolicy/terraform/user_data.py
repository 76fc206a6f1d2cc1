"""The data source `timepolicy_user_data`."""

import base64
from typing import Any

from tf.iface import DataSource, ReadDataContext
from tf.schema import Attribute, Schema
from tf.types import Bool, List, Number, String

from timepolicy.compiler import compile_joined
from timepolicy.configs.file_findings import FileReport
from timepolicy.findings.forms.text import render_lines
from timepolicy.policy.role import Role
from timepolicy.request import Request, RequestError, role_named
from timepolicy.source import Source, read_file
from timepolicy.terraform.diagnostics import add_findings, add_request_error
from timepolicy.user_data.files import named_texts

State = dict[str, Any]

INPUTS = {
    "path": (String(), "The path of the policy. Either this or `policy`."),
    "policy": (String(), "The policy as text. Either this or `path`."),
    "distro": (
        String(),
        "The release, as `timepolicy distros` names it. By default one user-data serves all that the policy names.",
    ),
    "role": (String(), "What the node is for: `client`, the default, or `server`."),
    "format": (String(), "A format of `timepolicy render`. The default is the one of the release."),
    "strict": (Bool(), "Treat warnings as errors."),
    "gzip": (Bool(), "Compress; cloud-init decompresses it. The bytes are those of this machine's zlib."),
    "with": (
        List(String()),
        "Other user-data, as text or in base64: the product is one MIME document of it and of the policy's part.",
    ),
    "limit": (
        String(),
        "Fail where this cloud, as `timepolicy render --limit` names it, accepts less user-data.",
    ),
}
"""The attributes that a configuration may set, each with its type and description."""

OUTPUTS = {
    "user_data": (String(), "The user-data as text; null where it is binary."),
    "user_data_base64": (String(), "The user-data in base64."),
    "size": (Number(), "The size in bytes, before base64."),
    "releases": (List(String()), "The releases that the user-data is for."),
    "findings": (List(String()), "The warnings and notes about the policy and about `with`, one line each."),
    "id": (String(), "The policy's path, or `policy`."),
}
"""The attributes that the data source computes."""


class UserData(DataSource):
    """Compiles a policy each time that Terraform reads it: the same input gives the same bytes."""

    def __init__(self, provider: Any) -> None:
        self.provider = provider

    @classmethod
    def get_name(cls) -> str:
        """Return the name behind the provider's prefix."""
        return "user_data"

    @classmethod
    def get_schema(cls) -> Schema:
        """Return the attributes."""
        inputs = [Attribute(name, kind, text, optional=True) for name, (kind, text) in INPUTS.items()]
        outputs = [Attribute(name, kind, text, computed=True) for name, (kind, text) in OUTPUTS.items()]
        return Schema([*inputs, *outputs], description="The product of `timepolicy render`.")

    def read(self, ctx: ReadDataContext, config: State) -> State | None:
        """Return the state; None, with diagnostics, where there is none."""
        given = {name: value for name, value in config.items() if value not in (None, "")}
        try:
            attribute, source = _source(given)
            request = Request(
                distro=given.get("distro"),
                role=role_named(given.get("role", Role.CLIENT)),
                format=given.get("format"),
                gzip=given.get("gzip", False),
                limit=given.get("limit"),
            )
            result, reports = compile_joined(source, request, named_texts(text or "" for text in given.get("with", ())))
        except RequestError as error:
            add_request_error(error, ctx.diagnostics)
            return None
        found = [FileReport(source, result.findings), *reports]
        if given.get("strict"):
            found = [FileReport(report.source, report.findings.strict()) for report in found]
        for report in found:
            add_findings(report.findings, report.source, attribute if report is found[0] else "with", ctx.diagnostics)
        if result.value is None or any(report.findings.has_errors for report in found):
            return None
        product = result.value
        return config | {
            "id": source.name,
            "user_data": None if b"\0" in product.content else product.content.decode(),
            "user_data_base64": base64.b64encode(product.content).decode(),
            "size": len(product.content),
            "releases": product.releases,
            "findings": [
                line for report in found for line in render_lines(report.findings, report.source).splitlines()
            ],
        }


def _source(given: State) -> tuple[str, Source]:
    """The attribute that holds the policy, and its text; raise RequestError."""
    if ("policy" in given) == ("path" in given):
        raise RequestError("policy", "say where the policy is, with either `path` or `policy`")
    if "policy" in given:
        return "policy", Source.decode("policy", given["policy"].encode())
    path = given["path"]
    try:
        return "path", Source.decode(path, read_file(path))
    except (OSError, ValueError) as error:
        raise RequestError("path", f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
