"""Audits as text, JSON and Markdown."""

from collections.abc import Iterator, Sequence
from typing import Any

from timepolicy.compliance.audit import NodeAudit
from timepolicy.compliance.judgement import Judgement, Status
from timepolicy.facts.compliance import Profile
from timepolicy.findings.wording import counted
from timepolicy.reports.table import table

FORMS = ("text", "json", "markdown")

OPEN = (Status.CONFLICT, Status.EXCEPTION)
"""What somebody has to do something about."""


NOUNS = {Status.CONFLICT: "conflict", Status.EXCEPTION: "exception"}


def text_report(audits: Sequence[NodeAudit], profile: Profile, policy: str) -> str:
    """Return a table for each kind of node, and below it what is open, each with its place in `policy`, a file."""
    return "\n".join(f"{_title(audit, profile)}\n\n{_table(audit)}\n\n{_open(audit, policy)}" for audit in audits)


def markdown_report(audits: Sequence[NodeAudit], profile: Profile, policy: str) -> str:
    """Return a section for each kind of node, with a table of rule, demand, status and evidence."""
    return "\n".join("".join(_section(audit, profile, policy)) for audit in audits)


def to_data(audits: Sequence[NodeAudit], profile: Profile, policy: str) -> dict[str, Any]:
    """Return the audits as JSON-like data."""
    return {
        "policy": policy,
        "profile": profile.name,
        "title": profile.title,
        "nodes": [
            {
                "release": audit.node.release,
                "role": audit.node.role,
                "rules": [
                    {"rule": number, "demand": demand, "status": judgement.status, "why": judgement.why}
                    | ({"help": judgement.help} if judgement.help else {})
                    | ({"place": _place_data(judgement)} if judgement.place else {})
                    for number, demand, judgement in audit.rules
                ],
            }
            for audit in audits
        ],
    }


def _place_data(judgement: Judgement) -> dict[str, Any]:
    assert judgement.place is not None
    span = judgement.place.span
    return {"path": judgement.place.path, "line": span.line, "column": span.column}


def _title(audit: NodeAudit, profile: Profile) -> str:
    return f"{profile.title}: {audit.node.role} on {audit.node.release}"


def _table(audit: NodeAudit) -> str:
    rows = [(number, judgement.status, demand) for number, demand, judgement in audit.rules]
    return table([("RULE", "STATUS", "DEMAND"), *rows])


def _open(audit: NodeAudit, policy: str) -> str:
    blocks = []
    for number, _, judgement in audit.rules:
        if judgement.status in OPEN:
            place = [f" --> {_place(judgement, policy)}"] if judgement.place else []
            head = f"{number}: {judgement.status}: {judgement.why}"
            blocks.append("\n".join([head, *place, f"  = help: {judgement.help}"]))
    summary = ", ".join(_counts(audit))
    return "\n\n".join([*blocks, summary]) + "\n"


def _counts(audit: NodeAudit) -> Iterator[str]:
    for status, number in ((status, audit.count(status)) for status in Status):
        if number:
            noun = NOUNS.get(status)
            yield counted(number, noun) if noun else f"{number} {status}"


def _place(judgement: Judgement, policy: str) -> str:
    assert judgement.place is not None
    return f"{policy}:{judgement.place.span.line}:{judgement.place.span.column}"


def _section(audit: NodeAudit, profile: Profile, policy: str) -> Iterator[str]:
    yield f"## {_title(audit, profile)}\n\n"
    yield "| rule | demand | status | evidence or reason |\n|---|---|---|---|\n"
    for number, demand, judgement in audit.rules:
        place = f" ({_place(judgement, policy)})" if judgement.place else ""
        help = f"; {judgement.help}" if judgement.help else ""
        yield "| " + " | ".join(map(_cell, (number, demand, judgement.status, judgement.why + place + help))) + " |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
