"""A guest: one machine of QEMU's emulation with its disk, its seed and its serial ports."""

import json
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TextIO

from tests.boot.lab.image import Image
from tests.boot.lab.network import Network, tap
from tests.boot.lab.serial_port import Answer, CommandPort, ProbePort

# Without default devices: their drivers (CD-ROM, SCSI) cost a boot some seconds. The processor
# keeps all features: with `svm=off` this QEMU's guests fail to resolve paths (units fail with EBUSY).
MACHINE = [
    *("-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "1024"),
    *("-nodefaults", "-display", "none", "-no-reboot"),
]
KERNEL_COMMAND_LINE = "root=LABEL=root console=ttyS0 ds=nocloud"
ANSWER_LIMIT_S = 120.0
POWER_OFF_LIMIT_S = 90.0
LOGIN_LIMIT_S = 40.0
LOGIN = (("", "login: "), ("root", "Password: "), ("root", "# "), ("echo at''home", "athome"))
POLL_S = 0.2


@dataclass(frozen=True)
class Machine:
    """The parts of a guest; `number` is its place in the network.

    Disk and seed outlive a boot, so it can be booted again.
    """

    image: Image
    network: Network
    folder: Path
    console: Path
    number: int = 0

    def prepare(self, user_data: str, instance: str = "first") -> None:
        """Make the disk, an overlay on the image, and the first seed."""
        overlay = ["qemu-img", "create", "-q", "-f", "qcow2", "-b", str(self.image.disk), "-F", "qcow2"]
        subprocess.run([*overlay, str(self.disk)], check=True)
        self.seed_with(user_data, instance)

    def seed_with(self, user_data: str, instance: str) -> None:
        """Write the NoCloud seed; another instance name makes cloud-init start over."""
        source = self.folder / "seed"
        source.mkdir(exist_ok=True)
        (source / "user-data").write_text(user_data)
        (source / "meta-data").write_text(f"instance-id: {instance}\nlocal-hostname: node{self.number + 1}\n")
        command = ["genisoimage", "-quiet", "-output", str(self.seed), "-volid", "cidata"]
        subprocess.run([*command, "-joliet", "-rock", str(source)], check=True)

    @property
    def disk(self) -> Path:
        """The guest's changes to the image."""
        return self.folder / "disk.qcow2"

    @property
    def seed(self) -> Path:
        """The NoCloud seed."""
        return self.folder / "seed.iso"


class Boot:
    """One run of a machine from power-on; leaving it cuts the power if that is still on."""

    probe: ProbePort
    commands: CommandPort

    def __init__(self, machine: Machine, clock: datetime) -> None:
        self._machine = machine
        self._clock = clock
        self._cleanup = ExitStack()

    def __enter__(self) -> "Boot":
        """Switch the power on."""
        self._console_from = self._console_size()
        for name in ("probe", "command", "console", "qmp"):
            self._socket(name).unlink(missing_ok=True)
        with ExitStack() as stack:
            self.probe = ProbePort(self._socket("probe"))
            stack.callback(self.probe.close)
            self.commands = CommandPort(self._socket("command"))
            stack.callback(self.commands.close)
            # However this process ends, its guest ends too.
            qemu = ["setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64", *self._options()]
            command = self._machine.network.command(*qemu)
            self.began_at = time.time()
            self._process = subprocess.Popen(command)
            stack.callback(self.cut_power)
            self._cleanup = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._cleanup.close()

    def cut_power(self) -> None:
        """End the machine at once, as a failing supply does."""
        self._process.kill()
        self._process.wait()

    def wait_until(self, condition: Callable[[], bool], limit_s: float) -> bool:
        """Say whether the condition came true in time; an error when the guest ended meanwhile."""
        deadline = time.monotonic() + limit_s
        while not condition():
            if self._process.poll() is not None:
                raise RuntimeError(f"QEMU ended with status {self._process.returncode}")
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_S)
        return True

    def run(self, command: str, limit_s: float = ANSWER_LIMIT_S) -> Answer:
        """Run a shell command in the guest as root."""
        return self.commands.ask(f"run {command}", limit_s)

    def pause(self, seconds: float) -> None:
        """Stop the machine as a snapshot or a migration does; its clocks stop with it."""
        self.control("stop")
        time.sleep(seconds)
        self.control("cont")

    def console_text(self) -> str:
        """Return what the console has shown in this boot."""
        return self._machine.console.read_bytes()[self._console_from :].decode(errors="replace")

    def can_log_in(self) -> bool:
        """Log in on the console as a person does, and out again."""
        with socket.socket(socket.AF_UNIX) as console:
            console.connect(str(self._socket("console")))
            console.settimeout(LOGIN_LIMIT_S)
            try:
                for answer, prompt in LOGIN:
                    console.sendall(f"{answer}\r".encode())
                    _read_until(console, prompt)
            except TimeoutError:
                return False
            console.sendall(b"exit\r")
        return True

    def report(self) -> dict[str, str]:
        """Ask for the node's whole state, by section."""
        return self.commands.ask("report", ANSWER_LIMIT_S).sections

    def shut_down(self) -> None:
        """Power off in order, so that the machine can be booted again as after a reboot."""
        self.commands.send("poweroff")
        self._process.wait(POWER_OFF_LIMIT_S)

    def control(self, command: str) -> object:
        """Give QEMU itself a command without arguments by QMP: `stop`, `cont`, `system_reset`..."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self._socket("qmp")))
            with connection.makefile("rw") as stream:
                # QEMU sends a greeting, and accepts no command before the capabilities.
                stream.readline()
                _qmp(stream, {"execute": "qmp_capabilities"})
                return _qmp(stream, {"execute": command})

    def _console_size(self) -> int:
        console = self._machine.console
        return console.stat().st_size if console.exists() else 0

    def _socket(self, name: str) -> Path:
        return self._machine.folder / f"{name}.sock"

    def _options(self) -> list[str]:
        return [*MACHINE, *self._boot_options(), *self._drives_and_network(), *self._ports()]

    def _boot_options(self) -> list[str]:
        image = self._machine.image
        kernel = ["-kernel", str(image.kernel), "-initrd", str(image.initrd)]
        clock = self._clock.strftime("base=%Y-%m-%dT%H:%M:%S")
        return [*kernel, "-append", KERNEL_COMMAND_LINE, "-rtc", clock]

    def _drives_and_network(self) -> list[str]:
        # `unsafe` skips only the host's fsync: a kill of QEMU loses nothing that the guest wrote.
        disk = f"file={self._machine.disk},if=virtio,format=qcow2,cache=unsafe"
        seed = f"file={self._machine.seed},if=virtio,format=raw,readonly=on"
        number = self._machine.number
        plug = f"tap,id=net0,ifname={tap(number)},script=no,downscript=no"
        drives = ["-drive", disk, "-drive", seed]
        return [*drives, "-netdev", plug, "-device", f"virtio-net-pci,netdev=net0,mac={card(number)}"]

    def _ports(self) -> list[str]:
        """Connect console, probe and commands as ttyS0, ttyS1 and ttyS2, and QMP."""
        console = f"socket,id=console,path={self._socket('console')},server=on,wait=off"
        return [
            *("-chardev", f"{console},logfile={self._machine.console},logappend=on"),
            *("-serial", "chardev:console"),
            *("-serial", f"unix:{self._socket('probe')}"),
            *("-serial", f"unix:{self._socket('command')}"),
            *("-qmp", f"unix:{self._socket('qmp')},server=on,wait=off"),
        ]


def card(number: int) -> str:
    """Return the address of a guest's network card."""
    return f"52:54:00:12:34:{0x56 + number:02x}"


def _read_until(console: socket.socket, text: str) -> None:
    seen = b""
    while text.encode() not in seen:
        received = console.recv(4096)
        if not received:
            raise TimeoutError("the console was closed")
        seen += received


def _qmp(stream: TextIO, message: Mapping[str, str]) -> object:
    """Send one QMP command and return its result, passing over events."""
    stream.write(json.dumps(message) + "\n")
    stream.flush()
    for line in stream:
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"QMP: {answer['error']['desc']}")
        if "return" in answer:
            return answer["return"]
    raise RuntimeError("QMP: QEMU closed the connection")
