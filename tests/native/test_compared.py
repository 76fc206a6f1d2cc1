"""Ten mistakes, and what three programs say to them: ours as files, cloud-init's by running it, butane's as recorded.

trees/compared/MISTAKE.yaml has the mistake in our language, MISTAKE.cloud-config in cloud-init's, MISTAKE.txt is our
answer to the byte. cloud-init is run; the table says what its version SEEN does, and another one is not held to it.
"""

import re
from dataclasses import dataclass

import pytest
import yaml

from tests.helpers.cases import TREES
from tests.helpers.golden_files import assert_golden
from tests.helpers.policy_findings import validated
from tests.helpers.programs import need, run
from timepolicy.findings.forms.text import render_text

FOLDER = TREES / "compared"
BUTANE = yaml.safe_load((FOLDER / "butane.yaml").read_text())


SEEN = "22.4.2"


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """The text at which we point, what we suggest, and whether cloud-init sees the mistake at all and says the line."""

    at: str
    suggestion: str | None
    cloud_init_refuses: bool
    cloud_init_has_line: bool


MISTAKES = {
    "key-misspelt": Mistake(
        at="upstrems", suggestion="upstreams", cloud_init_refuses=False, cloud_init_has_line=False
    ),
    "key-misspelt-nested": Mistake(
        at="sever", suggestion="server", cloud_init_refuses=True, cloud_init_has_line=False
    ),
    "type": Mistake(at='"yes"', suggestion="true", cloud_init_refuses=True, cloud_init_has_line=False),
    "value-of-a-choice": Mistake(
        at="crony", suggestion="chrony", cloud_init_refuses=False, cloud_init_has_line=False
    ),
    "timezone": Mistake(
        at="Asia/Shangai", suggestion="Asia/Shanghai", cloud_init_refuses=False, cloud_init_has_line=False
    ),
    "unclosed-bracket": Mistake(at="[", suggestion=None, cloud_init_refuses=True, cloud_init_has_line=True),
    "key-twice": Mistake(at="timezone", suggestion=None, cloud_init_refuses=False, cloud_init_has_line=False),
    "tab": Mistake(at="\t", suggestion=None, cloud_init_refuses=True, cloud_init_has_line=True),
    "address": Mistake(at="10.2.12.999", suggestion=None, cloud_init_refuses=False, cloud_init_has_line=False),
    "key-missing": Mistake(at="u", suggestion=None, cloud_init_refuses=True, cloud_init_has_line=False),
}  # fmt: skip

all_mistakes = pytest.mark.parametrize("name", MISTAKES)


def is_seen_version() -> bool:
    """Whether the cloud-init that is installed is the one that the table is about."""
    done = run([need("cloud-init"), "--version"])
    return (done.stdout + done.stderr).split()[-1].startswith(SEEN)


def ours(name: str) -> str:
    source, findings = validated(FOLDER / f"{name}.yaml")
    return render_text(findings, source)


@all_mistakes
def test_our_answer(name: str, update_golden: bool) -> None:
    assert_golden(FOLDER / f"{name}.txt", ours(name), update_golden)


@all_mistakes
def test_we_point_at_the_text_in_one_finding_and_say_what_is_meant(name: str) -> None:
    source, findings = validated(FOLDER / f"{name}.yaml")
    (finding,) = findings
    line = source.line(finding.span.line)
    assert line[finding.span.column - 1 : finding.span.end_column - 1] == MISTAKES[name].at
    assert finding.suggestion == MISTAKES[name].suggestion
    text = ours(name)
    assert f"{name}.yaml:{finding.span.line}:{finding.span.column}\n" in text
    assert re.search(r"^ +\| .*\^", text, flags=re.MULTILINE)
    assert "= help: " in text
    assert finding.severity == "error"


@all_mistakes
def test_what_cloud_init_says(name: str) -> None:
    done = run([need("cloud-init"), "schema", "--config-file", FOLDER / f"{name}.cloud-config"])
    answer = (done.stdout + done.stderr).replace(str(FOLDER), "")
    assert answer
    if is_seen_version():
        assert (done.returncode != 0) == MISTAKES[name].cloud_init_refuses
        assert bool(re.search(r"line \d+", answer)) == MISTAKES[name].cloud_init_has_line
        assert "did you mean" not in answer.lower()


@all_mistakes
def test_what_cloud_init_annotates(name: str) -> None:
    """At best the line; on some mistakes it ends in a traceback, and where it finds some its exit status is 0."""
    done = run([need("cloud-init"), "schema", "--annotate", "--config-file", FOLDER / f"{name}.cloud-config"])
    has_annotation, crashes = "# E1" in done.stdout, "Traceback" in done.stderr
    assert done.stdout + done.stderr
    if is_seen_version():
        assert (has_annotation or crashes) == MISTAKES[name].cloud_init_refuses
        assert crashes == (name == "key-missing")
        assert (done.returncode == 0) == (not crashes)


def test_butane_is_recorded_with_its_source_for_each() -> None:
    assert set(BUTANE) == set(MISTAKES)
    for name, row in BUTANE.items():
        assert row is None or set(row) == {"message", "place", "fails", "source"}, name
        if row and row["place"] != "nothing" and "line" in row["message"]:
            assert re.match(r"line \d+: ", row["message"])


def test_ten_mistakes_of_which_the_others_refuse_half() -> None:
    assert set(MISTAKES) == {path.stem for path in FOLDER.glob("*.cloud-config")}
    assert len(MISTAKES) == 10
    assert sum(mistake.cloud_init_refuses for mistake in MISTAKES.values()) == 5
    assert sum(bool(row and row["fails"]) for row in BUTANE.values()) == 5
