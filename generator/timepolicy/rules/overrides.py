"""Rules about overrides: which nodes they match, and whether their settings have an effect there."""

from collections.abc import Iterator

from timepolicy.distros import catalogue
from timepolicy.document.tree import Value
from timepolicy.findings.finding import Severity
from timepolicy.policy.overrides import overrides
from timepolicy.policy.role import Role
from timepolicy.rules.rule import Violation, at, rule
from timepolicy.source import Place


@rule(
    "TP043",
    Severity.WARNING,
    "`{pattern}` matches no release, so this override has no effect",
    "compare the pattern with the names that `timepolicy distros` lists",
)
def override_matches_nothing(document: Value) -> Iterator[Violation]:
    """A pattern that matches no release in the catalogue."""
    for index, override in enumerate(overrides(document)):
        pattern = override.get("match", "distro")
        if pattern and not catalogue.matching(str(pattern.data)):
            place = Place(path=f"overrides[{index}].match.distro", span=pattern.span)
            yield at(place, pattern=str(pattern.data))


@rule(
    "TP044",
    Severity.WARNING,
    "this override has no effect: {reason}",
    "{advice}",
)
def override_for_no_node(document: Value) -> Iterator[Violation]:
    """An override for releases that `distros` does not name, or for servers of a policy that has none."""
    settings = [document, *(override.at(("set",)) for override in overrides(document))]
    has_servers = any(setting.get("servers") for setting in settings)
    named = {str(item.data) for item in document.entries("distros")}
    for index, override in enumerate(overrides(document)):
        place = f"overrides[{index}].match"
        pattern, role = override.get("match", "distro"), override.get("match", "role")
        matching = {target.key for target in catalogue.matching(str(pattern.data))} if pattern else set()
        if pattern and named and matching and not matching & named:
            reason = f"`{pattern.data}` matches no release in `distros`"
            advice = "correct the pattern, or add the releases to `distros`"
            yield at(Place(path=f"{place}.distro", span=pattern.span), reason=reason, advice=advice)
        if role and role.data == Role.SERVER and not has_servers:
            reason = "the policy has no `servers`, so no node is a server"
            yield at(Place(path=f"{place}.role", span=role.span), reason=reason, advice="add `servers`, or remove it")


@rule(
    "TP164",
    Severity.ERROR,
    "`{key}` is for clients, but this override matches only servers, where it has no effect",
    "remove it, or match clients",
)
def client_key_for_servers(document: Value) -> Iterator[Violation]:
    """A key of `clients` in an override for servers. `daemon` is accepted: servers use chrony anyway."""
    for index, override in enumerate(overrides(document)):
        role = override.get("match", "role")
        clients = override.get("set", "clients")
        if clients and role and role.data == Role.SERVER:
            for key, value in clients.children():
                if key != "daemon":
                    yield at(Place(path=f"overrides[{index}].set.clients.{key}", span=value.span), key=str(key))
