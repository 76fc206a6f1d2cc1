"""`allow` and `deny` of chrony as one access list: lines that chronyd cannot apply, and the networks it lets in."""

from collections.abc import Iterable
from dataclasses import dataclass

from timepolicy.configs.access_table import LENGTHS, AccessRule, AccessTable, Network, Subnet, parse_subnet
from timepolicy.configs.chrony.grammar import COMMENT_AFTER_DIRECTIVE, FATAL, WITHOUT_EFFECT, WRONG_ARGUMENTS
from timepolicy.configs.file_findings import FileFinding, loss, report
from timepolicy.configs.statement import Statement, Word
from timepolicy.distros.release import Release, Version
from timepolicy.findings.finding import error, warning
from timepolicy.findings.wording import shortened

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
    "chronyd resolves the name `{text}` once, when it starts: if that fails, it does not start",
    "write the address or the network",
)

ONE_ARGUMENT = Version(4, 2)
"""An older chronyd ignores what follows the address, such as a comment (cmdparse.c)."""

EXPECTED = "an address, a network such as 10.2.0.0/16, or nothing"

EVERY_ADDRESS = Subnet(None, 0, 0)


@dataclass(frozen=True, slots=True)
class AccessList:
    """The rules that chronyd applies, each with its line, in their order; and findings about the lines."""

    lines: tuple[Statement, ...]
    rules: tuple[AccessRule, ...]
    table: AccessTable
    findings: tuple[FileFinding, ...]

    @property
    def served_networks(self) -> tuple[Network, ...]:
        """The networks that the files intend to serve.

        These are the networks that chronyd lets in. If it lets nobody in because a `deny all` undoes every `allow`,
        they are the networks of these `allow` lines: the usual intent of such files is to deny all others. An undone
        `allow` for everyone stays undone.
        """
        networks = self.table.networks()
        if networks or any(rule.allow and rule.subnet.length == 0 for rule in self.rules):
            return networks
        rules = [rule for rule in self.rules if rule.allow or not rule.prunes or rule.subnet.length]
        return AccessTable(rules).networks()


def access_list(statements: Iterable[Statement], release: Release | None) -> AccessList:
    """Return the access list that the `allow` and `deny` of `statements` make.

    `cmdallow` and `cmddeny`, which have the same arguments, are checked and no part of the list.
    """
    lines: list[Statement] = []
    rules: list[AccessRule] = []
    findings: list[FileFinding] = []
    for statement in statements:
        name = statement.name.removeprefix("cmd")
        if name not in ("allow", "deny"):
            continue
        prunes = statement.texts[:1] == ["all"]
        subnet = _subnet(statement, statement.arguments[prunes:], release)
        if isinstance(subnet, FileFinding):
            findings.append(subnet)
            continue
        if extra := _ignored(statement.arguments[prunes:], release):
            findings.append(loss(extra[0], WITHOUT_EFFECT, name=shortened(" ".join(word.text for word in extra))))
        if subnet.has_host_bits:
            word, network = statement.arguments[prunes], str(subnet.networks[0])
            findings.append(report(word, HOST_BITS, network, text=word.text, network=network))
        if name == statement.name:
            lines.append(statement)
            rules.append(AccessRule(name == "allow", subnet, prunes))
    return AccessList(tuple(lines), tuple(rules), AccessTable(rules), tuple(findings))


def _ignored(words: tuple[Word, ...], release: Release | None) -> tuple[Word, ...]:
    """The words after an address, where the release's chronyd ignores them."""
    is_old = release and release.chrony and release.chrony.version < ONE_ARGUMENT
    return words[1:] if is_old else ()


def _subnet(statement: Statement, words: tuple[Word, ...], release: Release | None) -> Subnet | FileFinding:
    """The addresses that `words` name, or why chronyd cannot apply the line."""
    words = words[: len(words) - len(_ignored(words, release))]
    comment = next((word for word in words if word.text.startswith("#")), None)
    if comment:
        return loss(comment, COMMENT_AFTER_DIRECTIVE, consequence=FATAL)
    try:
        if len(words) > 1:
            raise ValueError("several addresses")
        subnet = parse_subnet(words[0].text) if words else EVERY_ADDRESS
    except ValueError:
        return loss(statement, WRONG_ARGUMENTS, name=statement.name, expected=EXPECTED, consequence=FATAL)
    if subnet is None:
        return loss(words[0], ACCESS_BY_NAME, text=shortened(words[0].text))
    if not subnet.is_possible:
        longest = str(LENGTHS[subnet.version or 4])
        return loss(words[0], PREFIX_TOO_LONG, length=str(subnet.length), longest=longest)
    return subnet
