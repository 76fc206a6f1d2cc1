"""The cloud-config in a user-data: the mappings that cloud-init merges, with the places of their keys."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import yaml

from timepolicy.configs.file_findings import FileFinding, TextRange, report
from timepolicy.findings.finding import error, note
from timepolicy.source import Span
from timepolicy.user_data.archive import entries
from timepolicy.user_data.extract import Extract
from timepolicy.user_data.nodes import UNREADABLE, root_of, span_of
from timepolicy.user_data.parts import ARCHIVE, CLOUD_CONFIG, INCLUDES, JINJA, JSON_PATCH, Part, type_of, unknown_parts

TEMPLATE_SYNTAX = re.compile(r"\{%.*?%\}|\{#.*?#\}|\{\{.*?\}\}", flags=re.DOTALL)

UNKNOWN = "\ufffc"
"""What stands for each character of an expression of Jinja: nobody but the node knows its value."""

NO_CLOUD_CONFIG = error("TP321", "cloud-init ignores this part: {problem}", "correct it; `cloud-init schema` checks it")
NOT_CHECKED = note(
    "TP328",
    "timepolicy does not check {what}",
    "check it yourself: `ntp`, another `timezone`, or a file of the policy in it would contradict the policy",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CloudConfig:
    """One cloud-config. `merge_type` is how its part says that it is merged with those before it, if it says so."""

    extract: Extract
    root: yaml.MappingNode
    merge_type: str | None

    def at(self, node: yaml.Node) -> TextRange:
        """Return the place of a node in its file."""
        return self.extract.at(span_of(node))


def expanded(parts: Sequence[Part]) -> tuple[list[Part], list[FileFinding]]:
    """Return `parts` with the entries of archives in their places; Jinja templates are what they are templates of.

    The findings are about archives and templates that cannot be read, and about what only the node can get.
    """
    found, findings = list[Part](), list[FileFinding]()
    for part in parts:
        if part.content_type == ARCHIVE:
            try:
                inner = entries(part)
            except UNREADABLE as problem:
                findings.append(_broken(part.extract, problem))
            else:
                more, own = expanded(inner)
                found += more
                findings += [*unknown_parts(inner), *own]
        elif part.content_type == JINJA:
            template = _template(part)
            found.append(template)
            findings += unknown_parts([template])
        else:
            found.append(part)
            if part.content_type in INCLUDES:
                findings.append(report(part.extract.at(), NOT_CHECKED, what="what is at the addresses of `#include`"))
            elif part.content_type == JSON_PATCH:
                what = "what `#cloud-config-jsonp` makes of other parts"
                findings.append(report(part.extract.at(), NOT_CHECKED, what=what))
    return found, findings


def _template(part: Part) -> Part:
    """A part of the type that the second line tells. Its text keeps all places, and has no template syntax."""
    text = TEMPLATE_SYNTAX.sub(_blank, part.extract.text)
    extract = part.extract.inside(text, 0, 0)
    content_type = type_of(text.partition("\n")[2].encode()) or "text/plain"
    return Part(
        content_type=content_type, filename=part.filename, headers=part.headers, content=part.content, extract=extract
    )


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", UNKNOWN if match[0].startswith("{{") else " ", match[0])


def cloud_configs(parts: Sequence[Part]) -> tuple[list[CloudConfig], list[FileFinding]]:
    """Return the cloud-config among `parts`, in cloud-init's order; one that it cannot read is an error."""
    found, findings = list[CloudConfig](), list[FileFinding]()
    for part in parts:
        if part.content_type != CLOUD_CONFIG:
            continue
        try:
            node = root_of(part.extract.text)
        except UNREADABLE as problem:
            if part.content.lstrip()[:2] == b"##":
                what = "this Jinja template, which is YAML only after cloud-init has filled it in"
                findings.append(report(part.extract.at(), NOT_CHECKED, what=what))
            else:
                findings.append(_broken(part.extract, problem))
            continue
        if isinstance(node, yaml.MappingNode):
            found.append(CloudConfig(extract=part.extract, root=node, merge_type=_merge_type(part)))
        elif node is not None:
            findings.append(report(part.extract.at(), NO_CLOUD_CONFIG, problem="it is no mapping"))
    return found, findings


def _merge_type(part: Part) -> str | None:
    given = {name.lower(): value for name, value in part.headers}
    return given.get("merge-type") or given.get("x-merge-type")


def _broken(extract: Extract, problem: Exception) -> FileFinding:
    text = getattr(problem, "problem", None) or (str(problem) if isinstance(problem, ValueError) else "it is no YAML")
    mark = getattr(problem, "problem_mark", None)
    if mark is None:
        return report(extract.at(), NO_CLOUD_CONFIG, problem=text)
    line = mark.line + 1
    width = len(extract.text.split("\n")[mark.line].rstrip("\r"))
    span = Span(line=line, column=1, end_line=line, end_column=1 + width)
    return report(extract.at(span), NO_CLOUD_CONFIG, problem=text)
