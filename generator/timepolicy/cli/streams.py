"""What every command does with files and streams: read a policy, show findings, write the product, exit."""

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from timepolicy.compiler import read_document
from timepolicy.findings.finding import Findings
from timepolicy.findings.render import render_lines, render_text
from timepolicy.output import replace_file
from timepolicy.policy.read import read_source
from timepolicy.policy.tree import Value
from timepolicy.text.source import Source

WRONG_POLICY, WRONG_USAGE, NO_FILE = 1, 2, 3

FINDING_FORMATS = {"text": render_text, "line": render_lines}


def read_policy(policy: str, findings_format: str) -> tuple[Source, Findings, Value]:
    """Read the policy, `-` being standard input; exits where there is none."""
    findings = Findings()
    name = "<stdin>" if policy == "-" else policy
    source = read_source(name, read_bytes(policy), findings)
    document = read_document(source, findings) if not findings.has_errors else None
    if document is None:
        stop_at_errors(findings, source, findings_format)
        raise AssertionError("no document, and no finding that says why")
    return source, findings, document


def read_bytes(path: str) -> bytes:
    """Return a file's bytes, `-` being standard input; exits where it cannot be read."""
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except (OSError, AttributeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "standard input is closed"
        fail(f"cannot read {path}: {reason}")


def stop_at_errors(findings: Findings, source: Source, findings_format: str) -> None:
    """Show the findings on standard error; exits where one is an error."""
    if len(findings):
        click.echo(FINDING_FORMATS[findings_format](findings, source), err=True, nl=False)
    if findings.has_errors:
        sys.exit(WRONG_POLICY)


def put(content: bytes, output: Path | None) -> None:
    """Write the product to standard output, or to a file; exits where that fails."""
    try:
        if output is None:
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()
        else:
            replace_file(output, content)
    except OSError as error:
        fail(f"cannot write {output or 'standard output'}: {error.strerror}")


def as_json(data: Any) -> bytes:
    """Return `data` as JSON for people, sets sorted."""
    return (json.dumps(data, indent=2, ensure_ascii=False, default=sorted) + "\n").encode()


def fail(message: str) -> NoReturn:
    """Say why a file cannot be had, and exit."""
    click.echo(f"timepolicy: {message}", err=True)
    sys.exit(NO_FILE)
