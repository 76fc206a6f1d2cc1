"""`timepolicy terraform`: Terraform's external data source, and the mirror from which it installs our provider.

The data source reads a JSON object of strings from standard input and writes another to standard output.

registry.terraform.io/providers/hashicorp/external, data source `external`: an error is an exit status that is not 0,
and what standard error says.
"""

import base64
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from timepolicy import __version__
from timepolicy.cli.config_files import show
from timepolicy.cli.help import examples
from timepolicy.cli.output import write_program
from timepolicy.cli.reporting import Reporting
from timepolicy.cli.streams import WRONG_POLICY, as_json, fail, read_bytes, read_source, write
from timepolicy.compiler import compile_joined
from timepolicy.configs.file_findings import FileReport
from timepolicy.findings.forms import FOR_PEOPLE
from timepolicy.findings.forms.text import render_lines
from timepolicy.policy.role import Role
from timepolicy.request import Request, role_named
from timepolicy.source import Source
from timepolicy.terraform.mirror import mirror_files
from timepolicy.user_data.files import named_texts

LARGEST_QUERY = 16 << 20
"""In bytes. The largest policy, with each of its characters escaped, is smaller."""

KEYS = ("policy", "path", "distro", "role", "format", "strict", "gzip", "with")


@click.command(
    epilog=examples(
        'echo \'{"path": "timepolicy.yaml", "distro": "debian-12"}\' | timepolicy terraform',
        "timepolicy terraform --mirror ~/.terraform.d/plugins",
    )
)
@click.option(
    "--mirror",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Put the provider into this filesystem mirror instead, such as ~/.terraform.d/plugins.",
)
def terraform(mirror: Path | None) -> None:
    """Answer Terraform's external data source.

    The query has `path` or, as text, `policy`; `distro`, `role`, `format`, `strict` and `gzip` are as render's options,
    and `with` is a JSON list of other user-data as text or in base64.
    The result has `user_data` (empty where it is binary), `user_data_base64`, `size` in bytes, `format`, `release`
    (several with spaces between) and `findings`, a line each.
    """
    if mirror is None:
        _answer(_query(read_bytes("-", LARGEST_QUERY)))
        return
    try:
        for path, program in mirror_files(__version__):
            write_program(mirror / path, program)
    except OSError as error:
        fail(f"cannot write {mirror}: {error.strerror}")


def _answer(query: dict[str, str]) -> None:
    is_strict, is_gzipped = (_is_true(query, key) for key in ("strict", "gzip"))
    reporting = Reporting(form=FOR_PEOPLE, color="never", strict=is_strict, are_product=False)
    source = read_source(query["path"]) if "path" in query else Source.decode("policy", query["policy"].encode())
    request = Request(
        distro=query.get("distro"),
        role=role_named(query.get("role", Role.CLIENT)),
        format=query.get("format"),
        gzip=is_gzipped,
    )
    result, reports = compile_joined(source, request, named_texts(_texts(query)))
    is_wrong = show(reports, reporting)
    product = reporting.value_of(result, source)
    if is_wrong:
        sys.exit(WRONG_POLICY)
    answer = {
        "user_data": "" if b"\0" in product.content else product.content.decode(),
        "user_data_base64": base64.b64encode(product.content).decode(),
        "size": str(len(product.content)),
        "format": product.format,
        "release": " ".join(product.releases),
        "findings": render_lines(result.findings, source) + "".join(_lines(reports)),
    }
    write(as_json(answer), None)


def _lines(reports: Iterable[FileReport]) -> Iterator[str]:
    return (render_lines(report.findings, report.source) for report in reports)


def _texts(query: dict[str, str]) -> list[str]:
    """Other user-data; raise UsageError where it is no list of strings."""
    texts: Any = _json(query.get("with", "[]"), "`with`")
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise click.UsageError("`with` has to be a JSON list of strings")
    return texts


def _json(text: str | bytes, name: str) -> Any:
    """Return what JSON says; raise UsageError, since a query stands for a command line."""
    try:
        data: Any = json.loads(text)
        json.dumps(data, ensure_ascii=False).encode()  # half a surrogate pair is no character
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"{name} is no JSON: {error}") from error
    return data


def _is_true(query: dict[str, str], key: str) -> bool:
    text = query.get(key, "false")
    if text not in ("true", "false"):
        raise click.UsageError(f"`{key}` is true or false, not `{text}`")
    return text == "true"


def _query(text: bytes) -> dict[str, str]:
    """Return the query without empty strings; raise UsageError."""
    query: Any = _json(text, "the query")
    if not isinstance(query, dict) or not all(isinstance(value, str) for value in query.values()):
        raise click.UsageError("the query has to be a JSON object of strings")
    options = {key: value for key, value in query.items() if value}
    if unknown := sorted(set(options) - set(KEYS)):
        raise click.UsageError(f"the query has no key `{unknown[0]}`; it has {', '.join(KEYS)}")
    if ("policy" in options) == ("path" in options):
        raise click.UsageError("the query has to have either `path` or `policy`")
    return options
