"""`timepolicy render --all` and `--inventory`: a folder of products with an index, or only the index."""

from __future__ import annotations

import base64
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from io import BufferedReader, FileIO
from typing import IO, TYPE_CHECKING, Any

import click

from timepolicy.batch import (
    INDEX,
    NODES,
    Selection,
    Task,
    contents,
    index_data,
    index_entry,
    paths_in_index,
    plan_tasks,
    product_path,
    selected_kinds,
)
from timepolicy.cli.output import ForeignFolderError, ProductFolder
from timepolicy.cli.reporting import FOR_SEVERAL_FILES, Reporting
from timepolicy.cli.streams import WRONG_POLICY, as_json, fail, read_source, write
from timepolicy.compiler import packed, read_policy
from timepolicy.findings.result import Findings, Result
from timepolicy.findings.wording import listed
from timepolicy.inventory import Inventory

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from timepolicy.document.tree import Value
    from timepolicy.request import Request
    from timepolicy.source import Source


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """What the command line asks for: the nodes in the file `inventory` or, without one, `selection`."""

    selection: Selection
    inventory: str | None
    processes: int | None
    is_base64: bool


def render_all(policy: str, request: Request, batch: Batch, reporting: Reporting, output: Path | None) -> bool:
    """Write all products below `output`, or without it print their index; return whether one is secret."""
    if batch.inventory is not None and reporting.form not in FOR_SEVERAL_FILES:
        raise click.UsageError(f"--findings: with --inventory, {listed(FOR_SEVERAL_FILES)}: each file has its own")
    source = read_source(policy)
    inventory = _inventory(batch.inventory, request, source.name) if batch.inventory is not None else None
    is_wrong = inventory is not None and reporting.show(inventory.findings, inventory.source)

    def plan(document: Value) -> Result[list[Task]]:
        kinds = inventory.kinds if inventory else selected_kinds(document, batch.selection, request, source.name)
        return plan_tasks(document, kinds, request.keys)

    tasks = reporting.value_of(read_policy(source).then(plan), source)
    if is_wrong:
        sys.exit(WRONG_POLICY)
    try:
        with nullcontext() if output is None else ProductFolder(output, INDEX, paths_in_index) as folder:
            entries = _write(tasks, request, batch, (reporting, source), folder)
            if folder is not None and inventory is not None:
                folder.write(NODES, _node_lines(inventory, batch, request))
            index = as_json(index_data(entries, len(inventory) if inventory else None))
            if folder is None:
                write(index, None)
            else:
                folder.publish(index)
    except ForeignFolderError as error:
        fail(f"cannot write {output}: {error}")
    except OSError as error:
        fail(f"cannot write {error.filename or output}: {error.strerror}")
    return any(file.is_secret for task in tasks for file in task.plan.files)


def _write(
    tasks: Sequence[Task],
    request: Request,
    batch: Batch,
    report_to: tuple[Reporting, Source],
    folder: ProductFolder | None,
) -> list[dict[str, Any]]:
    """Write each product as soon as it is made; return its entries of the index. Exits where one is too large."""
    reporting, source = report_to
    entries, findings = [], Findings()
    is_shown = sys.stderr is not None and sys.stderr.isatty()
    made = contents(tasks, batch.processes)
    bar = click.progressbar(made, length=len(tasks), label="Rendering", file=sys.stderr) if is_shown else None
    with bar or nullcontext(made) as steps:
        for task, content in zip(tasks, steps, strict=True):
            result = packed(content, task.format, [task.plan], request)
            findings += result.findings
            if (product := result.value) is None:
                continue
            packing = {"is_gzipped": request.gzip, "is_base64": batch.is_base64}
            path = product_path(task.plan.release, task.plan.role, task.format, **packing)
            data = base64.b64encode(product.content) + b"\n" if batch.is_base64 else product.content
            entries.append(index_entry(task, path, data))
            if folder is not None:
                folder.write(path, [data], is_secret=product.is_secret)
    reporting.value_of(Result(entries, findings), source)
    return entries


def _inventory(path: str, request: Request, policy_name: str) -> Inventory:
    """Read the list of nodes; exits where that fails."""
    try:
        lines: IO[bytes] = sys.stdin.buffer if path == "-" else BufferedReader(FileIO(path))
        with lines:
            return Inventory("<stdin>" if path == "-" else path, lines, request, policy_name)
    except (OSError, AttributeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "standard input is closed"
        fail(f"cannot read {path}: {reason}")


def _node_lines(inventory: Inventory, batch: Batch, request: Request) -> Iterator[bytes]:
    yield b"name,path\r\n"  # RFC 4180; neither cell has a character that needs quotes
    for name, kind in inventory.nodes():
        packing = {"is_gzipped": request.gzip, "is_base64": batch.is_base64}
        yield f"{name},{product_path(kind.release, kind.role, kind.format, **packing)}\r\n".encode()
