"""chrony's `allow` and `deny` lines: what is wrong with them, and whom they let in."""

from timepolicy.configs.access import LENGTHS, AccessRule, AccessTable, Network, Subnet, parse_subnet
from timepolicy.configs.report import Report
from timepolicy.configs.statement import Statement, Word
from timepolicy.findings.register.imports import (
    ACCESS_BY_NAME,
    ALLOW_UNDONE,
    HOST_BITS,
    PREFIX_TOO_LONG,
    SERVES_ANYONE,
    WRONG_ARGUMENTS,
)

EXPECTED = "an address, a network such as 10.2.0.0/16, or nothing"

EVERY_ADDRESS = Subnet(None, 0, 0)


def read_access(statements: list[Statement], report: Report) -> list[Network]:
    """Return the networks that `statements` are meant to let in, and report what is wrong with the lines.

    These are the networks that chronyd lets in. If it lets nobody in since a `deny all` undoes every `allow`, they are
    the networks of these: who writes that means everybody else. An undone `allow` for everyone stays undone.
    """
    read = [(statement, _rule(statement, report)) for statement in statements if statement.name in ("allow", "deny")]
    rules = [(statement, rule) for statement, rule in read if rule is not None]
    networks = AccessTable([rule for _, rule in rules]).networks()
    for index, (statement, rule) in enumerate(rules):
        if rule.allow and not _overlap(rule, networks):
            _report_undone(statement, rule, rules[index + 1 :], report)
        elif rule.allow and any(network.prefixlen == 0 for network in rule.subnet.networks):
            whom = {None: "anyone", 4: "anyone by IPv4", 6: "anyone by IPv6"}[rule.subnet.version]
            report.line(statement, SERVES_ANYONE, whom=whom)
    return networks or _meant([rule for _, rule in rules])


def _meant(rules: list[AccessRule]) -> list[Network]:
    """The networks without the `deny all`s that are for every address."""
    if any(rule.allow and rule.subnet.length == 0 for rule in rules):
        return []
    return AccessTable([rule for rule in rules if rule.allow or not rule.prunes or rule.subnet.length]).networks()


def _rule(statement: Statement, report: Report) -> AccessRule | None:
    """The rule of one line; None, with a finding, where it is none or cannot be evaluated here."""
    words = list(statement.arguments)
    prunes = bool(words) and words[0].text == "all"
    words = words[prunes:]
    subnet = _subnet(statement, words, report)
    return AccessRule(statement.name == "allow", subnet, prunes) if subnet else None


def _subnet(statement: Statement, words: list[Word], report: Report) -> Subnet | None:
    if not words:
        return EVERY_ADDRESS
    try:
        subnet = parse_subnet(words[0].text) if len(words) == 1 else _no_subnet()
    except ValueError:
        report.line(statement, WRONG_ARGUMENTS, name=statement.name, expected=EXPECTED)
        return None
    if subnet is None:
        report.word(statement, words[0], ACCESS_BY_NAME, text=words[0].text)
    elif not subnet.is_possible:
        longest = str(LENGTHS[subnet.version or 4])
        report.word(statement, words[0], PREFIX_TOO_LONG, length=str(subnet.length), longest=longest)
        return None
    elif subnet.has_host_bits:
        network = str(subnet.networks[0])
        report.word(statement, words[0], HOST_BITS, network, text=words[0].text, network=network)
    return subnet


def _no_subnet() -> Subnet:
    raise ValueError("several words")


def _overlap(rule: AccessRule, networks: list[Network]) -> bool:
    return any(
        mine.version == other.version and mine.overlaps(other) for mine in rule.subnet.networks for other in networks
    )


def _report_undone(
    statement: Statement, rule: AccessRule, later: list[tuple[Statement, AccessRule]], report: Report
) -> None:
    """The last later `deny` that has to do with the network is the one to name."""
    denies = [other for other, what in later if not what.allow and _overlap(what, rule.subnet.networks)]
    if denies:
        values = {"rule": str(statement), "undone_by": str(denies[-1]), "place": denies[-1].place_for(statement)}
        report.line(statement, ALLOW_UNDONE, **values)
