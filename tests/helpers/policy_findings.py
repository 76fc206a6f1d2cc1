"""Everything that `validate` finds, without its printing."""

from functools import cache
from pathlib import Path

from timepolicy.compiler import check_document, read_document, roles
from timepolicy.document.decode import read_source
from timepolicy.findings.result import Findings
from timepolicy.source import Source


@cache
def validated(path: Path) -> tuple[Source, Findings]:
    """Return the policy's text, under the name of its file, and all findings about it; to read, not to add to."""
    return validated_text(path.read_bytes(), path.name)


def validated_text(data: bytes, name: str = "policy.yaml") -> tuple[Source, Findings]:
    """Return the text of `data` and all findings about it."""
    findings = Findings()
    source = read_source(name, data, findings)
    document = read_document(source, findings) if not findings.has_errors else None
    if document is not None:
        check_document(document, roles(document), findings)
    return source, findings
