"""The pages of rules/: for each rule what it means on a node, why, what to do, and a wrong and a right example."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from timepolicy.findings.finding import Rule
from timepolicy.resources import RULE_PAGES

FENCE = "---\n"

INDEX_HEAD = """\
# Rules

Each finding has a code, which never changes its meaning. `timepolicy explain CODE` prints the page of a rule on a
terminal. `timepolicy rules --format markdown` generates this list."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One rule's page.

    `head` is its front matter, lines `key: value`: `title`, the rule in one line; `check`, the command that checks its
    examples, by default `validate -`; `besides`, a code that the wrong example also has.
    `body` is Markdown.
    """

    rule: Rule
    head: dict[str, str]
    body: str

    @property
    def title(self) -> str:
        """What the rule is about, in one line."""
        return self.head["title"]


def page_of(rule: Rule) -> Page:
    """Return the page of `rule`; every rule has one."""
    _, head, body = (RULE_PAGES / f"{rule.code}.md").read_text(encoding="utf-8").split(FENCE, 2)
    return Page(rule=rule, head=dict(line.split(": ", 1) for line in head.splitlines()), body=body.lstrip("\n"))


def render_page(page: Page) -> str:
    """Return the page as Markdown, under a heading with the code, the severity and the title."""
    return f"# {page.rule.code} ({page.rule.severity}): {page.title}\n\n{page.body}"


def render_list(rules: Iterable[Rule]) -> str:
    """Return a line for each of `rules`: code, severity, title."""
    return "".join(f"{rule.code}  {rule.severity:<7}  {page_of(rule).title}\n" for rule in rules)


def render_index(topics: Mapping[str, Mapping[str, Rule]]) -> str:
    """Return docs/rules.md: a table for each topic, and each rule in the first topic that has it."""
    tables, listed = [], set[str]()
    for topic, rules in topics.items():
        rows = [
            f"| [{code}](../rules/{code}.md) | {rule.severity} | {page_of(rule).title} |"
            for code, rule in rules.items()
            if code not in listed
        ]
        listed.update(rules)
        tables.append("\n".join([f"## {topic}", "", "| code | severity | rule |", "| --- | --- | --- |", *rows]))
    return "\n\n".join([INDEX_HEAD, *tables]) + "\n"


def list_data(rules: Iterable[Rule]) -> list[dict[str, str]]:
    """Return `rules` as plain data; `message` and `help` are templates with {places} for a finding's values."""
    return [
        {
            "code": rule.code,
            "severity": rule.severity,
            "title": page_of(rule).title,
            "message": rule.message,
            "help": rule.help,
        }
        for rule in rules
    ]
