"""What `timepolicy doctor` prints: for each node one sentence, and for each diagnosis its evidence and remedy."""

from collections.abc import Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

from timepolicy.doctor.diagnose import diagnose
from timepolicy.doctor.diagnosis import Diagnosis, Weight
from timepolicy.doctor.node import Node
from timepolicy.doctor.remote import Failure
from timepolicy.findings.printable import escaped
from timepolicy.reports.table import table


def text_report(nodes: Sequence[Node], failures: Sequence[Failure]) -> str:
    """Return the report for people: nodes with errors first, then those that could not be examined."""
    rows = [(node, diagnose(node, nodes)) for node in nodes]
    rows.sort(key=lambda row: not any(diagnosis.weight == Weight.ERROR for diagnosis in row[1]))
    blocks = [_block(node, diagnoses) for node, diagnoses in rows]
    blocks += [f"{escaped(failure.host)}: not examined: {failure.reason}\n" for failure in failures]
    return "\n".join(blocks)


def _block(node: Node, diagnoses: Sequence[Diagnosis]) -> str:
    if not diagnoses:
        return f"{escaped(node.host)}: {_state(node)}\n"
    lines = []
    for diagnosis in diagnoses:
        lines.append(f"{escaped(node.host)}: {diagnosis.weight}: {escaped(diagnosis.cause)} [{diagnosis.id}]")
        if diagnosis.evidence:
            lines.append(f"  seen: {escaped(diagnosis.evidence)}")
        lines.append(f"  do:   {escaped(diagnosis.remedy)}")
    return "\n".join(lines) + "\n"


def _state(node: Node) -> str:
    daemon = node.daemons[0].name if node.daemons else "no daemon"
    if node.offset is None:
        return f"nothing found ({daemon})"
    number = sum(answer.is_synchronized for answer in node.answers)
    return f"right: {node.offset * 1000:+.1f} ms off {number} source{'s' * (number != 1)} ({daemon})"


def json_report(nodes: Sequence[Node], failures: Sequence[Failure]) -> dict[str, Any]:
    """Return the report as data; offsets are in seconds, the node's clock minus the other one."""
    return {
        "nodes": [
            {
                "host": node.host,
                "offset": node.offset,
                "offset_through_ssh": node.examination.clock_offset,
                "synchronized": node.is_synchronized,
                "daemons": [asdict(daemon) for daemon in node.daemons],
                "sources": [asdict(answer) for answer in node.answers],
                "diagnoses": [asdict(diagnosis) for diagnosis in diagnose(node, nodes)],
            }
            for node in nodes
        ],
        "failures": [asdict(failure) for failure in failures],
    }


def comparison(nodes: Sequence[Node]) -> str:
    """Return a table of the nodes' clocks beside their median, measured through ssh; the furthest first."""
    middle = _middle(nodes)
    rows = [["HOST", "OFF THE MEDIAN", "WITHIN", "TIMEZONE", "DAEMON", "SYNCHRONIZED"]]
    for node in sorted(nodes, key=lambda node: -abs(_distance(node, middle))):
        measured = node.examination.clock_offset
        shown = [f"{_distance(node, middle):+.3f} s", f"{measured[1]:.3f} s"] if measured else ["unknown", ""]
        zone = node.examination.probe("timezone").text.strip().partition("zoneinfo/")[2]
        daemons = ", ".join(daemon.name for daemon in node.daemons)
        flag = {True: "yes", False: "no", None: "unknown"}[node.is_synchronized]
        rows.append([escaped(node.host), *shown, escaped(zone) or "unknown", daemons or "none", flag])
    return table(rows) + "\n"


def disagree(nodes: Sequence[Node], most_s: float) -> bool:
    """Return whether a clock is certainly further than `most_s` off the median of the nodes."""
    middle = _middle(nodes)
    measured = [(node, node.examination.clock_offset) for node in nodes]
    return any(pair is None or abs(_distance(node, middle)) - pair[1] > most_s for node, pair in measured)


def _middle(nodes: Sequence[Node]) -> float:
    offsets = [node.examination.clock_offset[0] for node in nodes if node.examination.clock_offset]
    return median(offsets) if offsets else 0.0


def _distance(node: Node, middle: float) -> float:
    measured = node.examination.clock_offset
    return measured[0] - middle if measured else 0.0
