"""`timepolicy doctor`: why nodes do not keep the right time."""

import shlex
import sys
from pathlib import Path

import click

from timepolicy.cli.help import examples
from timepolicy.cli.options import output_path
from timepolicy.cli.streams import NO_FILE, WRONG_POLICY, as_json, report, text_or_json_option, write
from timepolicy.doctor.bundle import bundle
from timepolicy.doctor.comparison import comparison, disagree, json_report
from timepolicy.doctor.diagnose import diagnose
from timepolicy.doctor.fixes import fix
from timepolicy.doctor.node import WRONG_S, Node
from timepolicy.doctor.remote import Access, Failure, examine_all
from timepolicy.doctor.report import has_error, text_report


@click.command(
    epilog=examples(
        "timepolicy doctor node-1 node-2",
        "timepolicy doctor --sudo --bundle nodes.tar.gz node-1",
    )
)
@click.argument("hosts", nargs=-1, metavar="HOST...")
@click.option("--local", is_flag=True, help="Examine this machine itself, without ssh.")
@click.option("--ssh", default="ssh", metavar="COMMAND", help="The ssh program and its options.")
@click.option("--sudo", is_flag=True, help="Become root by `sudo -n` on the nodes, which shows more.")
@click.option("--jobs", type=click.IntRange(1, 256), default=16, help="How many nodes are examined at a time.")
@click.option("--timeout", type=click.FloatRange(1), default=60, help="How many seconds each node may take.")
@click.option("--before-install", is_flag=True, help="Compare the nodes' clocks with each other, and nothing else.")
@click.option("--fix", "fixes", is_flag=True, help="Repair what is safe; each command is printed first.")
@click.option(
    "--bundle",
    "bundle_path",
    metavar="FILE",
    callback=output_path,
    help="Write all that was seen, without secrets, to this file (.tar.gz).",
)
@text_or_json_option()
def doctor(  # noqa: PLR0913, PLR0917  # click passes each option by name
    hosts: tuple[str, ...],
    local: bool,
    ssh: str,
    sudo: bool,
    jobs: int,
    timeout: float,
    before_install: bool,
    fixes: bool,
    bundle_path: Path | None,
    format_: str,
) -> None:
    """Examine nodes by ssh and say why they do not keep the right time.

    Nothing is installed on a node, which needs no timepolicy, only sh; without --fix nothing is changed. Exit status 1
    means that a node has an error, 3 that one could not be examined.
    """
    if local == bool(hosts):
        raise click.UsageError("name at least one HOST, or --local")
    if fixes and (before_install or format_ != "text"):
        raise click.UsageError("--fix: it cannot be combined with --before-install and --format")
    access = Access(() if local else tuple(shlex.split(ssh)), timeout, sudo)
    names = ["localhost"] if local else list(dict.fromkeys(hosts))
    examinations = examine_all(names, access, jobs, lambda done: _progress(done, len(names)))
    nodes = [Node(result) for result in examinations if not isinstance(result, Failure)]
    failures = [result for result in examinations if isinstance(result, Failure)]
    rows = [(node, diagnose(node, nodes)) for node in nodes]
    text = text_report(rows, failures)
    if before_install and format_ == "text":
        text = comparison(nodes) + "".join(f"{failure.host}: not examined: {failure.reason}\n" for failure in failures)
    write(text.encode() if format_ == "text" else as_json(json_report(nodes, failures)), None)
    if bundle_path is not None:
        write(bundle(nodes, text), bundle_path, is_secret=True)
    if fixes:
        is_fixed = fix(rows, access, lambda node: diagnose(node, [node]), lambda line: write(line.encode(), None))
        sys.exit(WRONG_POLICY if not is_fixed else NO_FILE if failures else 0)
    has_errors = any(has_error(diagnoses) for _, diagnoses in rows)
    is_wrong = disagree(nodes, WRONG_S) if before_install else has_errors
    sys.exit(WRONG_POLICY if is_wrong else NO_FILE if failures else 0)


def _progress(done: int, number: int) -> None:
    if number > 1 and sys.stderr is not None and sys.stderr.isatty():
        report(f"\r{done} of {number} nodes examined{'' if done < number else chr(10)}")
