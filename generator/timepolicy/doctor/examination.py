"""What the collector (snippets/shell/doctor.sh.j2) printed on a node, and the ticks that measured the node's clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property


class UnreadableExaminationError(ValueError):
    """The output is not that of the collector, or its end is missing."""


@dataclass(frozen=True, slots=True)
class Probe:
    """The output of one program, and its exit status; 127 means that the node does not have it."""

    text: str
    status: int

    @property
    def lines(self) -> list[str]:
        """The lines that are not empty."""
        return [line for line in self.text.splitlines() if line.strip()]

    @property
    def ran(self) -> bool:
        """Whether the program ended without an error."""
        return self.status == 0


@dataclass(frozen=True, slots=True)
class Tick:
    """One measurement through ssh, all in Unix seconds: sent and received by this machine, answered by the node's."""

    sent: float
    answered: float
    received: float


MISSING = Probe("", 127)


@dataclass(frozen=True)
class Examination:
    """The probes of one node by their names, in the order in which they ran."""

    host: str
    probes: Mapping[str, Probe]
    ticks: Sequence[Tick] = field(default=())

    @classmethod
    def read(cls, host: str, output: str, ticks: Sequence[Tick] = ()) -> "Examination":
        """Read the collector's output; raise UnreadableExaminationError if it is something else, or cut off."""
        probes: dict[str, Probe] = {}
        name = ""
        lines: list[str] = []
        for line in output.splitlines():
            if line.startswith("="):
                name, lines = line[1:], []
            elif line.startswith("?") and line[1:].isdigit():
                probes[name] = Probe("\n".join(lines), int(line[1:]))
            elif line.startswith(" "):
                lines.append(line[1:])
        if name != "end":
            raise UnreadableExaminationError(host)
        return cls(host, probes, tuple(ticks))

    def probe(self, name: str) -> Probe:
        """Return the probe of that name; one that failed where the collector did not run it."""
        return self.probes.get(name, MISSING)

    def named(self, kind: str) -> dict[str, Probe]:
        """Return the probes whose name is `kind` and something else, by that."""
        return {name[len(kind) + 1 :]: probe for name, probe in self.probes.items() if name.startswith(kind + " ")}

    @cached_property
    def clock_offset(self) -> tuple[float, float] | None:
        """The node's clock minus this machine's, and the bound of its error, in seconds; of the quickest tick."""
        if not self.ticks:
            return None
        best = min(self.ticks, key=lambda tick: tick.received - tick.sent)
        return best.answered - (best.sent + best.received) / 2, (best.received - best.sent) / 2
