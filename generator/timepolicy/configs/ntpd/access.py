"""Whom ntpd answers: everybody whom no `restrict` refuses."""

import re
from ipaddress import ip_address

from timepolicy.configs.access_table import LENGTHS, AccessRule, AccessTable, Network, Subnet
from timepolicy.configs.ntpd.configuration import NtpdConfiguration, family_of
from timepolicy.configs.statement import Statement

REFUSING = frozenset({"ignore", "noserve"})
"""Flags of `restrict` that leave a client's request unanswered."""


def answered(configuration: NtpdConfiguration) -> tuple[Network, ...]:
    """Return the networks that ntpd answers: the longest prefix that matches decides; without one everybody."""
    rules = [AccessRule(True, Subnet(None, 0, 0))]
    for line in configuration.all("restrict"):
        rules += restriction(line) or ()
    return AccessTable(sorted(rules, key=lambda rule: rule.subnet.length)).networks()


def restriction(line: Statement) -> list[AccessRule] | None:
    """Return the rules of a `restrict`, none for one that is not about clients; None if its address is unreadable."""
    family, words = family_of(line)
    texts = [word.text.lower() for word in words]
    allow = not REFUSING & set(texts)
    if not texts or texts[0] == "source":
        return []
    if texts[0] == "default":
        versions = {"ipv4": [4], "ipv6": [6], None: [4, 6]}[family]
        return [AccessRule(allow, Subnet(version, 0, 0)) for version in versions]
    subnet = _subnet(texts)
    return None if subnet is None else [AccessRule(allow, subnet)]


def _subnet(texts: list[str]) -> Subnet | None:
    """`ADDRESS` or `ADDRESS mask MASK`, or NTPsec's `ADDRESS/LENGTH`; None for anything else."""
    host, slash, suffix = texts[0].partition("/")
    try:
        address = ip_address(host)
        length = LENGTHS[address.version]
        if slash:
            length = int(suffix) if re.fullmatch("[0-9]{1,3}", suffix) else -1
        elif texts[1:2] == ["mask"]:
            mask = ip_address("".join(texts[2:3]))
            length, bits = int(mask).bit_count(), LENGTHS[mask.version]
            if int(mask) != (2**length - 1) << (bits - length):
                return None  # a mask with holes
    except ValueError:
        return None
    return Subnet(address.version, int(address), length) if 0 <= length <= LENGTHS[address.version] else None
