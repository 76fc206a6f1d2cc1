"""What `timepolicy doctor` says of a node: its state in one sentence, or each diagnosis with evidence and remedy."""

from collections.abc import Iterator, Sequence

from timepolicy.doctor.diagnosis import Diagnosis, Weight
from timepolicy.doctor.node import Node
from timepolicy.doctor.remote import Failure
from timepolicy.findings.printable import escaped


def text_report(rows: Sequence[tuple[Node, Sequence[Diagnosis]]], failures: Sequence[Failure]) -> str:
    """Return the report for people: nodes with errors first, then those that could not be examined."""
    ordered = sorted(rows, key=lambda row: not has_error(row[1]))
    blocks = ["\n".join(_lines(node, diagnoses)) + "\n" for node, diagnoses in ordered]
    blocks += [f"{escaped(failure.host)}: not examined: {failure.reason}\n" for failure in failures]
    return "\n".join(blocks)


def has_error(diagnoses: Sequence[Diagnosis]) -> bool:
    """Return whether one of them is an error."""
    return any(diagnosis.weight == Weight.ERROR for diagnosis in diagnoses)


def hidden(node: Node) -> str:
    """Return what could not be seen of a node without root; empty if nothing."""
    if node.is_root:
        return ""
    parts = ["firewall rules, logs and certificates may be hidden"]
    if node.hides_chronyd:
        closed = " (its command port is closed)" if "cmdport 0" in node.configuration else ""
        parts.append(f"chronyd answers root only{closed}, so that its state is not known")
    return "not examined as root: " + "; ".join(parts)


def _lines(node: Node, diagnoses: Sequence[Diagnosis]) -> Iterator[str]:
    host = escaped(node.host)
    if not diagnoses:
        yield f"{host}: {_state(node)}"
    for diagnosis in diagnoses:
        yield f"{host}: {diagnosis.weight}: {escaped(diagnosis.cause)} [{diagnosis.id}]"
        if diagnosis.evidence:
            yield f"  seen: {escaped(diagnosis.evidence)}"
        yield f"  do:   {escaped(diagnosis.remedy)}"
    if hidden(node):
        yield f"{host}: note: {hidden(node)}"


def _state(node: Node) -> str:
    daemon = node.daemons[0].name if node.daemons else "no daemon"
    if node.offset is None:
        return f"nothing found ({daemon})"
    number = sum(answer.is_synchronized for answer in node.answers)
    return f"right: {node.offset * 1000:+.1f} ms off {number} source{'s' * (number != 1)} ({daemon})"
