"""What chronyd accepts and rejects: `chronyd -p` and our grammar judge each line alike."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.chronyd import installed_chrony
from tests.helpers.programs import need, run
from timepolicy.configs.chrony.includes import read
from timepolicy.configs.file_set import ConfigFile, FileKind
from timepolicy.configs.node_files import NodeFiles
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.distros.release import Release
from timepolicy.facts.chrony_options import DIRECTIVES, SOURCE_OPTIONS, Directive, Option
from timepolicy.findings.finding import Severity
from timepolicy.source import Source


def installed_release() -> Release:
    """A release with the chrony that is installed here."""
    chrony = AGENT_RELEASES["debian-12"].chrony
    assert chrony is not None
    return replace(AGENT_RELEASES["debian-12"], chrony=replace(chrony, version=installed_chrony()))


def we_accept(text: str) -> bool:
    source = Source(name="chrony.conf", text=text)
    configuration = read([ConfigFile(source, FileKind.CHRONY)], NodeFiles(None), installed_release())
    return all(found.finding.severity is not Severity.ERROR for found in configuration.findings)


def chronyd_accepts(folder: Path, text: str) -> bool:
    (folder / "chrony.conf").write_text(text)
    done = run([need("chronyd"), "-p", "-f", folder / "chrony.conf"])
    assert done.returncode in (0, 1), done.stderr
    return done.returncode == 0


SAMPLES = {"i": "7", "d": "0.5", "s": "/nowhere"}

OF_THEIR_OWN = {
    "leapsecmode": "slew", "authselectmode": "require", "bindaddress": "127.0.0.1", "bindacqaddress": "127.0.0.1",
    "bindcmdaddress": "127.0.0.1", "broadcast": "60 192.0.2.255", "hwtimestamp": "eth0", "initstepslew": "10 127.0.0.1",
    "refclock": "SHM 0", "smoothtime": "400 0.01", "local": "stratum 10 orphan", "ratelimit": "interval 1 burst 8",
    "server": "192.0.2.1 iburst", "pool": "192.0.2.1", "peer": "192.0.2.1", "allow": "10/8", "log": "tracking",
    "tempcomp": "/nowhere 1 0 0 0 0", "opencommands": "tracking", "ntsaeads": "15", "maxchange": "1 2 3",
    "ntsservercert": "/nowhere", "ntsserverkey": "/nowhere", "ntstrustedcerts": "/nowhere",
}  # fmt: skip
"""Arguments that a directive accepts, if it rejects samples of its forms."""


def arguments_of(name: str, directive: Directive) -> str:
    if name in OF_THEIR_OWN:
        return OF_THEIR_OWN[name]
    return " ".join(SAMPLES[form] for form in (directive.arguments or "").removesuffix("+"))


@pytest.mark.parametrize(("name", "directive"), DIRECTIVES.items(), ids=DIRECTIVES)
def test_each_directive(tmp_path: Path, name: str, directive: Directive) -> None:
    (tmp_path / "empty").mkdir()
    line = f"{name} {arguments_of(name, directive)}\n" if name != "include" else f"include {tmp_path}/empty/*.conf\n"
    assert chronyd_accepts(tmp_path, line) == we_accept(line) == (directive.since <= installed_chrony())


COUNTED = [name for name, directive in DIRECTIVES.items() if directive.arguments is not None]


@pytest.mark.parametrize("name", [name for name in COUNTED if not str(DIRECTIVES[name].arguments).endswith(("+", "*"))])
def test_one_argument_more(tmp_path: Path, name: str) -> None:
    line = f"{name} {arguments_of(name, DIRECTIVES[name])} more\n"
    assert chronyd_accepts(tmp_path, line) == we_accept(line) is False


@pytest.mark.parametrize("name", COUNTED)
def test_no_arguments(tmp_path: Path, name: str) -> None:
    assert chronyd_accepts(tmp_path, name + "\n") == we_accept(name + "\n")


@pytest.mark.parametrize(("name", "known"), SOURCE_OPTIONS.items(), ids=SOURCE_OPTIONS)
def test_each_option_of_a_source(tmp_path: Path, name: str, known: Option) -> None:
    value = {"extfield": "F323"}.get(name, "1") if known.value else ""
    line = f"server 192.0.2.1 {name} {value}\n"
    assert chronyd_accepts(tmp_path, line) == we_accept(line) == (known.since <= installed_chrony())
    if known.value:
        bare = f"server 192.0.2.1 {name}\n"
        assert chronyd_accepts(tmp_path, bare) == we_accept(bare) is False


LINES = {
    "upper case": "SERVER 192.0.2.1 IBURST\nMakeStep 1 3\n",
    "comments": "! one\n; two\n# three\n% four\n  # five\n",
    "comment after a directive": "rtcsync # keeps the flag\n",
    "comment after a source": "server 192.0.2.1 # ours\n",
    "comment after a makestep": "makestep 1.0 3 # at boot\n",
    "number with rubbish": "minsources 2x\n",
    "no number": "minsources two\n",
    "makestep without limit": "makestep 1\n",
    "misspelt": "rtcsynch\n",
    "allow with netmask": "allow 10.2.0.0 255.255.0.0\n",
    "allow of a slash": "allow 10.2.0.0/\n",
    "local with rubbish": "local stratum ten\n",
    "makestep with a comma": "makestep 1,0 3\n",
    "stratum 0": "local stratum 0\n",
    "stratum 16": "local stratum 16\n",
    "misspelt option of a refclock": "refclock PHC /dev/ptp0 polls 3\n",
    "refclock without a value": "refclock SHM 0 poll\n",
    "refclock with a long ID": "refclock SHM 0 refid NMEAS\n",
    "refclock with options": "refclock SHM 0 refid NMEA precision 1e-1 offset 0.5 delay 0.2 noselect\n",
    "refclock with a stratum of 16": "refclock SHM 0 stratum 16\n",
    "timestamps with options": "hwtimestamp eth0 minpoll 0 rxfilter all txcomp 1e-6 nocrossts\n",
    "timestamps of an unknown filter": "hwtimestamp eth0 rxfilter some\n",
    "interface instead of an address": "bindaddress eth0\n",
    "short address": "bindaddress 10.0.0\n",
    "name instead of an address": "bindcmdaddress localhost\n",
    "socket": "bindcmdaddress /run/chrony/chronyd.sock\n",
    "unknown mode": "authselectmode required\n",
    "mode in upper case": "authselectmode PREFER\n",
    "smeared leap second": "leapsecmode smear\n",
    "key 0": "server 192.0.2.1 key 0\n",
    "largest key": "server 192.0.2.1 key 4294967295\n",
    "too large a key": "server 192.0.2.1 key 4294967296\n",
    "any port": "server 192.0.2.1 port 70000\n",
    "broadcast to a name": "broadcast 60 host\n",
    "broadcast with a port": "broadcast 60 192.0.2.255 1123\n",
    "smoothing": "smoothtime 400 0.01 leaponly\n",
    "smoothing of something else": "smoothtime 400 0.01 other\n",
    "temperature without numbers": "tempcomp /nowhere\n",
    "drift file with an interval": "driftfile /nowhere interval 10\n",
    "certificates of a set": "ntstrustedcerts 1 /nowhere\n",
    "two certificates": "ntsservercert /nowhere /elsewhere\n",
    "eleven directories": "confdir" + " /nowhere" * 11 + "\n",
    "ten directories": "confdir" + " /nowhere" * 10 + "\n",
    "comment after allow": "allow 10.2.0.0/16 # nodes\n",
    "comment after an allow for all": "allow # everybody\n",
    "comment after cmdallow": "cmdallow 10.2.0.0/16 # nodes\n",
    "log of something else": "log everything\n",
    "NUL": "rtcsync\0\n",
    "vertical tab": "\vrtcsync\f\n",
    "no newline at the end": "rtcsync",
    "long line": "#" + "x" * 3000 + "\n",
    "long directive": "logdir /" + "x" * 3000 + "\n",
    "restricted directory": "keyfile /etc/chrony.keys\n",
}


@pytest.mark.parametrize("text", LINES.values(), ids=LINES)
def test_each_line(tmp_path: Path, text: str) -> None:
    assert chronyd_accepts(tmp_path, text) == we_accept(text)


WORDS = st.sampled_from(
    [*SOURCE_OPTIONS, "1", "0.5", "-2", "x", "#", "/nowhere", "192.0.2.1", "stratum", "orphan", "interval", "tracking"]
)
HARMLESS = sorted(set(DIRECTIVES) - {"include", "confdir", "allow", "deny", "cmdallow", "cmddeny", "initstepslew"})
"""Those that neither read files nor resolve names."""

FORMS_CHECKED = [
    name
    for name in HARMLESS
    if name in ("server", "pool", "local", "log", "ratelimit", "cmdratelimit", "ntsratelimit")
    or set(DIRECTIVES[name].arguments or "x") <= set("id")
]


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(FORMS_CHECKED), st.lists(WORDS, max_size=5))
def test_any_words(tmp_path_factory: pytest.TempPathFactory, name: str, words: list[str]) -> None:
    line = " ".join([name, *words]) + "\n"
    assert chronyd_accepts(tmp_path_factory.mktemp("line"), line) == we_accept(line)
