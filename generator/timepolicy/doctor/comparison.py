"""What `timepolicy doctor` prints of many nodes beside each other: as data, and as a table of their clocks."""

from collections.abc import Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

from timepolicy.doctor.diagnose import diagnose
from timepolicy.doctor.node import Node
from timepolicy.doctor.remote import Failure
from timepolicy.doctor.report import hidden
from timepolicy.findings.printable import escaped
from timepolicy.reports.table import table


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
                "hidden": hidden(node),
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
