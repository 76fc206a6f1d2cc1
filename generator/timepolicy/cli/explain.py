"""`timepolicy explain`: what a rule means, and which lines of a policy produced a file of a node."""

import click

from timepolicy.cli.help import examples
from timepolicy.cli.options import distro_option, findings_options, role_option
from timepolicy.cli.reporting import Reporting
from timepolicy.cli.streams import read_source, write
from timepolicy.compiler import named_releases, plan_kind, read_policy
from timepolicy.distros.catalogue import Target
from timepolicy.document.spelling import nearest
from timepolicy.document.tree import Value
from timepolicy.findings.result import Result
from timepolicy.plan.types import NodePlan
from timepolicy.policy.role import Role
from timepolicy.reports.explain import explain_file, explanation_text
from timepolicy.request import requested_target
from timepolicy.rulebook import RULES
from timepolicy.rules.pages import page_of, render_page


@click.command(
    epilog=examples(
        "timepolicy explain TP083",
        "timepolicy explain timepolicy.yaml /etc/chrony.conf --distro rocky-9",
    )
)
@click.argument("subject", metavar="CODE | POLICY")
@click.argument("path", metavar="[PATH]", required=False)
@distro_option
@role_option
@findings_options
def explain(subject: str, path: str | None, distro: str | None, role: str, reporting: Reporting) -> None:
    """Explain a rule, or where the lines of a file come from.

    CODE is a rule: its page is printed. With POLICY and the PATH of a file on the node, each line of the file is
    printed beside the lines of POLICY that produced it.
    """
    if path is None and (subject == "-" or subject.endswith((".yaml", ".yml"))):
        raise click.UsageError(
            "name a file on the node too, such as /etc/chrony/chrony.conf; `timepolicy plan --distro D` lists them"
        )
    if path is None:
        rule = RULES.get(subject.upper())
        if rule is None:
            suggestion = nearest(subject.upper(), RULES)
            hint = f"did you mean {suggestion}?" if suggestion else "`timepolicy rules` lists them"
            raise click.UsageError(f"there is no rule {subject}; {hint}")
        write(render_page(page_of(rule)).encode(), None)
        return
    source = read_source(subject)

    def explain_on(document: Value) -> Result[str]:
        target = requested_target(distro, source.name, named_releases(document))
        return plan_kind(document, target, Role(role)).then(lambda kind: Result(text_of(document, target, kind.plan)))

    def text_of(document: Value, target: Target, plan: NodePlan) -> str:
        explanation = explain_file(document, target, Role(role), path)
        if explanation is None:
            paths = ", ".join(file.path for file in plan.files)
            raise click.UsageError(f"a {role} on {target.key} gets no {path}, but {paths}")
        return explanation_text(explanation, source.name, f"{path} on {target.key}, {role}")

    write(reporting.value_of(read_policy(source).then(explain_on), source).encode(), None)
