"""A chronyd or systemd-timesyncd as far as the agent can see one: it polls, steps or slews, and clears the flag."""

from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.world.world import World

SLEW = 1 / 12  # chrony.conf(5), maxslewrate
POLL_S = 64.0
BURST_S = 2.0  # from the first packet of a burst to the first update


class Daemon:
    """Polls while it runs. `steps_left` is makestep's limit, counted anew by each chronyd that starts."""

    def __init__(self, world: "World", name: str) -> None:
        self.world, self.name = world, name
        self.runs, self.steps_left, self.next_poll = False, 0, 0.0
        self.foreign: list[str] = []
        self.can_start = True

    def start(self) -> None:
        if self.runs or not self.can_start:
            return
        self.runs, self.steps_left, self.next_poll = True, 3, self.world.now + BURST_S
        self.world.units[self.unit]["ActiveState"] = "active"
        self.world.happened(f"{self.name} started")
        if self.name == "chrony":
            self.world.create("/run/chrony/chronyd.sock")

    @property
    def unit(self) -> str:
        return "chrony.service" if self.name == "chrony" else "systemd-timesyncd.service"

    def stop(self) -> None:
        if self.runs:
            self.runs = False
            self.world.units[self.unit]["ActiveState"] = "inactive"
            self.world.happened(f"{self.name} stopped")
            self.world.remove("/run/chrony/chronyd.sock")

    def update(self) -> None:
        """What a poll does: the median of the servers that answer is this daemon's time."""
        self.next_poll = self.world.now + POLL_S
        heard = [row.offset for row in self.world.servers.values() if not (row.silent or row.kiss or row.leap == 3)]
        if not heard or self.world.is_offline or self.world.daemon_hears_nothing:
            return
        error = self.world.clock_error() - median(heard)
        if abs(error) > 1 and self.steps_left != 0:
            self.world.step(-error, self.name)
        elif abs(error) > 1e-6:
            self.world.slew(-error)
        self.steps_left -= self.steps_left > 0
        self.world.is_synchronised = True
