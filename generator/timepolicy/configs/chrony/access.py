"""Which clients a chrony server answers: an `allow` without effect, and one for everybody."""

from collections.abc import Iterator

from timepolicy.configs.chrony.configuration import ChronyConfiguration
from timepolicy.configs.chrony.grammar import number_of
from timepolicy.configs.file_findings import FileFinding, report
from timepolicy.findings.finding import error, warning

ALLOW_UNDONE = error(
    "TP215",
    "`{deny}` ({place}) cancels `{rule}`: the server answers nobody in that network",
    "remove `{deny}`; chronyd refuses every network that no `allow` names",
)
SERVES_ANYONE = warning(
    "TP219",
    "the server answers {clients}: strangers can use it to attack others",
    "name the networks of your clients",
)

PORT_CLOSED = warning(
    "TP266",
    "`{port}` ({place}) closes the port of the server: `{rule}` has no effect",
    "remove `{port}` on a server, and `{rule}` on a client",
)

CLIENTS = {None: "anyone", 4: "anyone by IPv4", 6: "anyone by IPv6"}
"""Who is served by a rule for every address, by its IP version."""


def check_access(configuration: ChronyConfiguration) -> Iterator[FileFinding]:
    """Yield each `allow` that a later `deny` undoes, each that lets anyone in, and those for a closed port."""
    access, port = configuration.access, configuration.last("port")
    if port and number_of(port.texts[0]) == 0:
        for line, rule in zip(access.lines, access.rules, strict=True):
            if rule.allow:
                values = {"port": port.quote, "place": port.place_for(line), "rule": line.quote}
                yield report(line, PORT_CLOSED, **values)
        return
    for index, (line, rule) in enumerate(zip(access.lines, access.rules, strict=True)):
        if not rule.allow:
            continue
        networks = rule.subnet.networks
        if not any(access.table.allows_any(network) for network in networks):
            last_deny = max(access.table.last_deny(network) for network in networks)
            if last_deny > index:
                deny = access.lines[last_deny]
                values = {"rule": line.quote, "deny": deny.quote, "place": deny.place_for(line)}
                yield report(line, ALLOW_UNDONE, **values)
        elif rule.subnet.length == 0:
            yield report(line, SERVES_ANYONE, clients=CLIENTS[rule.subnet.version])
