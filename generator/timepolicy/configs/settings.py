"""What a daemon's files say, as far as a policy can say it too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from timepolicy.configs.access import Network
from timepolicy.configs.statement import Statement
from timepolicy.tokens import Host

MOST_SOURCES = 16
"""What a policy's schema takes in one list."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportedSource:
    """A source: its host, and its options by the policy's names."""

    host: str
    is_pool: bool
    options: Mapping[str, bool | int | str]
    statement: Statement

    @property
    def votes(self) -> int:
        """How many addresses count: chrony.conf(5), where maxsources is 4 by default."""
        if self.options.get("noselect"):
            return 0
        return int(self.options.get("max_sources", 4)) if self.is_pool else 1

    def to_data(self) -> str | dict[str, Any]:
        """Return the source as a policy writes it: short where it has no options."""
        if not self.is_pool and not self.options:
            return self.host
        return {"pool" if self.is_pool else "server": self.host, **self.options}


@dataclass(slots=True, kw_only=True)
class Settings:
    """One daemon's settings. `step` is None where the policy's default is meant."""

    daemon: str
    sources: list[ImportedSource] = field(default_factory=list)
    networks: Sequence[Network] = ()
    orphan_stratum: int | None = None
    step: dict[str, str] | None = None
    min_sources: int | None = None
    use_dhcp_sources: bool = False


def is_host(text: str) -> bool:
    """Return whether a policy takes `text` for a host; it has no addresses with a zone."""
    try:
        Host(text)
    except ValueError:
        return False
    return "%" not in text
