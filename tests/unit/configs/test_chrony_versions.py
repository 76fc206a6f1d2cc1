"""Which chronyd starts with a line: recorded from `chronyd -p` of chrony 4.0 to 4.8, built from its sources."""

from dataclasses import replace

import pytest

from timepolicy.configs.chrony import read
from timepolicy.configs.file_set import ConfigFile, FileKind
from timepolicy.configs.node_files import NodeFiles
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.distros.release import Release, Version
from timepolicy.findings.finding import Severity
from timepolicy.source import Source

VERSIONS = ("4.0", "4.1", "4.2", "4.3", "4.4", "4.5", "4.6.1", "4.7", "4.8")

UNTIL: dict[str, str] = {
    "allow 10.2.0.0/16 # nodes": "4.1",
    "deny 10.2.0.0/16 10.3.0.0/16": "4.1",
    "cmdallow 10.2.0.0/16 # nodes": "4.1",
    **dict.fromkeys(
        (
            *("server 192.0.2.1 port 70000", "server 192.0.2.1 version 5", "server 192.0.2.1 polltarget 0"),
            *("pool a.example.org maxsources 0", "server 192.0.2.1 minstratum 20", "server 192.0.2.1 ntsport 70000"),
            *("minsources 0", "maxsamples -1", "port 70000", "cmdport 70000", "acquisitionport -1", "dscp 64"),
            *("ratelimit burst 300", "logbanner -1", "sched_priority -1", "ntsprocesses 10000", "ntsrotate -1"),
            *("maxntsconnections 0", "nocerttimecheck -1", "minsamples -1"),
            *("minsources 2x", "minsamples 1.5", "port 5x"),
        ),
        "4.6.1",
    ),
}
"""Lines, and the last chronyd that starts with them."""

SINCE: dict[str, str] = {
    "local stratum 10 activate 0.1": "4.6.1",
    "local stratum 10 orphan waitsynced 10": "4.7",
    "local stratum 10 waitunsynced 10": "4.7",
    "driftfile /nowhere interval 10": "4.7",
    "ratelimit interval 1 kod 4": "4.6.1",
    "refclock PHC /dev/ptp0 local": "4.3",
    "refclock PHC /dev/ptp0 maxunreach 5": "4.8",
    "hwtimestamp eth0 maxpoll 2": "4.4",
    "server 192.0.2.1 maxunreach 5": "4.8",
    "ntsaeads 15 30": "4.6.1",
    "opencommands tracking": "4.7",
}
"""Lines, and the first chronyd that starts with them."""

NEVER = (
    *("refclock PHC /dev/ptp0 polls 3", "refclock PHC /dev/ptp0 refid TOOLONG", "refclock SHM 0 stratum 16"),
    *("refclock SHM 0 poll", "refclock PPS /dev/pps0 lock TOOLONG", "hwtimestamp eth0 rxfilter bad"),
    *("hwtimestamp eth0 minpoll", "bindaddress eth0", "bindaddress 10.0.0", "bindacqaddress eth0"),
    *("bindcmdaddress localhost", "authselectmode required", "leapsecmode smear", "local stratum 0"),
    *("local stratum 16", "makestep 1,0 3", "server 192.0.2.1 key 0", "smoothtime 400 0.01 other"),
    *("tempcomp /nowhere", "broadcast 60 host", "ntsservercert /a /b", "cmdallow # nodes", "rtcsync # flag"),
    "opencommands everything",
)

ALWAYS = (
    *("local stratum 10 orphan", "ratelimit interval 1 burst 16", "refclock SHM 0 refid NMEA offset 0.5 delay 0.2"),
    *("refclock PPS /dev/pps0 lock NMEA rate 1 width 0.1 pps", "hwtimestamp *", "hwtimestamp eth0 rxfilter ntp"),
    *("bindcmdaddress /run/chrony/chronyd.sock", "bindaddress ::", "authselectmode MIX", "leapsecmode Ignore"),
    *(
        "makestep 0.1 -1",
        "server 192.0.2.1 maxdelay inf",
        "server 192.0.2.1 key 4294967295",
        "server 192.0.2.1 minpoll -8",
        "maxdistance -1",
    ),
    *("broadcast 60 192.0.2.255 1123", "smoothtime 400 0.01 leaponly", "tempcomp /nowhere 1 0 0 0 0", "port 0"),
)


def release_of(version: str) -> Release:
    row = AGENT_RELEASES["debian-12"]
    assert row.chrony is not None
    numbers = [int(number) for number in version.split(".")]
    return replace(row, chrony=replace(row.chrony, version=Version(*numbers)))


def accepted_by(line: str) -> list[str]:
    """The versions whose chronyd starts with the line, as `lint` says."""
    file = ConfigFile(Source(name="chrony.conf", text=line + "\n"), FileKind.CHRONY)
    found = {version: read([file], NodeFiles(None), release_of(version)).findings for version in VERSIONS}
    return [
        version
        for version, findings in found.items()
        if all(finding.finding.severity is not Severity.ERROR for finding in findings)
    ]


@pytest.mark.parametrize(("line", "last"), UNTIL.items(), ids=UNTIL)
def test_a_line_that_newer_versions_refuse(line: str, last: str) -> None:
    assert accepted_by(line) == list(VERSIONS[: VERSIONS.index(last) + 1])


@pytest.mark.parametrize(("line", "first"), SINCE.items(), ids=SINCE)
def test_a_line_that_older_versions_refuse(line: str, first: str) -> None:
    assert accepted_by(line) == list(VERSIONS[VERSIONS.index(first) :])


@pytest.mark.parametrize("line", NEVER)
def test_a_line_that_all_versions_refuse(line: str) -> None:
    assert accepted_by(line) == []


@pytest.mark.parametrize("line", ALWAYS)
def test_a_line_that_all_versions_accept(line: str) -> None:
    assert accepted_by(line) == list(VERSIONS)
