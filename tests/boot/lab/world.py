"""The world around guests: its network, the names and the time servers in it."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from tests.boot.lab.chrony_servers import ChronyServers
from tests.boot.lab.name_service import EVERY_NAME, NamePlan, NameService
from tests.boot.lab.network import Network
from tests.boot.lab.ntp_server import Course, NtpServers

DEFAULT_SERVERS = ("10.2.12.11", "10.2.12.12", "10.2.12.13")
DEFAULT_NAMES = {
    "ntp.aliyun.com": ["10.2.12.12"],
    "ntp.tencent.com": ["10.2.12.13"],
    EVERY_NAME: list(DEFAULT_SERVERS),
}


def _truthful_servers() -> dict[str, Course]:
    return {address: Course() for address in DEFAULT_SERVERS}


@dataclass(frozen=True)
class WorldPlan:
    """The world of a scenario: servers, names and packets."""

    servers: Mapping[str, Course] = field(default_factory=_truthful_servers)
    names: NamePlan = field(default_factory=lambda: NamePlan(DEFAULT_NAMES))
    guests: int = 1
    chronyds: Sequence[str] = ()
    """Addresses of real chronyds, which authenticate."""


class World:
    """The plan, running; leaving it removes all of it, also after an error."""

    def __init__(self, plan: WorldPlan, folder: Path) -> None:
        """Plan a world whose logs go to `folder`."""
        self.network = Network([*plan.servers, *plan.chronyds], plan.guests)
        self.ntp = NtpServers(plan.servers)
        self._names = NameService(self.network, plan.names, folder)
        self._chronyds = ChronyServers(self.network, plan.chronyds, folder)
        self._cleanup = ExitStack()

    def __enter__(self) -> "World":
        """Set everything up, or nothing."""
        with ExitStack() as stack:
            stack.enter_context(self.network)
            stack.callback(self._names.stop)
            self._names.start()
            stack.callback(self.ntp.stop)
            self.ntp.start(self.network.inside)
            stack.callback(self._chronyds.stop)
            self._chronyds.start()
            self._cleanup = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take everything down in the opposite order."""
        self._cleanup.close()
