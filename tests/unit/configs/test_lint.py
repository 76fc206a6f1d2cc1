"""What lint says about whole files, by the codes of its findings: right files, and those with one mistake."""

import pytest

from timepolicy.configs.node_files import NodeFiles
from timepolicy.configs.pipeline import lint_files
from timepolicy.source import Source

REST = "makestep 1 3\nrtcsync\n"
THREE = "server a.example.org iburst\nserver b.example.org iburst\nserver c.example.org iburst\n"
NTS = "server a.example.org iburst nts\nserver b.example.org iburst nts\nserver c.example.org iburst nts\n"
REQUIRED = "authselectmode require\n"

CHRONY: dict[str, tuple[str, list[str]]] = {
    "three servers": (THREE + REST, []),
    "as many as must agree": (THREE + "minsources 3\n" + REST, []),
    "more must agree than there are": (THREE + "minsources 4\n" + REST, ["TP264"]),
    "a pool counts four times": ("pool a.example.org iburst\nminsources 4\n" + REST, []),
    "a pool counts as it says": ("pool a.example.org iburst maxsources 2\nminsources 3\n" + REST, ["TP264"]),
    "a clock counts too": (THREE + "refclock PHC /dev/ptp0\nminsources 4\n" + REST, []),
    "who is only measured does not count": (
        THREE + "server d.example.org iburst noselect\nminsources 4\n" + REST,
        ["TP264"],
    ),
    "a third that is only measured": (
        "server a.example.org iburst\nserver b.example.org iburst\nserver c.example.org iburst noselect\n" + REST,
        ["TP228"],
    ),
    "two and a clock": (
        "server a.example.org iburst\nserver b.example.org iburst\nrefclock PHC /dev/ptp0\n" + REST,
        [],
    ),
    "only measured": ("server a.example.org iburst noselect\n" + REST, ["TP264"]),
    "other files may name more": (THREE + "sourcedir /run/chrony-dhcp\nminsources 4\n" + REST, []),
    "authenticated": (NTS + REQUIRED + REST, []),
    "authentication of nobody": (THREE + REQUIRED + REST, ["TP265", "TP265", "TP265", "TP264"]),
    "one without authentication": (NTS + "server d.example.org iburst\n" + REQUIRED + REST, ["TP265"]),
    "clocks count as authenticated": ("refclock PHC /dev/ptp0\n" + REQUIRED + REST, []),
    "a key without a file": ("server a.example.org iburst key 1\n" + REST, ["TP265"]),
    "a key with a file": ("server a.example.org iburst key 1\nkeyfile /etc/chrony.keys\n" + REST, []),
    "a closed port": (THREE + "port 0\nallow 10.2.0.0/16\n" + REST, ["TP266"]),
    "a closed port on a client": (THREE + "port 0\n" + REST, []),
    "an override": (THREE + "makestep 1 3\nmakestep 1 -1\nrtcsync\n", ["TP239", "TP226"]),
    "the same line twice": (THREE + REST + REST, []),
    "lines that all count": (THREE + "log tracking\nlog statistics\nallow 10/8\nallow 192.168/16\n" + REST, []),
    "no rtcsync": (THREE + "makestep 1 3\n", ["TP223"]),
    "a byte order mark": ("\N{ZERO WIDTH NO-BREAK SPACE}" + THREE + REST, ["TP263", "TP228"]),
    "a byte order mark and a comment": ("\N{ZERO WIDTH NO-BREAK SPACE}# chrony\n" + THREE + REST, ["TP263"]),
    "smearing servers alone": ("pool time.google.com iburst\nserver 169.254.169.123 iburst\n" + REST, []),
    "smearing and plain servers": (THREE + "server time.google.com iburst\n" + REST, ["TP267"]),
    "a public pool too often": ("pool 2.debian.pool.ntp.org iburst minpoll 4\n" + REST, ["TP268"]),
    "a public pool every 64 s": ("pool 2.debian.pool.ntp.org iburst minpoll 6\n" + REST, []),
    "one's own servers often": (THREE.replace("iburst", "iburst minpoll 2") + REST, []),
    "a cloud's own server often": ("server 169.254.169.123 iburst minpoll 4\n" + REST, []),
}

