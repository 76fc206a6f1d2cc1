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
