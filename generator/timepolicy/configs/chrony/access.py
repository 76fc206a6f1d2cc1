"""`allow` and `deny` of chrony: what is wrong with the lines, and which networks they let in."""

from collections.abc import Iterator

from timepolicy.configs.access_table import LENGTHS, AccessRule, AccessTable, Network, Subnet, parse_subnet
from timepolicy.configs.chrony.configuration import ChronyConfiguration
from timepolicy.configs.chrony.grammar import FATAL, WRONG_ARGUMENTS
from timepolicy.configs.file_findings import FileFinding, loss, report
from timepolicy.configs.statement import Statement
from timepolicy.findings.finding import error, warning
from timepolicy.findings.wording import shortened

ALLOW_UNDONE = error(
    "TP215",
    "`{undone_by}` ({place}) cancels `{rule}`: the server answers nobody in that network",
    "remove `{undone_by}`; chronyd refuses every network that no `allow` names",
)
PREFIX_TOO_LONG = error(
    "TP216",
    "an address has at most {longest} bits, not {length}: chronyd exits at start, but `chronyd -p` accepts this",
    "write a prefix length of at most {longest}",
)
HOST_BITS = warning(
    "TP217",
    "`{text}` is the whole network {network}, not one host",
    "write {network}, or the address alone for one host",
)
ACCESS_BY_NAME = warning(
    "TP218",
    "chronyd resolves the name `{text}` once, when it starts: if that fails, the line has no effect",
    "write the address or the network",
)
SERVES_ANYONE = warning(
    "TP219",
    "the server answers {whom}: strangers can use it to attack others",
    "name the networks of your clients",
)

EXPECTED = "an address, a network such as 10.2.0.0/16, or nothing"

EVERY_ADDRESS = Subnet(None, 0, 0)

CLIENTS = {None: "anyone", 4: "anyone by IPv4", 6: "anyone by IPv6"}
"""Who is served by a rule for every address, by its IP version."""


def served_networks(configuration: ChronyConfiguration) -> tuple[Network, ...]:
    """Return the networks that the files intend to serve.

    These are the networks that chronyd lets in. If it lets nobody in because a `deny all` undoes every `allow`, they
    are the networks of these: whoever writes that means everybody else. An undone `allow` for everyone stays undone.
    """
    rules = [rule for _, rule in _rules(configuration)]
    networks = AccessTable(rules).networks()
    if networks or any(rule.allow and rule.subnet.length == 0 for rule in rules):
        return networks
    return AccessTable([rule for rule in rules if rule.allow or not rule.prunes or rule.subnet.length]).networks()


def check_access(configuration: ChronyConfiguration) -> Iterator[FileFinding]:
    """Yield lines that chronyd cannot apply, lines that a later one undoes, and lines that let anyone in."""
    for statement in configuration.all("allow", "deny"):
        yield from access_faults(statement)
    rules = list(_rules(configuration))
    table = AccessTable([rule for _, rule in rules])
    for index, (statement, rule) in enumerate(rules):
        if rule.allow and not any(table.allows_any(network) for network in rule.subnet.networks):
            last_deny = max(table.last_deny(network) for network in rule.subnet.networks)
            if last_deny > index:
                deny = rules[last_deny][0]
                values = {"rule": statement.quote, "undone_by": deny.quote, "place": deny.place_for(statement)}
                yield report(statement, ALLOW_UNDONE, **values)
        elif rule.allow and rule.subnet.length == 0:
            yield report(statement, SERVES_ANYONE, whom=CLIENTS[rule.subnet.version])


def access_faults(statement: Statement) -> Iterator[FileFinding]:
    """Yield what is wrong with one `allow` or `deny` by itself."""
    try:
        subnet = _subnet(statement)
    except ValueError:
        yield loss(statement, WRONG_ARGUMENTS, name=statement.name, expected=EXPECTED, consequence=FATAL)
        return
    word = statement.words[-1]
    if subnet is None:
        yield loss(word, ACCESS_BY_NAME, text=shortened(word.text))
    elif not subnet.is_possible:
        longest = str(LENGTHS[subnet.version or 4])
        yield loss(word, PREFIX_TOO_LONG, length=str(subnet.length), longest=longest)
    elif subnet.has_host_bits:
        network = str(subnet.networks[0])
        yield report(word, HOST_BITS, network, text=word.text, network=network)


def _rules(configuration: ChronyConfiguration) -> Iterator[tuple[Statement, AccessRule]]:
    """The rules of the lines that chronyd can apply, in their order."""
    for statement in configuration.all("allow", "deny"):
        try:
            subnet = _subnet(statement)
        except ValueError:
            continue
        if subnet and subnet.is_possible:
            yield statement, AccessRule(statement.name == "allow", subnet, _has_all(statement))


def _has_all(statement: Statement) -> bool:
    return statement.texts[:1] == ["all"]


def _subnet(statement: Statement) -> Subnet | None:
    """The addresses that a rule is about; None for a host name. Raises ValueError for what chronyd rejects."""
    words = statement.texts[_has_all(statement) :]
    if len(words) > 1:
        raise ValueError("several words")
    return parse_subnet(words[0]) if words else EVERY_ADDRESS
