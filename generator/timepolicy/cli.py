"""The command line: the only place that prints, reads files and exits.

Exit status: 0 done, 1 the policy is wrong, 2 the command line is wrong, 3 a file cannot be read or written.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

import click

from timepolicy import __version__
from timepolicy.catalogue import releases
from timepolicy.catalogue.release import Release
from timepolicy.catalogue.table import release_table
from timepolicy.compiler import check_document, compile_node, named_releases, read_document, unknown_release
from timepolicy.emit import EMITTERS
from timepolicy.findings.finding import Findings
from timepolicy.findings.render import render_lines, render_text
from timepolicy.output import replace_file
from timepolicy.plan.nodeplan import NodePlan
from timepolicy.policy.model import Role
from timepolicy.policy.read import read_source
from timepolicy.policy.tree import Value
from timepolicy.resources import SCHEMAS
from timepolicy.text.source import Source

WRONG_POLICY, WRONG_USAGE, NO_FILE = 1, 2, 3

FINDING_FORMATS = {"text": render_text, "line": render_lines}

policy_argument = click.argument("policy", default="timepolicy.yaml", type=click.Path(path_type=str))
distro_option = click.option(
    "--distro", metavar="D", help="The distribution release, as `timepolicy distros` names it."
)
role_option = click.option("--role", type=click.Choice(list(Role)), default=Role.CLIENT, help="What the node is for.")
output_option = click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write to this file, whole or not at all."
)
findings_option = click.option(
    "--findings",
    "findings_format",
    type=click.Choice(list(FINDING_FORMATS)),
    default="text",
    help="How findings are shown.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="timepolicy")
def cli() -> None:
    """Compile one time policy into everything that a cluster's nodes need to boot with the right time."""


@cli.command()
@policy_argument
@click.option(
    "--format",
    "findings_format",
    type=click.Choice(list(FINDING_FORMATS)),
    default="text",
    help="How findings are shown.",
)
@role_option
def validate(policy: str, findings_format: str, role: str) -> None:
    """Check POLICY on every release that it names."""
    source, findings, document = _read(policy, findings_format)
    check_document(document, Role(role), findings)
    _stop_at_errors(findings, source, findings_format)


@cli.command()
@policy_argument
@distro_option
@role_option
@click.option(
    "--format",
    "format_",
    type=click.Choice(list(EMITTERS)),
    default=next(iter(EMITTERS)),
    help="What to make.",
)
@findings_option
@output_option
def render(  # noqa: PLR0913, PLR0917  # click passes each option by name
    policy: str, distro: str | None, role: str, format_: str, findings_format: str, output: Path | None
) -> None:
    """Compile POLICY for one kind of node."""
    plan = _plan(policy, distro, role, findings_format)
    _put(EMITTERS[format_].render(plan), output)


@cli.command()
@policy_argument
@distro_option
@role_option
@findings_option
@output_option
def plan(policy: str, distro: str | None, role: str, findings_format: str, output: Path | None) -> None:
    """Print, as JSON, what one kind of node gets, and from which lines of POLICY."""
    data = _plan(policy, distro, role, findings_format).to_data()
    _put(_json(data), output)


@cli.command()
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print them.")
def distros(format_: str) -> None:
    """List the distribution releases that timepolicy knows, and what it assumes of each."""
    rows = list(releases.RELEASES.values())
    _put(release_table(rows).encode() if format_ == "text" else _json([asdict(row) for row in rows]), None)


@cli.command()
def schema() -> None:
    """Print the policy's JSON Schema, for editors."""
    _put((SCHEMAS / "policy.schema.json").read_bytes(), None)


def main() -> NoReturn:
    """Run the program; an interrupted or broken pipe is no traceback."""
    try:
        sys.exit(cli.main(standalone_mode=False) or 0)
    except click.UsageError as error:
        error.show()
        sys.exit(WRONG_USAGE)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)


def _plan(policy: str, distro: str | None, role: str, findings_format: str) -> NodePlan:
    """Compile `policy` for the release that is asked for; exits unless there is a plan."""
    source, findings, document = _read(policy, findings_format)
    release = _release(distro, document, source)
    made = compile_node(document, release, Role(role), findings)
    _stop_at_errors(findings, source, findings_format)
    assert made is not None, "without errors there is a plan"
    return made


def _release(distro: str | None, document: Value, source: Source) -> Release:
    """The release that --distro names, or the only one that the policy names."""
    named = named_releases(document)
    key = distro or (named[0] if len(named) == 1 else None)
    if key is None:
        choice = f"; {source.name} names {', '.join(named)}" if named else "; `timepolicy distros` lists them"
        raise click.UsageError(f"say for which release, with --distro{choice}")
    release = releases.find(key)
    if release is None:
        finding = unknown_release(key, document.span, "")
        hint = f"did you mean {finding.suggestion}?" if finding.suggestion else finding.hint
        raise click.UsageError(f"--distro: {finding.message}; {hint}")
    return release


def _read(policy: str, findings_format: str) -> tuple[Source, Findings, Value]:
    """Read the policy, `-` being standard input; exits where there is none."""
    findings = Findings()
    name = "<stdin>" if policy == "-" else policy
    source = read_source(name, _bytes(policy), findings)
    document = read_document(source, findings) if not findings.has_errors else None
    if document is None:
        _stop_at_errors(findings, source, findings_format)
        raise AssertionError("no document, and no finding that says why")
    return source, findings, document


def _bytes(policy: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if policy == "-" else Path(policy).read_bytes()
    except (OSError, AttributeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "standard input is closed"
        _fail(f"cannot read {policy}: {reason}")


def _stop_at_errors(findings: Findings, source: Source, findings_format: str) -> None:
    if len(findings):
        click.echo(FINDING_FORMATS[findings_format](findings, source), err=True, nl=False)
    if findings.has_errors:
        sys.exit(WRONG_POLICY)


def _put(content: bytes, output: Path | None) -> None:
    try:
        if output is None:
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()
        else:
            replace_file(output, content)
    except OSError as error:
        _fail(f"cannot write {output or 'standard output'}: {error.strerror}")


def _json(data: Any) -> bytes:
    return (json.dumps(data, indent=2, ensure_ascii=False, default=sorted) + "\n").encode()


def _fail(message: str) -> NoReturn:
    click.echo(f"timepolicy: {message}", err=True)
    sys.exit(NO_FILE)
