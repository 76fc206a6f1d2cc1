"""What a daemon's files set, as far as a policy can set it too; and the findings that every conversion has."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from timepolicy.configs.access_table import Network
from timepolicy.configs.file_findings import FileFinding, loss
from timepolicy.configs.statement import Statement
from timepolicy.findings.finding import note, warning
from timepolicy.policy.options import SourceOptions
from timepolicy.tokens import DirectiveLine, Host

NOT_CONVERTED = warning(
    "TP250",
    "`{what}` is not converted: {why}",
    "decide whether the nodes need it before you use the policy",
)
NOT_NEEDED = note(
    "TP251",
    "`{what}` needs no conversion: {why}",
    "no action is needed",
)
DETAIL_LOST = note(
    "TP259",
    "`{what}` is not converted: {why}",
    "no action is needed, unless programs on the nodes depend on it",
)
TOO_MANY_SOURCES = warning(
    "TP254",
    "{host} is not converted: a policy has at most {limit} sources",
    "remove sources that the nodes do not need; three or four are enough",
)

MOST_SOURCES = 16
"""Sources in a policy, as its schema has it."""

MOST_MUST_AGREE = 16
"""What `min_sources` of a policy accepts at most."""

LONGEST_LINE = 255
"""Characters of a line of `extra`, as the policy's schema has it."""

NOT_A_LINE = f"lines of `extra` have at most {LONGEST_LINE} characters: letters, digits, spaces and ._:/+@*=,-"

MOST_STRATUM = 15
"""The highest `orphan_stratum` of a policy: 16 is for clocks that are not synchronised (RFC 5905)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeSource:
    """A server or pool and its options, by the policy's names for them."""

    host: str
    is_pool: bool
    options: Mapping[str, bool | int | str]

    @property
    def is_authenticated(self) -> bool:
        """Whether NTS or a key proves where its packets come from."""
        return "nts" in self.options or "key" in self.options

    @property
    def votes(self) -> int:
        """How many addresses of this source take part in the selection."""
        return SourceOptions.from_data(self.options).votes(is_pool=self.is_pool)

    def to_data(self) -> str | dict[str, Any]:
        """Return the source as policies have it: the host alone for a server without options."""
        if not self.is_pool and not self.options:
            return self.host
        return {"pool" if self.is_pool else "server": self.host, **self.options}


@dataclass(frozen=True, kw_only=True, slots=True)
class Authentication:
    """How sources are authenticated, and the server itself. Files are paths on the node, None where none is needed.

    `checks_dates_at_once` is whether certificates must be valid before the first correction of the clock.
    `is_required` is whether only authenticated packets may move it. `certificate` and `key` are those of an NTS server.
    """

    keys_file: str | None = None
    trusted_certificates: str | None = None
    checks_dates_at_once: bool = True
    is_required: bool = False
    certificate: str | None = None
    key: str | None = None

    def to_data(self) -> dict[str, str]:
        """Return `authentication` of a policy, empty if the policy needs none."""
        files = {"keys_file": self.keys_file, "trusted_certificates": self.trusted_certificates}
        data = {name: file for name, file in files.items() if file}
        return data if self.checks_dates_at_once else {**data, "certificate_dates": "after_first_update"}


NO_AUTHENTICATION = Authentication()


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """One daemon's settings. `step` is None for the policy's default.

    `clocks` are devices of hardware clocks. `networks` are those that are served; with `serves_by_default`, because no
    line refuses anyone. Without `listens`, the node opens no command port. `extra` are lines for which policies have no
    key.
    """

    daemon: str
    sources: tuple[TimeSource, ...] = ()
    clocks: tuple[str, ...] = ()
    authentication: Authentication = NO_AUTHENTICATION
    networks: tuple[Network, ...] = ()
    serves_by_default: bool = False
    orphan_stratum: int | None = None
    step: Mapping[str, str] | None = None
    min_sources: int | None = None
    use_dhcp_sources: bool = False
    extra: tuple[str, ...] = ()
    listens: bool = True


@dataclass(frozen=True, slots=True)
class Conversion:
    """The settings, and findings about what they do not contain."""

    settings: Settings
    findings: tuple[FileFinding, ...]


def not_converted(statement: Statement, why: str) -> FileFinding:
    """Return a finding about a statement that an imported policy lacks."""
    return loss(statement, NOT_CONVERTED, what=statement.quote, why=why)


def accepted_min_sources(text: str, votes: int) -> int | None:
    """Return a number as `min_sources`; None if no policy accepts it for sources that have `votes` together."""
    if not re.fullmatch(r"\+?[0-9]{1,3}", text) or not 1 <= int(text) <= min(MOST_MUST_AGREE, votes):
        return None
    return int(text)


def is_extra_line(text: str) -> bool:
    """Return whether a policy accepts `text` as a line of `extra`, whatever it says."""
    return len(text) <= LONGEST_LINE and DirectiveLine.PATTERN.fullmatch(text) is not None


def is_host(text: str) -> bool:
    """Return whether a policy accepts `text` as a host. It does not accept an address with a zone."""
    try:
        Host(text)
    except ValueError:
        return False
    return "%" not in text
