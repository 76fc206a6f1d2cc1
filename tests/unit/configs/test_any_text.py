"""Whatever the text: findings that point into it, a policy or none, and never an exception."""

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.cases import TREES, compile_text
from timepolicy.configs.node_files import NodeFiles
from timepolicy.configs.pipeline import import_files
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.facts.chrony_options import DIRECTIVES, SOURCE_OPTIONS
from timepolicy.findings.finding import Severity
from timepolicy.source import Source

NEWEST = "ubuntu-26.04"
"""A release with both daemons, whose chrony knows every option that a policy can have."""

SERVER = "ntp1.internal"
"""A name: an address would have to be of the family of the networks that the file allows (TP085)."""

CORPUS = TREES / "import"
TEXTS = [path.read_bytes() for path in sorted(CORPUS.glob("*/root/**/*")) if path.is_file()]
NAMES = ["chrony.conf", "a.sources", "timesyncd.conf", "ntp.conf", "etc/chrony/chrony.conf", "-", "x"]
WORDS = [
    *DIRECTIVES, *SOURCE_OPTIONS, *"\n\n\n\0\r\t =[]#;\\-", "[Time]", "NTP=", "FallbackNTP=", "restrict", "default",
    "nts", "key", "keys", "tinker", "step", "tos", "minsane", "fudge", "127.127.1.0", "cert", "ca", "/etc/ntp/keys",
    "mask", "-4", "all", "10.2.0.0/16", "::/0", "10", "255.255.0.0", "1e999", "nan", "-1", "0", "9" * 400, "\u0663",
    "世", "\ud800",
    "ntp.example.org", "PollIntervalMinSec=", "stratum", "orphan", "\ufffe",
]  # fmt: skip


OF_THE_RELEASE = ("TP062", "TP065", "TP280", "TP287")
"""Errors about NTS that the text asks for and a key file that it names, where the release has or can read neither."""


def assert_handled(name: str, text: str, distro: str | None) -> None:
    source, release = Source(name=name, text=text), AGENT_RELEASES[distro] if distro else None
    imported = import_files([source], NodeFiles(None), release, [SERVER])
    lines = text.split("\n")
    for finding in (finding for file in imported.reports for finding in file.findings):
        assert finding.message
        assert finding.help
        assert 1 <= finding.span.line <= finding.span.end_line <= len(lines)
        assert 1 <= finding.span.column <= len(lines[finding.span.line - 1]) + 1
    if imported.policy is not None:
        daemon = yaml.safe_load(imported.policy).get("clients", {}).get("daemon", "chrony")
        findings = compile_text(imported.policy, release_with(daemon, distro))[1]
        errors = [finding for finding in findings if finding.severity is Severity.ERROR]
        assert [finding.message for finding in errors if finding.rule.code not in OF_THE_RELEASE] == []


def release_with(daemon: str, distro: str | None) -> str:
    """The release that the files are for if it has the daemon, or else one whose daemons are the newest."""
    row = AGENT_RELEASES[distro or NEWEST]
    return row.key if {"chrony": row.chrony, "systemd-timesyncd": row.timesyncd}[daemon] else NEWEST


UNHURRIED = settings(deadline=None)
names = st.sampled_from(NAMES)
distros = st.sampled_from([None, "debian-12", "kylin-v10"])


@UNHURRIED
@given(names, st.text(max_size=200), distros)
def test_any_characters(name: str, text: str, distro: str | None) -> None:
    assert_handled(name, text, distro)


@UNHURRIED
@given(names, st.binary(max_size=200), distros)
def test_any_bytes(name: str, data: bytes, distro: str | None) -> None:
    assert_handled(name, Source.decode(name, data).text, distro)


@settings(deadline=None, max_examples=300)
@given(names, st.lists(st.sampled_from(WORDS), max_size=40), distros)
def test_any_words(name: str, words: list[str], distro: str | None) -> None:
    assert_handled(name, " ".join(words), distro)


@UNHURRIED
@given(names, st.data(), distros)
def test_any_change_of_a_file(name: str, data: st.DataObject, distro: str | None) -> None:
    text = data.draw(st.sampled_from(TEXTS)).decode(errors="replace")
    for _ in range(data.draw(st.integers(1, 4))):
        begin = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(begin, min(len(text), begin + 10)))
        text = text[:begin] + data.draw(st.sampled_from([*WORDS, text[begin:end] * 2, ""])) + text[end:]
    assert_handled(name, text, distro)
