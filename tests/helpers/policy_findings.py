"""All findings of `validate`, without printing."""

from functools import cache
from pathlib import Path

from timepolicy.compiler import check_policy
from timepolicy.findings.result import Findings
from timepolicy.source import Source


@cache
def validated(path: Path) -> tuple[Source, Findings]:
    """Return the policy's text under the name of its file, and all findings about it."""
    return validated_text(path.read_bytes(), path.name)


def validated_text(data: bytes, name: str = "policy.yaml") -> tuple[Source, Findings]:
    """Return the text of `data` and all findings about it."""
    source = Source.decode(name, data)
    return source, check_policy(source)
