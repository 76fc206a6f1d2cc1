"""From a policy's text to its document: a tree of values with spans that has the shape of the schema."""

from timepolicy.document import addresses, shape
from timepolicy.document.characters import unreadable
from timepolicy.document.parse import LOADER, parse
from timepolicy.document.tree import Value
from timepolicy.findings.result import Findings, Result
from timepolicy.source import Source


def load(source: Source, loader: type = LOADER) -> Result[Value]:
    """Return the document of a policy, and what is wrong with its characters, its YAML, its shape and its addresses.

    There is a value as long as the structure of the text is clear, so that one run finds as much as it can; later
    stages take it only where no finding is an error. `loader` is a parser of PyYAML.
    """
    if findings := Findings(unreadable(source)):
        return Result(None, findings)
    parsed = parse(source.text, loader)
    if parsed.value is None:
        return parsed
    findings = parsed.findings
    for faults in (shape.misshapen, addresses.malformed):
        findings += faults(parsed.value, findings.spans_with_errors)
    return Result(parsed.value, findings)
