"""Each rule's page: it has all sections, and its examples give the findings that it describes."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.helpers.cases import ROOT
from tests.helpers.command_line import timepolicy
from tests.helpers.golden_files import assert_golden
from timepolicy.findings.finding import Rule, Severity
from timepolicy.resources import RULE_PAGES
from timepolicy.rulebook import RULES
from timepolicy.rules.pages import Page, page_of, render_page

SECTIONS = ("What happens", "Why", "What to do", "Wrong", "Right", "Source")

HAVE_A_PRODUCT = ("import", "render")
"""Commands whose findings go to standard error."""

LINK = "link:"
"""Before the name of an example's file that is a link; its text is where the link leads."""

each_rule = pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: str(rule.code))


def sections(page: Page) -> dict[str, str]:
    parts = re.split(r"^## (.+)\n", page.body, flags=re.MULTILINE)
    assert parts[0] == ""
    return {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def examples(page: Page, section: str) -> dict[str, bytes]:
    """The files of an example by their names, a policy by none; `sh` prints what cannot be shown as it is."""
    blocks = re.findall(r"^```(\w+) ?(\S*)\n(.*?)^```$", sections(page)[section], flags=re.MULTILINE | re.DOTALL)
    assert blocks, section
    return {name: printed(text) if language == "sh" else text.encode() for language, name, text in blocks}


def printed(command: str) -> bytes:
    return subprocess.run(["sh", "-c", command], capture_output=True, check=True).stdout


def check(page: Page, section: str, folder: Path) -> tuple[int, set[tuple[str, str]]]:
    """The exit status, and severity and code of each finding; FILE in the command stands for the example's files."""
    files = examples(page, section)
    for name, content in files.items():
        (folder / name.removeprefix(LINK)).parent.mkdir(parents=True, exist_ok=True)
        if name.startswith(LINK):
            (folder / name.removeprefix(LINK)).symlink_to(content.decode().strip())
        elif name:
            (folder / name).write_bytes(content)
    words = [w for word in page.head.get("check", "validate -").split() for w in (files if word == "FILE" else [word])]
    has_product = words[0] in HAVE_A_PRODUCT
    form = "--findings" if has_product else "--format"
    done = timepolicy(*words, form, "line", text=files.get("", b""), folder=folder)
    report = (done.stderr if has_product else done.stdout).decode()
    lines = re.findall(r"^\S+:\d+:\d+: (\w+) (TP\d{3}) ", report, flags=re.MULTILINE)
    assert len(lines) == report.count("\n"), report
    return done.returncode, set(lines)


def test_each_rule_has_a_page_and_no_page_is_without_a_rule() -> None:
    assert {path.name for path in RULE_PAGES.iterdir()} == {f"{code}.md" for code in RULES}


@each_rule
def test_a_page_says_what_happens_why_and_what_to_do(rule: Rule) -> None:
    page = page_of(rule)
    assert page.head.keys() <= {"title", "check", "besides"}
    assert tuple(sections(page)) == SECTIONS
    assert all(sections(page).values())
    assert page.title[0] != " "
    assert not page.title.endswith(".")


@each_rule
def test_the_wrong_example_gives_the_rule_and_no_other(rule: Rule, tmp_path: Path) -> None:
    page = page_of(rule)
    status, findings = check(page, "Wrong", tmp_path)
    assert (str(rule.severity), rule.code) in findings
    assert {code for _, code in findings} == {rule.code} | set(page.head.get("besides", "").split())
    assert status == (1 if rule.severity is Severity.ERROR else 0)


@each_rule
def test_the_right_example_gives_nothing(rule: Rule, tmp_path: Path) -> None:
    assert check(page_of(rule), "Right", tmp_path) == (0, set())


def test_rules_lists_every_code() -> None:
    lines = timepolicy("rules").stdout.decode().splitlines()
    assert [line.split()[0] for line in lines] == list(RULES)
    listed = json.loads(timepolicy("rules", "--format", "json").stdout)
    assert [(row["code"], row["severity"]) for row in listed] == [(rule.code, rule.severity) for rule in RULES.values()]
    assert all(row.keys() == {"code", "severity", "title", "message", "help"} for row in listed)


@pytest.mark.parametrize("code", ["TP080", "tp080"])
def test_explain_prints_the_page(code: str) -> None:
    done = timepolicy("explain", code)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == render_page(page_of(RULES["TP080"]))
    assert done.stdout.startswith(b"# TP080 (error): ")


@pytest.mark.parametrize(
    ("code", "hint"), [("TP0800", b"did you mean TP080?"), ("../TP080", b"TP080"), ("x", b"rules")]
)
def test_explain_of_no_rule_is_wrong_usage(code: str, hint: bytes) -> None:
    done = timepolicy("explain", code)
    assert (done.returncode, done.stdout) == (2, b"")
    assert hint in done.stderr


def test_the_page_of_all_rules_is_what_the_command_prints(update_golden: bool) -> None:
    done = timepolicy("rules", "--format", "markdown")
    assert (done.returncode, done.stderr) == (0, b"")
    assert_golden(ROOT / "docs/rules.md", done.stdout.decode(), update_golden)
    listed = re.findall(r"^\| \[(TP\d+)\]\(../rules/\1.md\)", done.stdout.decode(), flags=re.MULTILINE)
    assert sorted(listed) == list(RULES)
