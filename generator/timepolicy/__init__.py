r"""timepolicy compiles one policy into everything that a node needs to boot with the right time.

    >>> from timepolicy import Request, Source, compile_policy
    >>> text = "timezone: UTC\nupstreams: [ntp1.example.org, ntp2.example.org, ntp3.example.org]\n"
    >>> result = compile_policy(Source(name="timepolicy.yaml", text=text), Request(distro="debian-12"))
    >>> [finding.message for finding in result.findings]
    []
    >>> product = result.value
    >>> product.format, product.releases
    ('cloud-config', ['debian-12'])
    >>> product.content.splitlines()[0]
    b'#cloud-config'

`compile_policy(source, request)` returns a `Result[Product]`: `value` is None where one of `findings` is an error.
`check_policy(source)` returns what is wrong on every release that the policy names. `Source.decode(name, data)` makes a
source of bytes. A request that cannot be met at all, such as an unknown release, raises `RequestError`, a `ValueError`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from timepolicy.compiler import Product, check_policy, compile_policy
    from timepolicy.findings.finding import Finding, Severity
    from timepolicy.findings.result import Findings, Result
    from timepolicy.policy.role import Role
    from timepolicy.request import Request, RequestError
    from timepolicy.source import Source, Span

__version__ = "0.2.0"

__all__ = [
    "Finding",
    "Findings",
    "Product",
    "Request",
    "RequestError",
    "Result",
    "Role",
    "Severity",
    "Source",
    "Span",
    "check_policy",
    "compile_policy",
]

_MODULES = {
    "compiler": ("Product", "check_policy", "compile_policy"),
    "findings.finding": ("Finding", "Severity"),
    "findings.result": ("Findings", "Result"),
    "policy.role": ("Role",),
    "request": ("Request", "RequestError"),
    "source": ("Source", "Span"),
}
"""The module of each public name; it loads when the name is used, since most commands need few of them."""


def __getattr__(name: str) -> Any:
    """Return a public name (PEP 562)."""
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"timepolicy.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
