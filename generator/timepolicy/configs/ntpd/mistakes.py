"""What is wrong with an ntp.conf: unknown lines, no sources, clients that anyone or nobody can be."""

from collections.abc import Iterator

from timepolicy.configs.chrony.access import SERVES_ANYONE
from timepolicy.configs.chrony.sources import NO_SOURCES
from timepolicy.configs.file_findings import FileFinding, TextRange, loss, report
from timepolicy.configs.ntpd.access import answered
from timepolicy.configs.ntpd.configuration import NtpdConfiguration, family_of
from timepolicy.configs.ntpd.directives import DIRECTIVE_NAMES, DIRECTIVES, SOURCES
from timepolicy.configs.own_clock import OWN_CLOCK, is_own_clock
from timepolicy.configs.public_sources import NamedSource, check_public, min_poll_of
from timepolicy.findings.finding import note, warning
from timepolicy.findings.wording import shortened

UNKNOWN_NTPD_DIRECTIVE = warning(
    "TP248",
    "ntpd ignores this line: it has no directive `{name}`",
    "correct the spelling or remove the line",
)
REFUSES_ALL_CLIENTS = note(
    "TP249",
    "`{statement}` refuses all clients, and no other `restrict` lets a network in: this node serves nobody",
    "no action is needed, unless this is a server",
)


def check(configuration: NtpdConfiguration) -> Iterator[FileFinding]:
    """Yield unknown lines, and a configuration that has no sources or serves everybody or nobody."""
    for line in configuration.lines:
        if line.name not in DIRECTIVES:
            word = line.words[0]
            suggestion = DIRECTIVE_NAMES.nearest(line.name)
            yield loss(word, UNKNOWN_NTPD_DIRECTIVE, suggestion, name=shortened(word.text))
    for line in configuration.all("server"):
        if is_own_clock(line.texts[0] if line.arguments else ""):
            effect = "without other sources it is followed, and nothing corrects it"
            yield report(line, OWN_CLOCK, host=line.texts[0], effect=effect, right="tos orphan 10")
    sources = [(line, family_of(line)[1]) for line in configuration.all("server", "pool") if line.arguments]
    yield from check_public(
        [
            NamedSource(line, words[0].text, min_poll_of([word.text for word in words]))
            for line, words in sources
            if words and not words[0].text.startswith("127.127.")
        ]
    )
    main = TextRange(configuration.sources[0])
    if not configuration.all(*SOURCES):
        yield report(main, NO_SOURCES)
    defaults = [line for line in configuration.all("restrict") if "default" in line.texts]
    networks = answered(configuration)
    if all(network.is_loopback for network in networks):
        for line in defaults:
            yield report(line, REFUSES_ALL_CLIENTS, statement=line.quote)
    elif any(network.prefixlen == 0 for network in networks):
        place = defaults[0] if defaults else main
        yield report(place, SERVES_ANYONE, clients="anyone, which is the default of ntpd")
