"""Reading the policy that a command is given."""

import sys
from io import BufferedReader, FileIO

from timepolicy.cli.reporting import Reporting
from timepolicy.cli.streams import fail
from timepolicy.compiler import read_document
from timepolicy.findings.finding import Findings
from timepolicy.policy.read import LARGEST_TEXT, read_source
from timepolicy.policy.tree import Value
from timepolicy.text.source import Source

Policy = tuple[Source, Findings, Value]
"""A policy as it was read: its text, what was found in it so far, and its document, which is of the right shape."""


def read_policy(policy: str, reporting: Reporting) -> Policy:
    """Read the policy, `-` being standard input; exits where there is none."""
    return read_text(_name(policy), read_bytes(policy), reporting)


def read_text(name: str, text: bytes, reporting: Reporting) -> Policy:
    """Read the policy that `text` is, to be called `name`; exits where it is none."""
    source, findings, document = _read(name, text)
    if document is None:
        reporting.stop_at_errors(findings, source)
        raise AssertionError("no document, and no finding that says why")
    return source, findings, document


def try_policy(policy: str) -> tuple[Source, Findings, Value | None]:
    """Read the policy; findings say why there is none. Exits where the file cannot be read."""
    return _read(_name(policy), read_bytes(policy))


def _read(name: str, text: bytes) -> tuple[Source, Findings, Value | None]:
    findings = Findings()
    source = read_source(name, text, findings)
    return source, findings, read_document(source, findings) if not findings.has_errors else None


def _name(policy: str) -> str:
    return "<stdin>" if policy == "-" else policy


def read_bytes(path: str) -> bytes:
    """Return a file's bytes, `-` being standard input; of one that is too large only as many as show that."""
    most = LARGEST_TEXT + 1
    try:
        if path == "-":
            return sys.stdin.buffer.read(most)
        with BufferedReader(FileIO(path)) as file:
            return file.read(most)
    except (OSError, AttributeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "standard input is closed"
        fail(f"cannot read {path}: {reason}")
