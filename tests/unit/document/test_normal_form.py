"""The normal form: the same values and comments, one layout, and nothing to change the second time."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.helpers.cases import ROOT, TREES
from tests.helpers.golden_files import assert_golden
from tests.helpers.policy_strategies import POLICIES
from tests.helpers.rule_cases import POLICIES as CASES
from timepolicy.document.normal_form import normal_form
from timepolicy.document.parse import parse
from timepolicy.source import Source

OURS = sorted([*ROOT.glob("examples/*/timepolicy.yaml"), *ROOT.glob("docs/*.yaml")])
IMPORTED = sorted((TREES / "import").glob("*/policy.yaml"))


def formatted(text: str) -> str:
    result = normal_form(Source(name="timepolicy.yaml", text=text))
    assert result.value is not None, [finding.message for finding in result.findings]
    return result.value


def values(text: str) -> Any:
    document = parse(text).value
    assert document is not None
    return document.plain()


def test_golden(update_golden: bool) -> None:
    text = formatted((TREES / "fmt/before.yaml").read_text())
    assert_golden(TREES / "fmt/after.yaml", text, update_golden)


@pytest.mark.parametrize("path", [*OURS, *IMPORTED], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_we_write_is_in_the_normal_form(path: Path) -> None:
    assert formatted(path.read_text()) == path.read_text()


def test_every_case_keeps_its_values_and_comments() -> None:
    texts = [path.read_bytes().decode(errors="replace") for path in CASES]
    number = 0
    for text in texts:
        result = normal_form(Source(name="timepolicy.yaml", text=text))
        if result.value is not None:
            assert values(result.value) == values(text)
            assert result.value.count("#") == text.count("#")
            assert formatted(result.value) == result.value
            number += 1
    assert number > 300


@settings(deadline=None)
@given(policy=POLICIES, flow=st.sampled_from([True, False, None]), indent=st.integers(2, 6))
def test_any_layout_becomes_the_same_text_twice(policy: dict[str, Any], flow: bool | None, indent: int) -> None:
    assume(policy.get("name") not in ("y", "n"))  # PyYAML writes them without quotes, which a policy does not accept
    text = yaml.safe_dump(policy, default_flow_style=flow, indent=indent, sort_keys=False)
    once = formatted(text)
    assert values(once) == values(text)
    assert formatted(once) == once


@settings(deadline=None)
@given(
    policy=POLICIES,
    flow=st.sampled_from([False, None]),
    comments=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 8), st.booleans()), max_size=6),
)
def test_comments_anywhere_keep_their_order(
    policy: dict[str, Any], flow: bool | None, comments: list[tuple[int, int, bool]]
) -> None:
    assume(policy.get("name") not in ("y", "n"))
    lines = yaml.safe_dump(policy, default_flow_style=flow, sort_keys=False, width=10_000).splitlines()
    for number, (line, column, is_behind) in enumerate(comments):
        place = line % len(lines)
        if is_behind:
            lines[place] += f" # comment {number}"
        else:
            lines.insert(place, " " * column + f"# comment {number}")
    text = "\n".join(lines)
    once = formatted(text)
    assert values(once) == values(text)
    assert re.findall(r"# comment \d", once) == re.findall(r"# comment \d", text)
    assert formatted(once) == once


@pytest.mark.parametrize(
    ("scalar", "written"),
    [
        ("'UTC'", "UTC"),
        ("'yes'", '"yes"'),
        ("'010'", '"010"'),
        ("'null'", '"null"'),
        ("'1.5'", '"1.5"'),
        ('"a # b"', '"a # b"'),
        ("'a: b'", '"a: b"'),
        ("'- a'", '"- a"'),
        ("'fd00::/8'", "fd00::/8"),
        ("''", '""'),
        ('"tab\\tand \\u0001\\n"', '"tab\\tand \\U00000001\\n"'),
        ("'say \"so\"'", 'say "so"'),
        ("1.50", "1.5"),
        ("true", "true"),
        ("1", "1"),
        ("0.00001", "0.00001"),
        ("", ""),
    ],
)
def test_quotes_stay_only_where_they_are_needed(scalar: str, written: str) -> None:
    assert formatted(f"key: {scalar}\n") == f"key: {written}".rstrip() + "\n"


def test_brackets_stay_on_a_line_and_give_way_to_a_comment() -> None:
    assert formatted("a: [ v,w ]\n") == "a: [v, w]\n"
    assert formatted("a: [ v, # why\n w ]\n") == "a:\n  - v   # why\n  - w\n"
    assert formatted(f"a: [{'x' * 60}, {'y' * 60}]\n") == f"a:\n  - {'x' * 60}\n  - {'y' * 60}\n"


@pytest.mark.parametrize("text", ["a: [x\n", "a: &b x\n", "a: yes\n", "\ufeffa: b\n", "", "- a\n"])
def test_what_is_no_valid_yaml_of_a_policy_has_findings_and_no_normal_form(text: str) -> None:
    result = normal_form(Source(name="timepolicy.yaml", text=text))
    assert result.value is None
    assert result.findings.has_errors
