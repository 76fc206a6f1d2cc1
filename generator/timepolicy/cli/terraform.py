"""Terraform's external data source: a JSON object of strings on standard input, another on standard output.

And the mirror from which Terraform takes our provider.

registry.terraform.io/providers/hashicorp/external, data source `external`: an error is an exit status that is not 0,
and what standard error says.
"""

import base64
import json
from pathlib import Path
from typing import Any

import click

from timepolicy import __version__
from timepolicy.cli.output import put_program
from timepolicy.cli.policy_file import read_bytes, read_policy, read_text, taken
from timepolicy.cli.reporting import Reporting
from timepolicy.cli.streams import as_json, fail, put
from timepolicy.findings.forms import FOR_PEOPLE
from timepolicy.findings.forms.text import render_lines
from timepolicy.policy.model import Role
from timepolicy.product import packed, product_for
from timepolicy.request import role_named
from timepolicy.terraform.mirror import mirrored

LARGEST_QUERY = 16 << 20
"""In bytes: a policy that is as large as one may be, each character of it escaped, is smaller."""

KEYS = ("policy", "path", "distro", "role", "format", "strict", "gzip")


@click.command()
@click.option(
    "--mirror",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Put the provider into this filesystem mirror instead, such as ~/.terraform.d/plugins.",
)
def terraform(mirror: Path | None) -> None:
    """Answer Terraform's external data source.

    The query has `path` or, as text, `policy`; `distro`, `role`, `format`, `strict` and `gzip` are as render's options.
    The result has `user_data` (empty where it is binary), `user_data_base64`, `size` in bytes, `format`, `release`
    (several with blanks between) and `findings`, a line each.
    """
    if mirror is None:
        _answer(_query(read_bytes("-", LARGEST_QUERY)))
    else:
        _put_mirror(mirror)


def _put_mirror(folder: Path) -> None:
    try:
        for path, program in mirrored(__version__):
            put_program(folder / path, program)
    except OSError as error:
        fail(f"cannot write {folder}: {error.strerror}")


def _answer(query: dict[str, str]) -> None:
    is_strict, is_gzipped = (_is_true(query, key) for key in ("strict", "gzip"))
    reporting = Reporting(form=FOR_PEOPLE, color="never", strict=is_strict, are_product=False)
    if "path" in query:
        policy = read_policy(query["path"], reporting)
    else:
        policy = read_text("policy", query["policy"].encode(), reporting)
    role = role_named(query.get("role", Role.CLIENT))
    made = taken(product_for(policy, query.get("distro"), role, query.get("format")), policy, reporting)
    source, findings, _ = policy
    facts = {"format": made.format, "release": " ".join(made.releases), "findings": render_lines(findings, source)}
    put(as_json(_result(packed(made, is_gzipped=is_gzipped)) | facts), None)


def _is_true(query: dict[str, str], key: str) -> bool:
    stated = query.get(key, "false")
    if stated not in ("true", "false"):
        raise click.UsageError(f"`{key}` is true or false, not `{stated}`")
    return stated == "true"


def _result(content: bytes) -> dict[str, str]:
    text = "" if b"\0" in content else content.decode()
    return {"user_data": text, "user_data_base64": base64.b64encode(content).decode(), "size": str(len(content))}


def _query(text: bytes) -> dict[str, str]:
    """Return the query, its empty strings left out; else the command line is wrong, which a query stands for."""
    try:
        query: Any = json.loads(text)
        json.dumps(query, ensure_ascii=False).encode()  # half a surrogate pair is no character
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"the query is no JSON: {error}") from error
    if not isinstance(query, dict) or not all(isinstance(value, str) for value in query.values()):
        raise click.UsageError("the query has to be a JSON object of strings")
    stated = {key: value for key, value in query.items() if value}
    if unknown := sorted(set(stated) - set(KEYS)):
        raise click.UsageError(f"the query has no key `{unknown[0]}`; it has {', '.join(KEYS)}")
    if ("policy" in stated) == ("path" in stated):
        raise click.UsageError("the query has to have either `path` or `policy`")
    return stated
