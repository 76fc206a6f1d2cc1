"""`timepolicy compliance`: which rules of a benchmark the nodes of a policy satisfy, as evidence for auditors."""

import sys
from pathlib import Path

import click

from timepolicy.cli.help import examples
from timepolicy.cli.options import (
    every_distro_option,
    every_role_option,
    findings_options,
    output_option,
    policy_argument,
    refuse_to_replace,
)
from timepolicy.cli.reporting import Reporting
from timepolicy.cli.streams import WRONG_POLICY, as_json, read_source, write
from timepolicy.compiler import read_policy
from timepolicy.compliance.audit import audit, profile_named
from timepolicy.compliance.judgement import Status
from timepolicy.compliance.report import FORMS, OPEN, markdown_report, text_report, to_data
from timepolicy.facts.compliance import PROFILES


@click.command(
    epilog=examples(
        "timepolicy compliance --profile cis-debian12 --distro debian-12",
        "timepolicy compliance --profile pci-dss --format markdown -o evidence.md",
    )
    + f"\n\nProfiles: {', '.join(PROFILES)}."
)
@policy_argument
@click.option(
    "--profile",
    "profile_name",
    metavar="NAME",
    default="",
    show_default=False,
    help="The benchmark, by one of the names below.",
)
@click.option("--format", "format_", type=click.Choice(FORMS), default="text", help="The form of the output.")
@every_distro_option
@every_role_option
@findings_options
@output_option
def compliance(  # noqa: PLR0913, PLR0917  # click passes each option by name
    policy: str,
    profile_name: str,
    format_: str,
    distro: str | None,
    role: str | None,
    reporting: Reporting,
    output: Path | None,
) -> None:
    """Judge the nodes of POLICY by the time rules of a benchmark.

    The files that the nodes get are judged. Exit status 1 means that a rule is in conflict with the policy; with
    --strict, also that a rule needs an exception.
    """
    refuse_to_replace(output, policy)
    profile = profile_named(profile_name)
    source = read_source(policy)
    result = read_policy(source).then(lambda document: audit(document, profile, distro, role))
    audits = reporting.value_of(result, source)
    if format_ == "json":
        write(as_json(to_data(audits, profile, source.name)), output)
    else:
        form = markdown_report if format_ == "markdown" else text_report
        write(form(audits, profile, source.name).encode(), output)
    failing = OPEN if reporting.strict else (Status.CONFLICT,)
    if any(found.count(status) for found in audits for status in failing):
        sys.exit(WRONG_POLICY)
