"""`timepolicy monitoring`: what Prometheus, Grafana and Kubernetes need to watch the clocks of a policy's nodes."""

from pathlib import Path

import click

from timepolicy.cli.help import examples
from timepolicy.cli.options import (
    cluster_label_option,
    findings_options,
    output_path,
    policy_argument,
    refuse_to_replace,
)
from timepolicy.cli.reporting import Reporting
from timepolicy.cli.streams import read_source, write, write_files
from timepolicy.compiler import plan_kinds, read_policy
from timepolicy.fleet.scope import Scope
from timepolicy.monitoring.files import RULES, monitoring_files
from timepolicy.monitoring.selector import SelectorError
from timepolicy.monitoring.settings import settings_of


@click.command(
    epilog=examples(
        "timepolicy monitoring -o monitoring",
        "timepolicy monitoring --selector 'job=\"node\"' >rules.yaml",
    )
)
@policy_argument
@click.option(
    "--selector", default="", show_default=False, metavar="MATCHERS", help="Only these series: 'job=\"node-exporter\"'."
)
@cluster_label_option
@findings_options
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    callback=output_path,
    show_default="only the rules, to standard output",
    help="Write all files to this folder, over older ones.",
)
def monitoring(policy: str, selector: str, cluster_label: str, reporting: Reporting, output: Path | None) -> None:
    """Write rules, alerts and a dashboard about the clocks of POLICY's nodes.

    Without -o, print only the rules for Prometheus. Without `monitoring.textfile_dir` in POLICY they use what every
    node_exporter has, and nothing of what the node agent reports.
    """
    source = read_source(policy)
    kinds = reporting.value_of(read_policy(source).then(plan_kinds), source)
    try:
        settings = settings_of(kinds, Scope(selector, cluster_label))
    except SelectorError as error:
        raise click.UsageError(f"--selector: {error}") from None
    files = {name: text.encode() for name, text in monitoring_files(settings).items()}
    if output is None:
        write(files[RULES], None)
    else:
        for name in files:
            refuse_to_replace(output / name, policy)
        write_files(files, output)
