"""Import, then render: the sources that chronyd and timesyncd are given are the same as before."""

from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.helpers.cases import file_of, plan_of
from tests.helpers.config_import import import_sources
from timepolicy.configs.chrony.selection import NEVER_SET
from timepolicy.configs.policy_text import NOTHING_TO_CONVERT
from timepolicy.facts.chrony_options import SOURCE_OPTIONS
from timepolicy.source import Source

RELEASE = "ubuntu-26.04"
"""Its chrony is the newest of the catalogue and knows every option."""

POLLS = st.integers(0, 17)
HOSTS = st.sampled_from(["ntp1.example.org", "ntp2.example.org", "10.2.12.11", "2001:db8::1", "a", "NTP3.example.org"])
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(["iburst", "prefer", "noselect", "xleave", "copy"], st.just("")),
        "family": st.sampled_from(["ipv4", "ipv6"]),
        "minpoll": POLLS.map(str),
        "maxpoll": POLLS.map(str),
        "port": st.integers(1, 65535).map(str),
        "maxunreach": st.integers(1, 10**6).map(str),
        "maxdelay": st.sampled_from(["0.1", "3", "0.000001", "1.5", "1e-3"]),
    },
)

Sources = dict[tuple[str, str], dict[str, float]]


def line(verb: str, host: str, options: dict[str, str]) -> str:
    words = [value if name == "family" else f"{name} {value}".strip() for name, value in options.items()]
    return " ".join([verb, host, *words])


def sources_of(text: str) -> Sources:
    """The sources of a chrony.conf: each with its options, numbers as numbers, and what chronyd does with its polls.

    A source without `maxpoll` gets that of a policy, 256 s, and not chronyd's 1024 s.
    """
    found: Sources = {}
    for words in (line.split() for line in text.splitlines() if line.startswith(("server ", "pool "))):
        options: dict[str, float] = {}
        rest = iter(words[2:])
        for word in rest:
            options[word] = float(next(rest)) if SOURCE_OPTIONS[word].value else 1
        options.setdefault("maxpoll", max(8, options.get("minpoll", 8)))
        if options["maxpoll"] < options.get("minpoll", -99):
            options["maxpoll"] = options["minpoll"]
        found[words[0], words[1].lower()] = options
    return found


def rendered(text: str, name: str = "chrony.conf", path: str = "/etc/chrony/chrony.conf") -> str:
    policy = import_sources([Source(name=name, text=text)]).policy
    assert policy is not None
    return file_of(plan_of(policy, RELEASE), path)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(HOSTS, st.tuples(st.sampled_from(["server", "pool"]), OPTIONS), min_size=1, max_size=5))
def test_chronys_sources(sources: dict[str, tuple[str, dict[str, str]]]) -> None:
    assume(any("noselect" not in options for _, options in sources.values()))
    assume(sources.get("10.2.12.11", ("", {}))[1].get("family") != "ipv6")  # chronyd refuses these, and so does TP134
    assume(sources.get("2001:db8::1", ("", {}))[1].get("family") != "ipv4")
    text = "".join(line(verb, host, options) + "\n" for host, (verb, options) in sources.items())
    assert sources_of(rendered(text + "makestep 1 3\nrtcsync\n")) == sources_of(text)


STEPS = {
    "at boot": ("makestep 1 3", "makestep 1 3"),
    "a fraction": ("makestep 0.1 3", "makestep 0.1 3"),
    "at any time": ("makestep 0.5 -1", "makestep 0.5 -1"),
    "never": ("", None),
    "never, said so": ("makestep 1 0", None),
    "the last one holds": ("makestep 1 -1\nMAKESTEP 10.0 3", "makestep 10 3"),
}


@pytest.mark.parametrize(("before", "after"), STEPS.values(), ids=STEPS)
def test_chronys_steps(before: str, after: str | None) -> None:
    text = rendered(f"server 192.0.2.1 iburst\nrtcsync\n{before}\n")
    assert [line for line in text.splitlines() if line.startswith("makestep")] == ([after] if after else [])


def test_how_many_sources_must_agree() -> None:
    text = "pool ntp.example.org iburst\nminsources 2\nmakestep 1 3\nrtcsync\n"
    assert "minsources 2\n" in rendered(text)


def test_the_sources_of_dhcp() -> None:
    text = "pool ntp.example.org iburst\nsourcedir /run/chrony-dhcp\nmakestep 1 3\nrtcsync\n"
    assert "sourcedir /run/chrony-dhcp\n" in rendered(text)


TIMESYNCD = {
    "one line": ("[Time]\nNTP=a.example.org b.example.org\n", "a.example.org b.example.org"),
    "lines that add up": ("[Time]\nNTP=a.example.org\nNTP=b.example.org\n", "a.example.org b.example.org"),
    "an empty one between": ("[Time]\nNTP=a.example.org\nNTP=\nNTP=b.example.org\n", "b.example.org"),
    "a fallback that is never used": ("[Time]\nNTP=a.example.org\nFallbackNTP=b.example.org\n", "a.example.org"),
    "a fallback alone": ("[Time]\nFallbackNTP=b.example.org\n", "b.example.org"),
}


@pytest.mark.parametrize(("before", "after"), TIMESYNCD.values(), ids=TIMESYNCD)
def test_timesyncds_servers(before: str, after: str) -> None:
    path = Path("/etc/systemd/timesyncd.conf.d/zz-timepolicy.conf")
    text = rendered(before, "timesyncd.conf", str(path))
    assert f"\nNTP={after}\n" in text
    assert "NTP=\n" not in text, "timesyncd combines them with DHCP's, as it did before"


@pytest.mark.parametrize("host", ["n", "Y", "on", "null"])
def test_a_host_that_yaml_reads_as_something_else_is_quoted(host: str) -> None:
    assert f"\nserver {host} iburst maxpoll 8\n" in rendered(f"server {host} iburst\nmakestep 1 3\nrtcsync\n")


def test_sources_that_are_only_measured_make_no_policy() -> None:
    text = "server 192.0.2.1 iburst noselect\nmakestep 1 3\nrtcsync\n"
    imported = import_sources([Source(name="chrony.conf", text=text)])
    assert imported.policy is None
    assert imported.codes == [NOTHING_TO_CONVERT.code, NEVER_SET.code]
