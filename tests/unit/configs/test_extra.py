"""What an import keeps in `extra`, and which directives a policy accepts there."""

import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.cases import TREES, compile_text
from tests.helpers.config_import import import_sources
from tests.helpers.policy_findings import validated_text
from tests.helpers.schema_walk import EXTRA_LINES
from timepolicy.configs.timesyncd.time_spans import is_time_span
from timepolicy.facts.chrony_options import DIRECTIVES
from timepolicy.facts.decided_directives import DECIDED_OF_CHRONY, DECIDED_OF_TIMESYNCD
from timepolicy.facts.timesyncd_settings import SETTING_SINCE
from timepolicy.source import Source

SERVERS = "".join(f"server ntp{number}.example.org iburst\n" for number in (1, 2, 3))


def imported_extra(lines: list[str], *addresses: str) -> tuple[object, list[str]]:
    """The part about servers or clients with its lines of `extra`, and the codes of the findings."""
    text = SERVERS + "makestep 1 3\nrtcsync\n" + "".join(f"{line}\n" for line in lines)
    imported = import_sources([Source(name="chrony.conf", text=text)], addresses=addresses)
    assert imported.policy is not None
    policy = yaml.safe_load(imported.policy)
    section = policy["servers"] if addresses else policy["clients"]
    return section.get("extra"), imported.codes


def test_a_directive_without_a_key_is_kept_and_not_reported() -> None:
    assert imported_extra(["hwtimestamp *", "maxslewrate 500"]) == (
        {"chrony": ["hwtimestamp *", "maxslewrate 500"]},
        [],
    )


def test_the_lines_of_a_server_are_those_of_servers() -> None:
    assert imported_extra(["allow 10.2.0.0/16", "dscp 46"], "10.2.12.11") == ({"chrony": ["dscp 46"]}, [])


def test_of_a_directive_with_one_value_the_last_is_kept() -> None:
    assert imported_extra(["maxdistance 1", "dscp 46", "maxdistance 2"]) == (
        {"chrony": ["maxdistance 2", "dscp 46"]},
        ["TP239"],
    )


def test_what_is_not_needed_or_decided_is_not_kept() -> None:
    assert imported_extra(["logdir /var/log/chrony", "maxdistance 3", "rtcdevice /dev/rtc1"]) == (
        None,
        ["TP251", "TP251", "TP250"],
    )


def test_a_clock_that_a_policy_can_name_is_none_of_the_lines() -> None:
    assert imported_extra(["refclock PHC /dev/ptp_kvm poll 2", "refclock SHM 0"]) == (
        {"chrony": ["refclock SHM 0"]},
        [],
    )


@pytest.mark.parametrize(
    "line", ['ntsntpserver "a"', "logbanner 1 %n", "tempcomp /a|b 1 0 0 0 0", "leapsectz /" + "x" * 300]
)
def test_a_line_that_no_policy_accepts_is_reported(line: str) -> None:
    extra, codes = imported_extra([line])
    assert extra is None
    assert len(codes) == 1


def test_settings_of_timesyncd() -> None:
    text = "[Time]\nNTP=a.b\nSaveIntervalSec=1\nSaveIntervalSec=2min  5\nRootDistanceMaxSec=x\nConnectionRetrySec=\n"
    imported = import_sources([Source(name="timesyncd.conf", text=text)])
    assert imported.policy is not None
    assert yaml.safe_load(imported.policy)["clients"]["extra"] == {"timesyncd": ["SaveIntervalSec=2min 5"]}
    assert sorted(imported.codes) == ["TP250", "TP251"]


@settings(deadline=None)
@given(st.lists(EXTRA_LINES, unique=True))
def test_kept_lines_are_accepted_by_a_policy(lines: list[str]) -> None:
    text = SERVERS + "".join(f"{line}\n" for line in lines)
    policy = import_sources([Source(name="chrony.conf", text=text)]).policy
    assert policy is not None
    assert compile_text(policy, "ubuntu-26.04")[0] is not None


def test_every_directive_is_decided_or_accepted_or_ignored_by_chronyd() -> None:
    """A policy never says of a directive of chronyd that there is no such directive."""
    lines = [f"{name} 1" for name in DIRECTIVES]
    text = f"timezone: UTC\nupstreams: [a.b, c.d, e.f]\nclients: {{daemon: chrony, extra: {{chrony: {lines[:64]}}}}}\n"
    more = text.replace(str(lines[:64]), str(lines[64:]))
    findings = [finding for part in (text, more) for finding in validated_text(part.encode())[1]]
    decided = {finding.values["name"] for finding in findings if finding.rule.code == "TP136"}
    assert decided == set(DECIDED_OF_CHRONY)
    assert not [finding for finding in findings if "no version of chrony" in finding.message]


def test_what_timepolicy_writes_or_converts_is_decided() -> None:
    trees = [tree for tree in (TREES / "nodes").iterdir() if tree.name != "extra"]
    files = [path for tree in trees for path in tree.rglob("chrony.conf")]
    written = {line.split()[0] for path in files for line in path.read_text().splitlines() if not line.startswith("#")}
    converted = {name for name, directive in DIRECTIVES.items() if directive.is_supported} - {"refclock"}
    assert written | converted <= set(DECIDED_OF_CHRONY)
    drop_ins = [path for tree in trees for path in tree.rglob("zz-timepolicy.conf")]
    keys = {key for path in drop_ins for key in re.findall(r"^(\w+)=", path.read_text(), flags=re.MULTILINE)}
    assert keys == set(DECIDED_OF_TIMESYNCD) < set(SETTING_SINCE)


@pytest.mark.parametrize("text", ["5", "1.5s", "5min 20s", "1h30min", "infinity", "2 weeks", "0"])
def test_a_time_span(text: str) -> None:
    assert is_time_span(text)


@pytest.mark.parametrize(
    "text", ["", "often", "5x", "-5", "5,", "5s,", "1..5", "min", "5 minutes ago", "5" * 200 + "x"]
)
def test_no_time_span(text: str) -> None:
    assert not is_time_span(text)
