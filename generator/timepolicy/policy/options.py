"""The options of a time source, with the defaults of the policy language (schemas/policy.schema.json, source)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from timepolicy.tokens import Duration

NTP_PORT = 123
"""RFC 5905, section 7.2: UDP."""

NTS_PORT = 4460
"""RFC 8915, section 7.1: TCP, for the key exchange."""

POOL_SOURCES = 4
"""How many addresses of a pool chronyd uses by default (chrony.conf(5), maxsources)."""

DURATIONS = ("min_poll", "max_poll", "max_delay")


class Family(StrEnum):
    """A family of addresses."""

    IPV4 = "ipv4"
    IPV6 = "ipv6"


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceOptions:
    """What a policy sets for a source besides its host. None leaves a value to the daemon.

    `explicit` has the names of the options that the policy sets, even to their defaults: a daemon gets a directive for
    these, and refuses those that it does not have.
    """

    port: int = NTP_PORT
    iburst: bool = True
    min_poll: Duration | None = None
    max_poll: Duration | None = None
    prefer: bool = False
    noselect: bool = False
    xleave: bool = False
    copy: bool = False
    family: Family | None = None
    max_sources: int = POOL_SOURCES
    max_unreach: int | None = None
    max_delay: Duration | None = None
    nts: bool = False
    nts_port: int = NTS_PORT
    key: int | None = None
    explicit: frozenset[str] = frozenset()

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Return the options that a policy sets; `data` maps their names to values of the schema's types."""
        durations = {name: Duration.parse(data[name]) for name in DURATIONS if name in data}
        family = {"family": Family(data["family"])} if "family" in data else {}
        return cls(**{**data, **durations, **family}, explicit=frozenset(data))

    def votes(self, *, is_pool: bool) -> int:
        """Return how many addresses of a source with these options take part in the selection."""
        if self.noselect:
            return 0
        return self.max_sources if is_pool else 1

    @property
    def enabled(self) -> frozenset[str]:
        """The explicit options but for flags that are set to false."""
        return frozenset(name for name in self.explicit if getattr(self, name) is not False)
