"""Lines of `extra`: a policy accepts those that the real chronyd accepts, and systemd reads the values."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.cases import compile_text, file_of
from tests.helpers.chronyd import installed_chrony
from tests.helpers.programs import need, run
from timepolicy.configs.timesyncd.time_spans import is_time_span
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.facts.chrony_options import DIRECTIVES, REFCLOCK_OPTIONS, TIMESTAMPS
from timepolicy.facts.decided_directives import DECIDED_OF_CHRONY

RELEASES = {row.chrony.version[:2]: row for row in AGENT_RELEASES.values() if row.chrony}
"""A release with each chrony."""

NAMES = sorted(set(DIRECTIVES) - set(DECIDED_OF_CHRONY) - {"cmdallow", "cmddeny"})

ARGUMENTS = {
    "bindaddress": "127.0.0.1", "bindacqaddress": "::1", "broadcast": "60 192.0.2.255", "hwtimestamp": "* minpoll -2",
    "leapsecmode": "slew", "maxchange": "1 2 3", "refclock": "SHM 0 refid GPS", "smoothtime": "400 0.01 leaponly",
    "tempcomp": "/nowhere 1 0 0 0 0", "mailonchange": "root@localhost 0.5", "fallbackdrift": "16 19",
    "log": "tracking statistics", "cmdratelimit": "interval 1", "ntsratelimit": "burst 4", "opencommands": "tracking",
}  # fmt: skip
"""Arguments that a directive accepts, if it rejects `1`."""

WITHOUT_ARGUMENT = {"lock_all", "manual", "nosystemcert"}


def policy_with(lines: list[str]) -> str:
    clients = {"daemon": "chrony", "extra": {"chrony": lines}}
    return json.dumps({"timezone": "UTC", "upstreams": ["192.0.2.1", "192.0.2.2"], "clients": clients})


def rendered(lines: list[str]) -> str | None:
    """The chrony.conf of a release with the chrony that is installed here; None if a line is refused."""
    release = RELEASES[installed_chrony()[:2]]
    assert release.chrony is not None
    plan = compile_text(policy_with(lines), release.key)[0]
    return file_of(plan, release.chrony.config) if plan else None


def chronyd_accepts(text: str) -> bool:
    with TemporaryDirectory() as folder:
        Path(folder, "chrony.conf").write_text(text)
        done = run([need("chronyd"), "-p", "-f", Path(folder, "chrony.conf")])
    assert done.returncode in (0, 1), done.stderr
    return done.returncode == 0


@pytest.mark.parametrize("name", NAMES)
def test_each_directive_without_a_key(name: str) -> None:
    line = name if name in WITHOUT_ARGUMENT else f"{name} {ARGUMENTS.get(name, '1')}"
    directive, text = DIRECTIVES[name], rendered([line])
    is_known = directive.since <= installed_chrony() and directive.has_effect
    assert (text is not None) == is_known
    if text is not None:
        assert text.endswith(f"{line}\n")
        assert chronyd_accepts(text)


def test_all_of_them_together() -> None:
    lines = ["hwtimestamp *", "maxslewrate 500", "refclock SHM 0 refid GPS noselect", "refclock PPS /dev/pps0 lock GPS"]
    text = rendered([*lines, "log tracking", "logdir /var/log/chrony", "leapsectz right/UTC", "sched_priority 50"])
    assert text is not None
    assert chronyd_accepts(text)


WORDS = st.sampled_from(
    [
        *REFCLOCK_OPTIONS,
        *TIMESTAMPS,
        "1",
        "0.5",
        "-2",
        "99",
        "x",
        "*",
        "eth0",
        "/nowhere",
        "SHM",
        "PPS",
        "interval",
        "tracking",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([name for name in NAMES if DIRECTIVES[name].has_effect]), st.lists(WORDS, max_size=5))
def test_any_words(name: str, words: list[str]) -> None:
    line = " ".join([name, *words])
    text = rendered([line])
    own = f"server 192.0.2.1\n{line}\n"
    assert chronyd_accepts(own if text is None else text) == (text is not None), line


UNITS = st.sampled_from(["", "s", "sec", "ms", "min", "m", "h", "hr", "d", "days", "w", "weeks", "y", "x", ".", ","])
SPANS = st.builds(
    "{}{}{}".format, st.sampled_from(["5", "0", "1.5", "-1", ".5", "5."]), st.sampled_from(["", " "]), UNITS
)


@settings(max_examples=60, deadline=None)
@given(st.lists(SPANS, min_size=1, max_size=3).map(" ".join))
def test_systemd_accepts_what_is_a_time_span(text: str) -> None:
    if is_time_span(text):
        done = run([need("systemd-analyze"), "timespan", text])
        assert done.returncode == 0, done.stderr
