"""Directives that a policy decides, so that none of them is a line of `extra`: why, and what to write instead."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decision:
    """Why a line with this directive would contradict the policy or repeat it, and `instead` what to write."""

    reason: str
    instead: str


REMOVE = "remove the line"

SOURCES = Decision("the policy names the sources", "write it as an entry of `upstreams` or `clients.fallback`")
ACCESS = Decision("the policy decides which networks are answered", "write the networks in `servers.allow`")
STEPS = Decision("the policy decides when the clock is stepped", "write `step.when` and `step.threshold`")
FILES = Decision("chronyd would also read lines that are not in the policy", "write the lines of these files instead")
RTC = Decision("`rtcsync` keeps the hardware clock right, in UTC", REMOVE)
PACKAGE = Decision("the package of chrony decides it, and units and permissions depend on it", REMOVE)
COMMANDS = Decision(
    "chronyd takes commands on the node only, where the node agent and chrony-wait.service need it",
    "remove the line; `clients.listen: none` closes the command port",
)
NTS_SERVICE = Decision("the policy decides whether servers serve NTS", "write `servers.nts`")
NTS_STATE = Decision("timepolicy sets the folder wherever NTS is used", REMOVE)

DECIDED_OF_CHRONY: dict[str, Decision] = {
    **dict.fromkeys(("server", "pool", "peer"), SOURCES),
    "sourcedir": Decision(
        "the policy names the sources", "write `clients.dhcp_sources: use` for servers from DHCP, or `upstreams`"
    ),
    "minsources": Decision("the policy decides how many sources must agree", "write `clients.min_sources`"),
    **dict.fromkeys(("allow", "deny"), ACCESS),
    "local": Decision(
        "the policy decides whether a server without a source serves time", "write `servers.orphan_stratum`"
    ),
    **dict.fromkeys(("makestep", "initstepslew"), STEPS),
    **dict.fromkeys(("include", "confdir"), FILES),
    **dict.fromkeys(("rtcsync", "rtcfile", "rtcautotrim", "rtcdevice", "rtconutc", "hwclockfile"), RTC),
    **dict.fromkeys(("driftfile", "pidfile", "user"), PACKAGE),
    "port": Decision(
        "clients and firewalls expect servers at port 123", "remove the line; `clients.listen: none` closes the port"
    ),
    **dict.fromkeys(("cmdport", "cmdallow", "cmddeny", "bindcmdaddress", "bindcmddevice"), COMMANDS),
    **dict.fromkeys(
        ("ratelimit", "noclientlog"),
        Decision("every server limits the rate of each client, and other nodes answer nobody", REMOVE),
    ),
    "authselectmode": Decision(
        "the policy decides whether sources must be authenticated", "write `require_authentication`"
    ),
    "keyfile": Decision("the policy names the file with the keys", "write `authentication.keys_file`"),
    "ntstrustedcerts": Decision(
        "the policy names the file with the certificates", "write `authentication.trusted_certificates`"
    ),
    "nocerttimecheck": Decision(
        "the policy decides when the dates of certificates are checked", "write `authentication.certificate_dates`"
    ),
    **dict.fromkeys(("ntsservercert", "ntsserverkey"), NTS_SERVICE),
    **dict.fromkeys(("ntsdumpdir", "ntscachedir"), NTS_STATE),
    "ntsport": Decision("clients and firewalls expect NTS of servers at port 4460", REMOVE),
}
"""Directives of chrony.conf(5)."""

DECIDED_OF_TIMESYNCD: dict[str, Decision] = {
    "NTP": Decision("the policy names the sources", "write the servers in `upstreams`"),
    "FallbackNTP": Decision("the policy names the sources", "write the servers in `upstreams`"),
    "PollIntervalMinSec": Decision("the policy decides how often sources are asked", "write `min_poll` at each source"),
    "PollIntervalMaxSec": Decision("the policy decides how often sources are asked", "write `max_poll` at each source"),
}
"""Settings of timesyncd.conf(5)."""
