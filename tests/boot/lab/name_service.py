"""DHCP and DNS for the guest by dnsmasq; the DNS half can be dead, for a while or for good."""

import math
import socket
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.boot.lab.network import BRIDGE, HOST_ADDRESS, Network

LEASES = "10.2.100.10,10.2.100.50,255.255.0.0"
EVERY_NAME = "*"
START_LIMIT_S = 10.0
POLL_S = 0.1


@dataclass(frozen=True)
class NamePlan:
    """The answers of the name service.

    `names` maps a name to its addresses (none: the name does not exist), `*` stands for all others.
    `dead_s` counts from the guest's first question; `math.inf` is dead for good.
    `leases` gives a network card, by its address, always the same IP address.
    """

    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    dead_s: float = 0.0
    dhcp_ntp_servers: Sequence[str] = ()
    leases: Mapping[str, str] = field(default_factory=dict)


class NameService:
    """dnsmasq in the network's namespace, one process for DHCP and one for DNS."""

    def __init__(self, network: Network, plan: NamePlan, folder: Path) -> None:
        """Plan the service; its logs and leases are in `folder`."""
        self._network = network
        self._plan = plan
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self._stopping = threading.Event()
        self._dead_phase = threading.Thread(target=self._be_dead_then_serve, daemon=True)

    def start(self) -> None:
        """Serve; returns when dnsmasq has opened its ports."""
        self._start_dhcp()
        if self._plan.dead_s:
            self._dead_phase.start()
        else:
            self._start_dns()

    def stop(self) -> None:
        """End both processes and the dead phase."""
        self._stopping.set()
        if self._dead_phase.is_alive():
            self._dead_phase.join()
        for process in self._processes:
            process.terminate()
            process.wait()

    def _start_dhcp(self) -> None:
        options = ["--port=0", f"--dhcp-range={LEASES}", f"--dhcp-leasefile={self._folder}/leases"]
        options += [f"--dhcp-option=option:dns-server,{HOST_ADDRESS}"]
        options += [f"--dhcp-host={card},{address}" for card, address in self._plan.leases.items()]
        if self._plan.dhcp_ntp_servers:
            servers = ",".join(self._plan.dhcp_ntp_servers)
            options += [f"--dhcp-option=option:ntp-server,{servers}"]
        self._start_dnsmasq("dhcp", options)

    def _start_dns(self) -> None:
        options = ["--no-resolv", "--no-hosts"]
        for name, addresses in self._plan.names.items():
            pattern = "#" if name == EVERY_NAME else name
            options += [f"--address=/{pattern}/{address}" for address in addresses or [""]]
        self._start_dnsmasq("dns", options)

    def _start_dnsmasq(self, role: str, options: list[str]) -> None:
        pid_file = self._folder / f"{role}.pid"
        common = ["--keep-in-foreground", "--conf-file=/dev/null", "--user=root"]
        common += [f"--interface={BRIDGE}", "--bind-interfaces", f"--pid-file={pid_file}"]
        with (self._folder / f"{role}.log").open("wb") as log:
            command = self._network.command("dnsmasq", *common, *options)
            process = subprocess.Popen(command, stdout=log, stderr=log)
        self._processes.append(process)
        deadline = time.monotonic() + START_LIMIT_S
        while not pid_file.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"dnsmasq for {role}: {Path(log.name).read_text()}")
            time.sleep(POLL_S)

    def _be_dead_then_serve(self) -> None:
        """Swallow questions, as a resolver does that is down behind a firewall."""
        port = self._network.inside(_open_dns_port)
        revival = math.inf
        with port:
            while time.monotonic() < revival and not self._stopping.is_set():
                if _question_came(port):
                    revival = min(revival, time.monotonic() + self._plan.dead_s)
        if not self._stopping.is_set():
            self._start_dns()


def _open_dns_port() -> socket.socket:
    port = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    port.settimeout(POLL_S)
    port.bind((HOST_ADDRESS, 53))
    return port


def _question_came(port: socket.socket) -> bool:
    try:
        return bool(port.recv(512))
    except TimeoutError:
        return False
