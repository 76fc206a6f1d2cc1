"""From a policy's text to its document: a tree of values with spans that fits the schema.

In this order: the characters of the text, its YAML, its shape, and the addresses in it.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from ipaddress import ip_network

from timepolicy.document.parse import LOADER, NOT_A_POLICY, TOO_BIG, parse
from timepolicy.document.schema import shape_errors
from timepolicy.document.tree import Path, Value, dotted
from timepolicy.findings.finding import Finding, error
from timepolicy.findings.result import Findings, Result
from timepolicy.source import LARGEST_TEXT, START, Positions, Source, Span
from timepolicy.tokens import Host, Network

NOT_UTF8 = error(
    "TP001",
    "the byte {byte} is not valid UTF-8",
    "save the file as UTF-8",
)
CONTROL_CHARACTER = error(
    "TP003",
    "the text contains the {character}",
    "remove it; such characters often come with text copied from elsewhere",
)
BYTE_ORDER_MARK = error(
    "TP004",
    "the text begins with a byte order mark (BOM)",
    "save the file as UTF-8 without a BOM",
)
MALFORMED_HOST = error(
    "TP042",
    "`{value}` looks like an IP address, but is not valid",
    "correct the address, or write a host name",
)
MALFORMED_NETWORK = error(
    "TP160",
    "`{value}` looks like a network, but is not valid",
    "write an address and a prefix length, such as 10.2.0.0/16 or fd00:2::/64",
)
HOST_BITS = error(
    "TP161",
    "`{value}` is an address within a network, not a network",
    "write the network's first address, or the prefix length /32 (IPv6: /128) for a single host",
)

BOM = "\ufeff"

DAEMON_LINE = re.compile(
    r"^(?:(?:server|pool|peer) +[\w.:-]+(?: +[a-z0-9 ]+)?|(?:driftfile|makestep|restrict|sourcedir|confdir) +\S.*"
    r"|rtcsync|\[Time\])[ \r]*$",
    re.MULTILINE | re.ASCII,
)
"""A line of chrony.conf, ntp.conf or timesyncd.conf that most of these files have, and no policy."""

POLICY_LINE = re.compile(r"^(?:timezone|upstreams|servers|clients|gate|distros) *:", re.MULTILINE)
"""A line of a policy, whose author made another mistake."""

INVISIBLE = re.compile("[^\t\n\r -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|\r(?!\n)")
"""Characters that YAML 1.2 excludes (production 1, c-printable), and line endings that only some programs accept."""

CONTROL_NAMES = {"\0": "NUL character", "\r": "carriage return without a line feed", "\x1b": "escape character"}
"""Names of control characters, which have none in Unicode."""


def load(source: Source, loader: type = LOADER) -> Result[Value]:
    """Return the document of a policy, and what is wrong with its characters, its YAML, its shape and its addresses.

    There is a value as long as the structure of the text is clear, so that one run finds as much as it can; later
    stages use it only where no finding is an error. `loader` is a parser of PyYAML.
    """
    if findings := Findings(unreadable(source)):
        return Result(None, findings)
    parsed = parse(source.text, loader)
    if parsed.value is None:
        return Result(None, Findings(configuration_of_a_daemon(source.text)) or parsed.findings)
    document, findings = parsed.value, parsed.findings
    if errors := shape_errors(document):
        from timepolicy.document.shape import shape_findings  # only now: it loads what explains mistakes

        findings += shape_findings(document, errors, findings.spans_with_errors)
    findings += malformed_addresses(document, findings.spans_with_errors)
    return Result(document, findings)


def unreadable(source: Source) -> Iterator[Finding]:
    """Yield why `source` cannot be parsed; of each kind of character the first, since a binary file is full of them."""
    if len(source.text.encode("utf-8", "surrogatepass")) > LARGEST_TEXT:
        yield Finding(rule=TOO_BIG, span=START, values={"limit": "1 MiB"})
        return
    positions = Positions(source.text)
    if source.bad_byte:
        index, byte = source.bad_byte
        yield Finding(rule=NOT_UTF8, span=positions.span(index, index + 1), values={"byte": f"0x{byte:02X}"})
    for character in dict.fromkeys(INVISIBLE.findall(source.text)):
        first = re.search("\r(?!\n)" if character == "\r" else character, source.text)
        assert first is not None, "it was found in the text"
        span = positions.span(first.start(), first.end())
        if character == BOM and first.start() == 0:
            yield Finding(rule=BYTE_ORDER_MARK, span=span)
        else:
            name = CONTROL_NAMES.get(character) or unicodedata.name(character, "control character").lower()
            values = {"character": f"{name} U+{ord(character):04X}"}
            yield Finding(rule=CONTROL_CHARACTER, span=span, values=values)


def configuration_of_a_daemon(text: str) -> Iterator[Finding]:
    """Yield that `text`, which is no YAML mapping, is a file of chrony, ntpd or systemd-timesyncd."""
    line = DAEMON_LINE.search(text)
    if line and not POLICY_LINE.search(text):
        values = {
            "actual": "the configuration file of a time daemon",
            "advice": "make a policy of it with `timepolicy import FILE`; `timepolicy lint FILE` checks the file",
        }
        yield Finding(rule=NOT_A_POLICY, span=Positions(text).span(line.start(), line.end()), values=values)


def malformed_addresses(document: Value, spans_with_errors: Collection[Span]) -> Iterator[Finding]:
    """Yield hosts and networks that only look like one, in overrides too, except at `spans_with_errors`."""
    for path, value in _texts(document, ()):
        text, parent = str(value.data), path[-2] if len(path) > 1 else None
        if value.span in spans_with_errors:
            continue
        if path[-1] in ("server", "pool") or parent in ("upstreams", "fallback", "addresses"):
            try:
                Host(text)
            except ValueError:
                yield Finding(rule=MALFORMED_HOST, span=value.span, path=dotted(path), values={"value": text})
        elif parent == "allow":
            yield from _network_faults(text, path, value)


def _texts(value: Value, path: Path) -> Iterator[tuple[Path, Value]]:
    if isinstance(value.data, str):
        yield path, value
    for step, inner in value.children():
        yield from _texts(inner, (*path, step))


def _network_faults(text: str, path: Path, value: Value) -> Iterator[Finding]:
    """Host bits are errors: chronyd would ignore them, and the author may have intended a single host."""
    try:
        Network(text)
        return
    except ValueError:
        pass
    try:
        network: str | None = str(ip_network(text, strict=False))
    except ValueError:
        network = None
    rule = HOST_BITS if network else MALFORMED_NETWORK
    yield Finding(rule=rule, span=value.span, path=dotted(path), values={"value": text}, suggestion=network)
