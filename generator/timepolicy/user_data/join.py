"""Other user-data and a policy to one product, and the findings about all of it."""

from collections.abc import Iterable
from dataclasses import replace

from timepolicy.compiler import Product, compile_policy
from timepolicy.configs.file_findings import FileFinding, FileReport, by_file
from timepolicy.findings.result import Result
from timepolicy.plan.types import AgentPlan
from timepolicy.request import Request, RequestError
from timepolicy.source import Source
from timepolicy.user_data.conflicts import conflicts
from timepolicy.user_data.parts import Part, UserDataTooLargeError, read_parts


def compile_joined(
    source: Source, request: Request, files: Iterable[tuple[str, bytes]]
) -> tuple[Result[Product], tuple[FileReport, ...]]:
    """Compile a policy as compile_policy does, into one document with other user-data.

    `files` are names and contents. Beside the result, whose findings are about the policy, return a report for each
    file with findings. Raise RequestError where the policy cannot meet the request, or a file is too large.
    """
    parts, found = list[Part](), list[FileFinding]()
    for name, data in files:
        try:
            more, own = read_parts(name, data)
        except UserDataTooLargeError as error:
            raise RequestError("with", str(error)) from error
        parts += more
        found += own
    result = compile_policy(source, replace(request, others=tuple(parts)))
    if result.value is not None:
        found += conflicts(parts, [plan for plan in result.value.plans if isinstance(plan, AgentPlan)])
    return result, by_file([finding.source for finding in found], found)


def named_texts(texts: Iterable[str]) -> list[tuple[str, bytes]]:
    """Return user-data that a caller has as texts with names for findings, `with[0]` and so on."""
    return [(f"with[{number}]", text.encode()) for number, text in enumerate(texts)]
