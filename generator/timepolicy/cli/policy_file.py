"""Reading the policy that a command is given, and taking what was made of it."""

import sys
from typing import TypeVar

from timepolicy import product
from timepolicy.cli.reporting import Reporting
from timepolicy.cli.streams import fail
from timepolicy.document.decode import LARGEST_TEXT, read_file
from timepolicy.document.tree import Value
from timepolicy.findings.result import Findings
from timepolicy.product import ReadPolicy
from timepolicy.source import Source

Made = TypeVar("Made")


def taken(made: Made | None, policy: ReadPolicy, reporting: Reporting) -> Made:
    """Report what was found in the policy, and return what was made of it; exits where nothing was."""
    source, findings, _ = policy
    reporting.stop_at_errors(findings, source)
    assert made is not None, "without errors there is a product"
    return made


def read_policy(policy: str, reporting: Reporting) -> ReadPolicy:
    """Read the policy, `-` being standard input; exits where there is none."""
    return read_text(_name(policy), read_bytes(policy), reporting)


def read_text(name: str, text: bytes, reporting: Reporting) -> ReadPolicy:
    """Read the policy that `text` is, to be called `name`; exits where it is none."""
    source, findings, document = product.read_text(name, text)
    if document is None:
        reporting.stop_at_errors(findings, source)
        raise AssertionError("no document, and no finding that says why")
    return source, findings, document


def try_policy(policy: str) -> tuple[Source, Findings, Value | None]:
    """Read the policy; findings say why there is none. Exits where the file cannot be read."""
    return product.read_text(_name(policy), read_bytes(policy))


def _name(policy: str) -> str:
    return "<stdin>" if policy == "-" else policy


def read_bytes(path: str, most: int = LARGEST_TEXT) -> bytes:
    """Return a file's bytes, `-` being standard input; of one that is too large only as many as show that.

    `most` is what standard input may have.
    """
    try:
        return sys.stdin.buffer.read(most + 1) if path == "-" else read_file(path)
    except (OSError, AttributeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "standard input is closed"
        fail(f"cannot read {path}: {reason}")
