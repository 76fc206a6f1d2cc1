"""The programs that the agent runs, as far as it can see them: systemctl, chronyc, timedatectl, package managers."""

import os
import subprocess
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.world.world import World

NOT_FOUND = {"LoadState": "not-found", "ActiveState": "inactive", "UnitFileState": ""}
LOCAL = "7F7F0101"


def unit(active: bool = False, enabled: str = "enabled") -> dict[str, str]:
    """A unit that is installed."""
    return {
        "LoadState": "loaded",
        "ActiveState": "active" if active else "inactive",
        "UnitFileState": enabled,
    }


class Programs:
    """`outputs` are the outputs of further programs, by the whole command; those in `failing` fail."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.outputs: dict[str, str] = {"chronyc accheck 10.0.0.0": "208 Access allowed\n"}
        self.failing: set[str] = set()
        self.leap_status, self.selects = "Normal", True
        self.authdata = "NTS,1,15,256,10,0,0,8,100"
        """chronyc(1): mode, key, type, length, last, attempts, refusals, cookies, their length."""
        self.local_stratum = ""
        """Set by `local stratum N orphan`: this chronyd may follow its own clock."""
        self.deleted: set[str] = set()
        """Sources that an administrator has taken from chronyd."""
        self.answered_at = 0.0
        """When chronyd was last seen with sources that answer."""

    def run(self, command: tuple[str, ...], **options: Any) -> str:
        name, *words = command
        text = " ".join(command)
        if name in self.failing:
            raise subprocess.CalledProcessError(1, name)
        if text in self.outputs:
            return self.outputs[text]
        if name == "systemctl":
            return self._systemctl([word for word in words if not word.startswith("--")])
        if name == "chronyc":
            return self._chronyc(words, options.get("input", ""))
        if name == "ln":
            os.link(*map(self.world.path, words))
            return ""
        self.world.happened(text)
        return ""

    def call(self, command: tuple[str, ...]) -> int:
        self.world.happened(" ".join(command))
        return 0

    def _shown(self, name: str) -> dict[str, str]:
        row = {"Id": name, **self.world.units.get(name, NOT_FOUND)}
        mask = self.world.path(f"/etc/systemd/system/{name}")
        if os.path.islink(mask) and os.readlink(mask) == "/dev/null":
            row.update(LoadState="masked", UnitFileState="masked")
        return row

    def _systemctl(self, words: list[str]) -> str:
        verb, *names = words
        if verb == "show":
            return "\n\n".join(
                "\n".join(f"{key}={value}" for key, value in self._shown(name).items()) for name in names[1:]
            )
        if verb == "is-enabled":
            if self._shown(names[0])["UnitFileState"] != "enabled":
                raise subprocess.CalledProcessError(1, "systemctl")
            return "enabled\n"
        self.world.happened(" ".join(["systemctl", verb, *names]))
        row = self.world.units.get(names[0]) if names else None
        daemon = self.world.daemons.get(names[0]) if names else None
        if row is None:
            return ""
        if verb in ("enable", "disable"):
            row["UnitFileState"] = verb + "d"
        if daemon and verb in ("start", "restart", "try-restart"):
            daemon.start()
        elif daemon and verb in ("stop", "disable"):
            daemon.stop()
        elif verb in ("start", "stop"):
            row["ActiveState"] = "active" if verb == "start" else "inactive"
        return ""

    def _chronyc(self, words: list[str], commands: str) -> str:
        chronyd = self.world.daemons["chrony.service"]
        if not chronyd.runs:
            raise subprocess.CalledProcessError(1, "chronyc")
        for line in commands.splitlines():
            self.world.happened(f"chronyc {line}")
            if line.startswith("burst"):
                chronyd.next_poll = min(chronyd.next_poll, self.world.now + 2)
            if line.startswith("local"):
                self.local_stratum = "" if line == "local off" else line.split()[2]
        if words[:1] == ["makestep"]:
            return self._makestep(words[1:])
        if words[:1] == ["delete"]:
            chronyd.foreign.remove(words[1])
            self.world.happened(f"deleted {words[1]}")
            return "200 OK\n"
        if words[-1:] == ["sources"]:
            return self._sources(chronyd.foreign)
        if words[-1:] == ["tracking"]:
            return self._tracking()
        if words[-1:] == ["authdata"]:
            rows = [line.split(",")[2] for line in self._sources(chronyd.foreign).splitlines()]
            return "\n".join(f"{host},{self.authdata}" for host in rows)
        return ""

    def _makestep(self, limits: list[str]) -> str:
        chronyd = self.world.daemons["chrony.service"]
        if limits:
            chronyd.steps_left = int(limits[1])
        else:
            self.world.step(-self.world.clock_error(), "chrony")
        return "200 OK\n"

    def _sources(self, foreign: list[str]) -> str:
        hosts = sorted({(server.names or [address])[0] for address, server in self.world.servers.items()})
        hosts = [host for host in hosts if host not in self.world.addresses and host not in self.deleted]
        if not self.world.is_offline:
            self.answered_at = self.world.now
        reach, silence = 0 if self.world.is_offline else 377, int(self.world.now - self.answered_at)
        rows = [
            f"^,{'*' if self.selects and index == 0 else '-'},{host},2,6,{reach},{silence},0,0,0"
            for index, host in enumerate(hosts)
        ]
        return "\n".join([*rows, *(f"^,-,{host},2,6,377,0,0,0,0" for host in foreign)])

    def _tracking(self) -> str:
        """chronyc(1): reference ID, name, stratum, time, offset, 4 others, root delay, dispersion, interval, leap."""
        reference, stratum, leap = "0A000001", "3", self.leap_status
        if self.world.is_offline and self.local_stratum:
            reference, stratum = LOCAL, self.local_stratum
        elif not self.world.is_synchronised:
            reference, stratum, leap = "00000000", "0", "Not synchronised"
        offset = -self.world.clock_error()
        return f"{reference},10.0.0.1,{stratum},0,{offset},0,0,0,0,0,0.002,0.001,64,{leap}\n"


class Installation:
    """The package manager at work: after 10 s the daemon's unit is there, after 20 s the package is configured."""

    def __init__(self, world: "World", command: str) -> None:
        self.world, self.end = world, world.now + 20
        world.happened(f"installing: {command}")
        if world.package_manager == "works":
            world.plans.append((world.now + 10, self._unpack))

    def _unpack(self) -> None:
        self.world.units.setdefault("chrony.service", unit())

    def poll(self) -> int | None:
        if self.world.package_manager == "hangs" or self.world.now < self.end:
            return None
        return int(self.world.package_manager == "fails") * 100