TIMESYNCD: dict[str, tuple[str, list[str]]] = {
    "two servers": ("[Time]\nNTP=a.example.org b.example.org\n", []),
    "a byte order mark": ("\N{ZERO WIDTH NO-BREAK SPACE}[Time]\nNTP=a.example.org\n", []),
    "a comma": ("[Time]\nNTP=a.example.org,b.example.org\n", ["TP269"]),
    "a URL": ("[Time]\nNTP=ntp://a.example.org/\n", ["TP269"]),
    "quotes": ('[Time]\nNTP="a.example.org"\n', ["TP269"]),
    "quotes around both": ('[Time]\nNTP="a.example.org b.example.org"\n', ["TP269", "TP269"]),
    "a comment behind": ("[Time]\nNTP=a.example.org # ours\n", ["TP269"]),
    "a comment above": ("[Time]\n# ours\nNTP=a.example.org\n", []),
    "a port": ("[Time]\nNTP=a.example.org:123\n", ["TP244"]),
    "too short a shortest poll": ("[Time]\nNTP=a.example.org\nPollIntervalMinSec=8\n", ["TP270"]),
    "too short a longest poll": ("[Time]\nNTP=a.example.org\nPollIntervalMaxSec=8\n", ["TP270"]),
    "a longest poll below the shortest": (
        "[Time]\nNTP=a.example.org\nPollIntervalMinSec=256\nPollIntervalMaxSec=1min\n",
        ["TP270"],
    ),
    "short polls": ("[Time]\nNTP=a.example.org\nPollIntervalMinSec=16\nPollIntervalMaxSec=32\n", []),
    "smearing and plain servers": ("[Time]\nNTP=time.google.com a.example.org\n", ["TP267"]),
}

NTPD: dict[str, tuple[str, list[str]]] = {
    "right": (THREE + "restrict default ignore\nrestrict 10.2.0.0/16\n", []),
    "the local clock": (THREE + "server 127.127.1.0\nrestrict default ignore\nrestrict 10.2.0.0/16\n", ["TP247"]),
    "smearing and plain servers": (
        THREE + "server time.google.com\nrestrict default ignore\nrestrict 10.2.0.0/16\n",
        ["TP267"],
    ),
    "a public pool too often": (
        "pool 0.pool.ntp.org iburst minpoll 3\nrestrict default ignore\nrestrict 10.2.0.0/16\n",
        ["TP268"],
    ),
}

DROP_INS: dict[str, tuple[str, str, list[str]]] = {
    "servers": ("etc/chrony/conf.d/10-site.conf", "server a.example.org iburst\n", []),
    "a setting": ("etc/chrony/conf.d/10-site.conf", "maxdistance 4\n", []),
    "a name of ntpd's": ("etc/chrony/conf.d/ntp.conf", "allow 10.2.0.0/16\n", []),
    "a directory of chrony's": ("etc/chrony.d/site.conf", "log tracking\n", []),
    "a mistake": ("etc/chrony/conf.d/10-site.conf", "maxdistence 4\n", ["TP204"]),
    "OpenNTPD's": ("etc/ntpd.conf", "servers pool.ntp.org\n", ["TP262"]),
    "OpenNTPD's under another name": ("x.conf", "servers pool.ntp.org\nsensor *\n", ["TP262"]),
    "ntpd-rs's": ("etc/ntpd-rs/ntp.toml", '[[source]]\nmode = "pool"\n', ["TP262"]),
}


def codes(name: str, text: str) -> list[str]:
    reports = lint_files([Source(name=name, text=text)], NodeFiles(None), None)
    return [finding.rule.code for report in reports for finding in report.findings]


@pytest.mark.parametrize(("text", "expected"), CHRONY.values(), ids=CHRONY)
def test_chrony(text: str, expected: list[str]) -> None:
    assert sorted(codes("chrony.conf", text)) == sorted(expected)


@pytest.mark.parametrize(("text", "expected"), TIMESYNCD.values(), ids=TIMESYNCD)
def test_timesyncd(text: str, expected: list[str]) -> None:
    assert codes("timesyncd.conf", text) == expected


@pytest.mark.parametrize(("text", "expected"), NTPD.values(), ids=NTPD)
def test_ntpd(text: str, expected: list[str]) -> None:
    assert codes("ntp.conf", text) == expected


@pytest.mark.parametrize(("name", "text", "expected"), DROP_INS.values(), ids=DROP_INS)
def test_drop_ins_and_files_of_others(name: str, text: str, expected: list[str]) -> None:
    assert codes(name, text) == expected
