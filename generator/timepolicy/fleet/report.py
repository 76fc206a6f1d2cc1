"""A fleet as a table for people, as JSON, as CSV. Text from the network is escaped."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from timepolicy.findings.printable import escaped, width
from timepolicy.fleet.measure import Fleet
from timepolicy.fleet.node import NodeClock, Verdict


def interval(node: NodeClock) -> str:
    """The true offset is between the two numbers, in seconds; empty where no clock is seen."""
    return "" if node.offset is None else f"{node.offset - node.delay:+.3f} .. {node.offset:+.3f} s"


COLUMNS: tuple[tuple[str, Callable[[NodeClock], str]], ...] = (
    ("VERDICT", lambda node: node.verdict.word),
    ("CLUSTER", lambda node: node.key.cluster),
    ("NODE", lambda node: node.name or node.key.instance),
    ("ADDRESS", lambda node: node.key.instance),
    ("NTP", lambda node: node.ntp_status),
    ("KERNEL", lambda node: {True: "sync", False: "unsync", None: "?"}[node.is_synchronised]),
    ("OFFSET FROM MEDIAN", interval),
    ("DAEMON", lambda node: node.daemon),
    ("SOURCE", lambda node: node.source),
    ("STRATUM", lambda node: "" if node.stratum is None else str(node.stratum)),
    ("POLICY", lambda node: node.digest),
    ("VERIFIED", lambda node: "" if node.report_age is None else f"{node.report_age:.0f} s ago"),
    ("PROBLEM", lambda node: "; ".join(text for _, text in node.problems)),
)
COLOURS = {Verdict.OK: "32", Verdict.UNKNOWN: "35", Verdict.WARNING: "33", Verdict.CRITICAL: "31;1"}
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def summary(fleet: Fleet) -> str:
    """The counts in one line, and a line for each cluster with a problem."""
    counts = ", ".join(f"{fleet.count(verdict)} {verdict.word}" for verdict in reversed(Verdict))
    nodes = "1 node" if fleet.total == 1 else f"{fleet.total} nodes"
    lines = [f"{nodes} at {moment(fleet)}: {counts}"]
    lines += [f"{verdict.word}: {escaped(text)}" for verdict, text in fleet.problems]
    lines += [f"partial answer: {escaped(text)}" for text in fleet.warnings]
    return "".join(f"{line}\n" for line in lines)


def moment(fleet: Fleet) -> str:
    """When it was measured, by Prometheus' clock, in UTC."""
    try:
        return datetime.fromtimestamp(fleet.time, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return "an unknown time"


def text_report(fleet: Fleet, columns: int | None = None, *, color: bool = False) -> str:
    """Return the table and the summary. Lines are cut at the width of the terminal, `columns`; None: never.

    A column that is empty on every node is left out.
    """
    cells = [[escaped(value(node)) for _, value in COLUMNS] for node in fleet.nodes]
    used = [index for index in range(len(COLUMNS)) if any(row[index] for row in cells)]
    rows = [[row[index] for index in used] for row in ([heading for heading, _ in COLUMNS], *cells)]
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for number, row in enumerate(rows if cells else []):
        line = "  ".join(cell + " " * (size - width(cell)) for cell, size in zip(row, widths, strict=True)).rstrip()
        line = _cut(line, columns)
        if color and number:
            verdict = fleet.nodes[number - 1].verdict
            line = f"\x1b[{COLOURS[verdict]}m{line[: widths[0]]}\x1b[0m{line[widths[0] :]}"
        lines.append(f"{line}\n")
    return "".join(lines) + ("\n" if lines else "") + summary(fleet)


def _cut(line: str, columns: int | None) -> str:
    if columns is None or width(line) <= columns:
        return line
    size = 0
    for index, character in enumerate(line):
        size += width(character)
        if size > columns - 1:
            return f"{line[:index]}…"
    return line


def to_data(fleet: Fleet) -> dict[str, Any]:
    """Return the fleet as JSON-like data without its nodes: what --format json and the page begin with."""
    return {
        "time": fleet.time,
        "measured": moment(fleet),
        "total": fleet.total,
        "counts": {verdict.word: fleet.count(verdict) for verdict in reversed(Verdict)},
        "limits": {"warning": fleet.limits.warning, "critical": fleet.limits.critical},
        "clusters": [
            {"cluster": one.name, "nodes": one.nodes, "median": one.median, "spread": one.spread}
            for one in fleet.clusters
        ],
        "problems": [{"verdict": verdict.word, "text": text} for verdict, text in fleet.problems],
        "partial": fleet.warnings,
    }


def json_report(fleet: Fleet) -> str:
    """Return the same data as JSON with a line for each node, so that few of them are in memory in two forms."""
    data = to_data(fleet)
    head = json.dumps(data, indent=2, ensure_ascii=False).removesuffix("\n}")
    encode = json.JSONEncoder(ensure_ascii=False).encode
    nodes = ",\n    ".join(encode(node.to_data()) for node in fleet.nodes)
    return f'{head},\n  "nodes": [\n    {nodes}\n  ]\n}}\n'


def csv_report(fleet: Fleet) -> str:
    """Return a row for each node; a name that a spreadsheet would run as a formula gets an apostrophe."""
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    rows: Sequence[dict[str, Any]] = [node.to_data() for node in fleet.nodes]
    names = [*NodeClock(fleet.nodes[0].key).to_data()] if fleet.nodes else ["node"]
    writer.writerow(names)
    for row in rows:
        row["sources"] = ", ".join(f"{count} {state}" for state, count in row["sources"].items())
        row["problems"] = "; ".join(row["problems"])
        row["failed_checks"] = ", ".join(row["failed_checks"])
        writer.writerow([_csv_cell(row[name]) for name in names])
    return output.getvalue()


def _csv_cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    return f"'{escaped(value)}" if value.startswith(FORMULA) else escaped(value)
