"""Types that annotations name. The packer leaves this module, and all annotations, out of the programs."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from timepolicy.agent.ntp import Answer

Source = dict[str, Any]
"""A row of the contract's `sources`: `host`, and `port`, `count` and `own` where they are set."""

Cache = dict[str, "tuple[float, list[Answer]]"]
"""By host: the time of CLOCK_MONOTONIC until which the answers hold, in seconds, and the answers."""

Report = Callable[["Answer"], None]
"""Takes an answer when there is one; called from a thread."""

AddressInfo = tuple[Any, ...]
"""What socket.getaddrinfo() returns of one address: family, type, protocol, canonical name, socket address."""

Check = dict[str, str]
"""A row of the report: `id`, `verdict`, `seen`, `expected` and `hint`."""

States = dict[str, dict[str, str]]
"""By unit: the properties Id, LoadState, ActiveState and UnitFileState."""
