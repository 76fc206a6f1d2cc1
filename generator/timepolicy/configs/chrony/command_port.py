"""chronyd's command port, UDP 323: on the loopback addresses, where chronyc and chrony-wait.service need it."""

from collections.abc import Iterator

from timepolicy.configs.access_table import parse_subnet
from timepolicy.configs.chrony.configuration import ChronyConfiguration
from timepolicy.configs.file_findings import FileFinding, loss
from timepolicy.findings.finding import note, warning

COMMAND_PORT_OPEN = warning(
    "TP221",
    "`{statement}` opens the command port, UDP 323, to strangers, and has no influence on who gets time",
    "remove the line; NTP listens on all addresses without it, and `allow` decides who is answered",
)
COMMAND_PORT_CLOSED = note(
    "TP222",
    "`cmdport 0` closes the command port, as STIGs demand (RHEL-08-030742, RHEL-09-252030):"
    " chrony-wait.service, where it is enabled, delays the boot for three minutes and fails",
    "keep the line where such a rule applies, and chrony-wait.service disabled; elsewhere remove it: the port listens"
    " on the loopback addresses only",
)


def check_command_port(configuration: ChronyConfiguration) -> Iterator[FileFinding]:
    """The command port is open to the network, or closed."""
    for statement in configuration.all("bindcmdaddress"):
        address = statement.texts[0]
        if not address.startswith("/") and not _is_loopback(address):
            yield loss(statement, COMMAND_PORT_OPEN, statement=statement.quote)
    port = configuration.last("cmdport")
    if port and port.texts[0].lstrip("+-0") == "":
        yield loss(port, COMMAND_PORT_CLOSED)


def _is_loopback(text: str) -> bool:
    try:
        subnet = parse_subnet(text)
    except ValueError:
        return False
    return subnet is not None and all(network.is_loopback for network in subnet.networks)
