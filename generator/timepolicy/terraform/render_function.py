"""The function `provider::timepolicy::render`."""

from typing import Any

from tf.function import CallContext, Function, FunctionSignature, Parameter, Return
from tf.types import String

from timepolicy.compiler import compile_policy
from timepolicy.findings.forms.text import render_text
from timepolicy.request import Request, RequestError, role_named
from timepolicy.source import Source
from timepolicy.terraform.diagnostics import preformatted


class Render(Function):
    """Compiles the text of a policy: a pure function, as Terraform requires, so `file()` reads the policy."""

    def __init__(self, provider: Any) -> None:
        self.provider = provider

    @classmethod
    def get_name(cls) -> str:
        """Return the function's name."""
        return "render"

    @classmethod
    def get_signature(cls) -> FunctionSignature:
        """Return the parameters and what comes back."""
        return FunctionSignature(
            parameters=[
                Parameter("policy", String(), "The policy as text."),
                Parameter(
                    "distro", String(), "The distribution release; null for all that the policy names.", None, True
                ),
                Parameter("role", String(), "What the node is for: `client` or `server`."),
            ],
            return_type=Return(String()),
            summary="Compile a policy into user-data.",
        )

    def call(self, ctx: CallContext, arguments: list[Any]) -> str | None:
        """Return the user-data; None, with one error that contains all findings, where there is none."""
        policy, distro, role = arguments
        source = Source.decode("policy", policy.encode())
        try:
            result = compile_policy(source, Request(distro=distro, role=role_named(role)))
        except RequestError as error:
            ctx.diagnostics.add_error(f"{error.parameter}: {error}")
            return None
        if result.value is None:
            text = render_text(result.findings, source)
            ctx.diagnostics.add_error("\n" + preformatted(text.splitlines()))
            return None
        return result.value.content.decode()
