"""Why a server that was examined too does not answer a node: only where several nodes are examined."""

import re
from collections.abc import Iterator, Sequence

from timepolicy.configs.access_table import AccessRule, AccessTable, Subnet, parse_subnet
from timepolicy.doctor.diagnosis import Diagnosis
from timepolicy.doctor.node import Node
from timepolicy.doctor.sources import local_firewall, silent_sources


def silent_servers(node: Node, fleet: Sequence[Node]) -> Iterator[Diagnosis]:
    """Yield a diagnosis for each source that sent nothing back, and was examined itself."""
    for place, _, server, weight in silent_sources(node, fleet):
        if server is not None:
            cause, remedy, evidence = _fault_of_server(server, node)
            yield Diagnosis("server-silent", f"{place} does not answer: {cause}", remedy, evidence, weight)


def _fault_of_server(server: Node, client: Node) -> tuple[str, str, str]:
    """Why a server that was examined too does not answer the client: cause, remedy, evidence."""
    if not server.daemons:
        return f"no NTP server runs on {server.host}", "start chronyd there", "no time daemon is among its processes"
    rule = local_firewall(server)
    if rule:
        return f"the firewall of {server.host} drops the packets", "allow UDP port 123 there", rule
    rules = _access_rules(server)
    addresses = [address for address in client.addresses if not address.is_loopback]
    if not any(AccessTable(rules).is_allowed(address) for address in addresses):
        lines = re.findall(r"^[ \t]*(?:allow|deny)\b.*", server.configuration, flags=re.MULTILINE)
        return (
            f"the access list of {server.host} does not allow this node",
            "add `allow NETWORK` for the nodes to its chrony.conf, and no `deny all` after it",
            "; ".join(line.strip() for line in lines) or "no `allow` in its configuration",
        )
    return "a firewall on the way drops the packets", "allow UDP port 123 between the two", f"{server.host} allows it"


def _access_rules(server: Node) -> list[AccessRule]:
    rules = []
    pattern = r"^[ \t]*(allow|deny)(?:[ \t]+(all))?(?:[ \t]+([0-9a-fA-F.:]+(?:/[0-9]+)?))?[ \t]*$"
    for verb, every, text in re.findall(pattern, server.configuration, flags=re.MULTILINE | re.IGNORECASE):
        try:
            subnet = parse_subnet(text) if text else Subnet(None, 0, 0)
        except ValueError:  # chronyd does not start with such a line, and the check of the configuration says so
            continue
        if subnet is not None and subnet.is_possible:
            rules.append(AccessRule(verb.lower() == "allow", subnet, prunes=bool(every)))
    return rules
