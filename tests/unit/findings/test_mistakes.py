"""Ten mistakes and our answers, to the byte, and the recorded answers of Butane."""

import re

from tests.helpers.golden_files import assert_golden
from tests.helpers.mistakes import BUTANE, FOLDER, MISTAKES, all_mistakes
from tests.helpers.policy_findings import validated
from timepolicy.findings.forms.text import render_text


def answer(name: str) -> str:
    source, findings = validated(FOLDER / f"{name}.yaml")
    return render_text(findings, source)


@all_mistakes
def test_our_answer(name: str, update_golden: bool) -> None:
    assert_golden(FOLDER / f"{name}.txt", answer(name), update_golden)


@all_mistakes
def test_one_finding_marks_the_text_and_suggests_the_correction(name: str) -> None:
    source, findings = validated(FOLDER / f"{name}.yaml")
    (finding,) = findings
    line = source.line(finding.span.line)
    assert line[finding.span.column - 1 : finding.span.end_column - 1] == MISTAKES[name].at
    assert finding.suggestion == MISTAKES[name].suggestion
    text = answer(name)
    assert f"{name}.yaml:{finding.span.line}:{finding.span.column}\n" in text
    assert re.search(r"^ +\| .*\^", text, flags=re.MULTILINE)
    assert "= help: " in text
    assert finding.severity == "error"


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
