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
"""Statuses that need an action."""

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
                    | (
                        {"place": {"path": place.path, "line": place.span.line, "column": place.span.column}}
                        if (place := judgement.place)
                        else {}
                    )
                    for number, demand, judgement in audit.rules
                ],
            }
            for audit in audits
        ],
    }


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
    numbers = {status: times for status in Status if (times := audit.count(status))}
    counts = [counted(n, NOUNS[status]) if status in NOUNS else f"{n} {status}" for status, n in numbers.items()]
    return "\n\n".join([*blocks, ", ".join(counts)]) + "\n"


def _place(judgement: Judgement, policy: str) -> str:
    assert judgement.place is not None
    return f"{policy}:{judgement.place.span.line}:{judgement.place.span.column}"


def _section(audit: NodeAudit, profile: Profile, policy: str) -> Iterator[str]:
    yield f"## {_title(audit, profile)}\n\n"
    yield "| rule | demand | status | evidence or reason |\n|---|---|---|---|\n"
    for number, demand, judgement in audit.rules:
        place = f" ({_place(judgement, policy)})" if judgement.place else ""
        help = f"; {judgement.help}" if judgement.help else ""
        cells = (number, demand, judgement.status, judgement.why + place + help)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"
