"""Which rules a policy breaks: every rule about its meaning, in one run."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

from timepolicy.document.tree import Value
from timepolicy.findings.finding import Finding
from timepolicy.policy.model import Policy
from timepolicy.rules import (
    addresses,
    authentication,
    clocks,
    extra,
    gate,
    monitoring,
    overrides,
    presets,
    releases,
    servers,
    sources,
    timezone,
)
from timepolicy.rules.rule import CheckedRule

POLICY_MODULES = (timezone, sources, addresses, servers, gate, authentication, presets, clocks, monitoring)
"""The modules with rules about the policy of one kind of node, with overrides merged and defaults filled in."""

DOCUMENT_MODULES = (releases, extra, overrides)
"""The modules with rules about the whole document, which are checked once for all nodes."""


def check(policy: Policy) -> Iterator[Finding]:
    """Yield what is wrong with `policy`."""
    for rule in _rules(POLICY_MODULES):
        yield from rule.findings(policy)


def check_document(document: Value) -> Iterator[Finding]:
    """Yield what is wrong with `document`, which has the shape of a policy, for all nodes."""
    for rule in _rules(DOCUMENT_MODULES):
        yield from rule.findings(document)


def _rules(modules: tuple[ModuleType, ...]) -> Iterator[CheckedRule[Any]]:
    return (value for module in modules for value in vars(module).values() if isinstance(value, CheckedRule))
