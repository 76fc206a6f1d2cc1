"""Why sources do not give the node the time: names, routes, firewalls, access lists, servers without time."""

import re
from collections.abc import Iterator, Sequence

from timepolicy.doctor.diagnosis import Check, Diagnosis, Weight
from timepolicy.doctor.node import Answer, Node

KISS_CODES = ("RATE", "DENY", "RSTR")
"""What a server answers that does not want to be asked (RFC 5905, section 7.4)."""


NOT_PERMITTED = "not permitted"
"""The problem of an answer where the node's own firewall forbids to send."""


def names(node: Node, _: Sequence[Node]) -> Iterator[Diagnosis]:
    """Sources whose name does not resolve."""
    hosts = list(node.examination.named("unresolved"))
    if hosts:
        yield Diagnosis(
            "does-not-resolve",
            f"the name of a source does not resolve on this node: {', '.join(hosts)}",
            "check /etc/resolv.conf and the resolver; or name sources by address, which works without DNS",
            f"getent ahosts {hosts[0]} found nothing",
            Weight.WARNING if any(answer.is_synchronized for answer in node.answers) else Weight.ERROR,
        )


def no_sources(node: Node, _: Sequence[Node]) -> Iterator[Diagnosis]:
    """A daemon without anybody to ask."""
    if node.daemons and not node.answers and not node.examination.named("unresolved"):
        yield Diagnosis(
            "no-sources",
            "no source of time is configured on this node",
            "name your NTP servers in the configuration of the time daemon",
            ", ".join(node.files) or "no configuration file was found",
        )


def local_firewall(node: Node) -> str:
    """Return the rule of the node's own firewall that keeps NTP's packets out or in; empty if none is found."""
    for name in ("nft", "iptables"):
        lines = node.examination.probe(name).lines
        for line in lines:
            if re.search(r"\b(drop|reject|DROP|REJECT)\b", line) and re.search(r"port (123|ntp)\b", line):
                return line.strip()
        text = "\n".join(lines)
        closed = re.search(r"hook input .*policy drop|^:INPUT DROP", text, flags=re.MULTILINE)
        if closed and not re.search("established|ESTABLISHED", text):
            return closed[0]
    return ""


def silent_sources(node: Node, fleet: Sequence[Node]) -> Iterator[tuple[str, Answer, Node | None, Weight]]:
    """Yield what sent nothing back though this node lets its packets out: its place, and the node that it is, if known.

    One source that answers makes the others a warning.
    """
    weight = Weight.WARNING if any(answer.is_synchronized for answer in node.answers) else Weight.ERROR
    for answer in node.answers:
        if answer.problem and answer.problem != NOT_PERMITTED and not local_firewall(node):
            others = (other for other in fleet if other is not node)
            server = next((other for other in others if answer.address in map(str, other.addresses)), None)
            yield f"{_named(answer)}, UDP port {answer.port}", answer, server, weight


def blocked_here(node: Node, _: Sequence[Node]) -> Iterator[Diagnosis]:
    """Sources that the node's own firewall keeps away."""
    weight = Weight.WARNING if any(answer.is_synchronized for answer in node.answers) else Weight.ERROR
    blocking = local_firewall(node)
    for answer in node.answers:
        if answer.problem == NOT_PERMITTED or (answer.problem and blocking):
            yield Diagnosis(
                "blocked-here",
                f"this node's own firewall blocks {_named(answer)}, UDP port {answer.port}",
                f"allow UDP port {answer.port} to the source and the answers to it",
                blocking or "sending failed: Operation not permitted",
                weight,
            )


def unreachable(node: Node, fleet: Sequence[Node]) -> Iterator[Diagnosis]:
    """Sources that sent nothing back, where nobody has examined the server."""
    for place, answer, server, weight in silent_sources(node, fleet):
        if server is None:
            yield _unreachable(place, answer, weight)


def _unreachable(place: str, answer: Answer, weight: Weight) -> Diagnosis:
    if answer.problem == "Connection refused":
        cause = "no NTP server runs there, its access list is empty, or a firewall rejects the packets"
        return Diagnosis("port-closed", f"{place} is closed: {cause}", "start the NTP server", answer.problem, weight)
    if answer.problem == "Address family":
        return Diagnosis(
            "no-such-family",
            f"this node has no network of the family of {place}",
            "use addresses of a family that the node has",
            answer.problem,
            Weight.WARNING,
        )
    if "nreachable" in answer.problem or answer.problem == "No route to host":
        return Diagnosis(
            "no-route",
            f"there is no way to {place}, or a firewall rejects the packets as if there were none",
            f"ip route get {answer.address}; check the firewall of the server, and those on the way",
            answer.problem,
            weight,
        )
    return Diagnosis(
        "no-answer",
        f"{place} does not answer: a firewall on the way or on the server, or the server's access list, drops the "
        "packets",
        "run `timepolicy doctor` with the server as one more HOST, which tells which; on the server, "
        f"`tcpdump -n udp port {answer.port}` shows whether they arrive",
        "asked once, no answer within 2 s",
        weight,
    )


def without_time(node: Node, _: Sequence[Node]) -> Iterator[Diagnosis]:
    """Sources that answer, but refuse or have no time themselves."""
    weight = Weight.WARNING if any(answer.is_synchronized for answer in node.answers) else Weight.ERROR
    for answer in node.answers:
        if answer.code in KISS_CODES:
            yield Diagnosis(
                "refused",
                f"{_named(answer)} refuses this node (kiss code {answer.code})",
                "ask less often, or ask its operator to allow this network",
                f"stratum 0, code {answer.code}",
                weight,
            )
        elif not answer.problem and not answer.is_synchronized:
            yield Diagnosis(
                "server-unsynchronized",
                f"{_named(answer)} answers, but has no time itself",
                "repair the server first: `timepolicy doctor` on it; a server without upstreams needs `local`",
                f"stratum {answer.stratum}, leap indicator {answer.leap}",
                weight,
            )


def disagreement(node: Node, _: Sequence[Node]) -> Iterator[Diagnosis]:
    """Sources whose times exclude each other."""
    answers = sorted((answer for answer in node.answers if answer.is_synchronized), key=lambda answer: answer.offset)
    if not answers:
        return
    low, high = answers[0], answers[-1]
    if high.offset - low.offset > high.error + low.error:
        yield Diagnosis(
            "sources-disagree",
            f"sources disagree by {high.offset - low.offset:.3f} s: they cannot all be right",
            "compare each with a source that you trust, and remove the wrong ones; use at least three",
            "; ".join(f"{_named(answer)}: this clock is {answer.offset:+.3f} s off it" for answer in answers),
        )


def foreign_sources(node: Node, _: Sequence[Node]) -> Iterator[Diagnosis]:
    """Sources that chronyd has from DHCP."""
    files = [path for path, text in node.files.items() if "dhcp" in path and re.search(r"\S", text)]
    if files:
        yield Diagnosis(
            "dhcp-sources",
            "chronyd uses NTP servers that DHCP named, beside those of its configuration",
            "if you do not want them: remove the `sourcedir` line of DHCP's folder, or set PEERNTP=no",
            f"{files[0]}: {' '.join(node.files[files[0]].split())}",
            Weight.WARNING,
        )


def _named(answer: Answer) -> str:
    return answer.host if answer.host == answer.address else f"{answer.host} ({answer.address})"


SOURCE_CHECKS: tuple[Check, ...] = (
    *(names, no_sources, blocked_here, unreachable, without_time, disagreement),
    foreign_sources,
)
