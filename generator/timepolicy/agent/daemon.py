"""A time daemon of this node, as its unit shows it. chronyd.py and timesyncd.py say what the two differ in."""

from typing import Any

from timepolicy.agent.files import FileList
from timepolicy.agent.system import run, systemctl, unit_states

NAMES = (
    *("chrony", "chronyd", "systemd-timesyncd", "ntp", "ntpd", "ntpsec", "openntpd", "ntpd-rs"),
    *("timemaster", "phc2sys"),  # of linuxptp: they set the clock from a network card
)


class Daemon:
    """`settings` are a row of the contract's `daemons`. `others` are the units of all other time daemons."""

    name = ""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.unit, self.drift_file, self.install = settings["unit"], settings["drift_file"], settings["install"]
        self.uses_dhcp = "dhcp_sources" in settings
        self.others = [name + ".service" for name in NAMES if self.name not in name]

    def running(self) -> list[str]:
        """The units of all time daemons that run."""
        states = unit_states([self.unit] + self.others)
        return sorted({row["Id"] for row in states.values() if row["ActiveState"] == "active"})

    def sources(self) -> tuple[list[str], list[str]]:
        """The hosts that the daemon uses, and those that it has selected."""
        raise NotImplementedError

    def why_silent(self) -> str:
        """Why it asks nobody, if that can be seen."""
        return ""

    def stop(self) -> None:
        run("systemctl", "stop", self.unit)

    def ask_again(self, _is_stepped: bool, _may_stop: bool) -> None:
        """Have it ask its sources now; the clock was just stepped, or it may be restarted."""
        self.stop()
        systemctl("start", self.unit)

    def forbid_steps(self) -> bool:
        """Tell a daemon that runs that it may only slew; False if it could not be told yet."""
        return True

    def delete(self, hosts: list[str]) -> None:
        """Take away sources that somebody else has added."""

    def prepare(self, files: FileList) -> None:
        """Keep the servers of DHCP out, before it starts."""

    def settle(self, files: FileList) -> None:
        """Do the same once the links are up and D-Bus is there."""


def choose_daemon(settings: list[dict[str, Any]], kinds: tuple[type[Daemon], ...]) -> Any:  # a Daemon or None
    """The Daemon that this node uses: the one that runs, is enabled or is installed, and otherwise the first."""
    states = unit_states([row["unit"] for row in settings]) if len(settings) > 1 else {}

    def rank(row: dict[str, Any]) -> tuple[bool, ...]:
        state = states.get(row["unit"], {})
        known = state.get("LoadState", "not-found")
        is_active, is_enabled = state.get("ActiveState") == "active", state.get("UnitFileState") == "enabled"
        # one that we have masked for another daemon is installed after all
        return is_active, is_enabled, known == "loaded", known != "not-found"

    if not settings:
        return None
    best = max(settings, key=rank)
    return next(kind for kind in kinds if kind.name == best["name"])(best)
