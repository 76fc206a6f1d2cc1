"""The commands that explain: which rules there are, what one of them means, and which policy lines made a file."""

import click

from timepolicy.cli.policy_commands import distro_option, findings_options, role_option
from timepolicy.cli.policy_file import read_policy, taken
from timepolicy.cli.reporting import Reporting
from timepolicy.cli.streams import as_json, put
from timepolicy.document.spelling import nearest
from timepolicy.policy.model import Origin, Role
from timepolicy.product import plans_for, target_for
from timepolicy.reports.explain import Provenance, provenance
from timepolicy.rulebook import RULES
from timepolicy.rules.pages import list_data, page_of, render_list, render_page


@click.command()
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print them.")
def rules(format_: str) -> None:
    """List every rule by its code, with its severity and what it is about."""
    put(render_list(RULES.values()).encode() if format_ == "text" else as_json(list_data(RULES.values())), None)


@click.command()
@click.argument("subject", metavar="CODE | POLICY")
@click.argument("path", metavar="[PATH]", required=False)
@distro_option
@role_option
@findings_options
def explain(subject: str, path: str | None, distro: str | None, role: str, reporting: Reporting) -> None:
    """Say what the rule CODE means on a node; or which lines of POLICY made the lines of the node's file PATH."""
    if path is None:
        _explain_rule(subject)
    else:
        _explain_file(subject, path, distro, Role(role), reporting)


def _explain_rule(code: str) -> None:
    rule = RULES.get(code.upper())
    if rule is None:
        near = nearest(code.upper(), RULES)
        hint = f"did you mean {near}?" if near else "`timepolicy rules` lists them"
        raise click.UsageError(f"there is no rule {code}; {hint}")
    put(render_page(page_of(rule)).encode(), None)


def _explain_file(policy: str, path: str, distro: str | None, role: Role, reporting: Reporting) -> None:
    read = read_policy(policy, reporting)
    target = target_for(read, distro)
    (plan,) = taken(plans_for(read, [target], role), read, reporting)
    source, _, document = read
    found = provenance(document, target, role, path)
    if found is None:
        raise click.UsageError(f"a {role} on {target.key} gets no {path}, but {', '.join(f.path for f in plan.files)}")
    put(_as_text(found, source.name, f"{path} on {target.key}, {role}").encode(), None)


def _as_text(found: Provenance, policy: str, title: str) -> str:
    """Each line behind the policy's lines that it comes from."""
    places = [_places(line.origins, policy) for line in found.lines]
    width = max(map(len, places), default=0)
    head = [title + (f"; there because of {_places(found.deciders, policy)}" if found.deciders else "")]
    body = [f"{place:{width}} | {line.text}".rstrip() for place, line in zip(places, found.lines, strict=True)]
    return "\n".join([*head, *body]) + "\n"


def _places(origins: tuple[Origin, ...], policy: str) -> str:
    """`timepolicy.yaml:4,8-10`, or nothing."""
    spans: list[list[int]] = []
    for number in sorted({origin.span.line for origin in origins}):
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    texts = (str(first) if first == last else f"{first}-{last}" for first, last in spans)
    return f"{policy}:{','.join(texts)}" if spans else ""
