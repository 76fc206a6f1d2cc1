"""Hosts and networks: what has an address's shape may still be none."""

from collections.abc import Collection, Iterator
from ipaddress import ip_address, ip_network

from timepolicy.document.tree import Path, Value, dotted
from timepolicy.findings.finding import Finding, error
from timepolicy.source import Span
from timepolicy.tokens import Host, Network

MALFORMED_HOST = error(
    "TP042",
    "`{value}` looks like an IP address and is none",
    "correct the address, or write a host name",
)
MALFORMED_NETWORK = error(
    "TP160",
    "`{value}` looks like a network and is none",
    "write an address and its prefix length, such as 10.2.0.0/16 or fd00:2::/64",
)
HOST_BITS = error(
    "TP161",
    "`{value}` is an address within a network, not a network",
    "write the network's first address, or the prefix length /32 (IPv6: /128) for one host alone",
)


def malformed(document: Value, settled: Collection[Span]) -> Iterator[Finding]:
    """Yield hosts and networks that only look like one, in overrides too, except at the spans `settled`."""
    for path, value in _texts(document, ()):
        if value.span in settled:
            continue
        if path[-1] in ("server", "pool") or (len(path) > 1 and path[-2] in ("upstreams", "fallback", "addresses")):
            yield from _host_faults(str(value.data), path, value)
        elif len(path) > 1 and path[-2] == "allow":
            yield from _network_faults(str(value.data), path, value)


def canonical(host: str) -> str:
    """Return the one spelling of a host: of an address the shortest, of a name the lower case."""
    try:
        return str(ip_address(host))
    except ValueError:
        return host.lower()


def _texts(value: Value, path: Path) -> Iterator[tuple[Path, Value]]:
    if isinstance(value.data, str):
        yield path, value
    for step, inner in value.children():
        yield from _texts(inner, (*path, step))


def _host_faults(text: str, path: Path, value: Value) -> Iterator[Finding]:
    try:
        Host(text)
    except ValueError:
        yield Finding(rule=MALFORMED_HOST, span=value.span, path=dotted(path), values={"value": text})


def _network_faults(text: str, path: Path, value: Value) -> Iterator[Finding]:
    """Host bits are refused: chronyd would ignore them, and who wrote them may have meant one host."""
    try:
        Network(text)
    except ValueError:
        network, values = _without_host_bits(text), {"value": text}
        rule = HOST_BITS if network else MALFORMED_NETWORK
        yield Finding(rule=rule, span=value.span, path=dotted(path), values=values, suggestion=network)


def _without_host_bits(text: str) -> str | None:
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        return None
