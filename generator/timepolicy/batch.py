"""Many products of one policy: which ones, each plan made once, rendered in several processes, and their index."""

import hashlib
import json
import os
import re
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from timepolicy.compiler import named_releases, plan_kind, roles_of
from timepolicy.document.tree import Value
from timepolicy.findings.result import Findings, Result
from timepolicy.formats import FORMATS, formats_for
from timepolicy.inventory import Kind
from timepolicy.plan.planner import joined_assumptions
from timepolicy.plan.types import NodePlan
from timepolicy.policy.keys import Keys
from timepolicy.policy.role import Role
from timepolicy.request import Request, own_target, requested_format, requested_targets, target_named

INDEX, NODES = "index.json", "nodes.csv"
"""Files beside the products: what was made, and which node gets which."""

PAYS = 16
"""Products for which another process is worth its start: it renders one in 12 ms, and starts in some 100 ms."""

_PATH = re.compile(r"[a-z0-9][a-z0-9.-]*/[a-z][a-z0-9.-]*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """A product to be made: a plan, and a format for it."""

    plan: NodePlan
    format: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """What is made of a policy: these releases, this role and these formats; where there are none, all that it uses."""

    distros: Sequence[str] = ()
    role: Role | None = None
    formats: Sequence[str] = ()


def selected_kinds(document: Value, selection: Selection, request: Request, policy_name: str) -> list[Kind]:
    """Return each release, role and format of `selection`; a format is for the releases that have it.

    Raise RequestError where a release has none of the formats, where no release has one of them, and where there are no
    releases.
    """
    role, formats = selection.role, selection.formats
    named = named_releases(document)
    releases = selection.distros or named
    targets = [own_target(key, policy_name, named) for key in dict.fromkeys(releases)]
    targets = targets or requested_targets(request, policy_name, ())
    for name in formats:
        if not any(name in formats_for(target.provisioning) for target in targets):
            requested_format(replace(request, format=name), targets, policy_name, releases)
    kinds = []
    for target in targets:
        for each in [role] if role else roles_of(document):
            if role is None and each is Role.SERVER and not target.has_agent:
                continue  # a client beside servers of another release
            own = [name for name in formats if name in formats_for(target.provisioning)]
            choices: list[str | None] = [*dict.fromkeys(own or formats[:1])]
            for choice in choices or [None]:
                format_ = requested_format(replace(request, format=choice), [target], policy_name, releases)
                kinds.append(Kind(target.key, each, format_))
    return kinds


def plan_tasks(document: Value, kinds: Sequence[Kind], keys: Keys | None) -> Result[list[Task]]:
    """Return what is to be made for `kinds`; a release and role is planned once, whatever its formats."""
    pairs = dict.fromkeys((kind.release, kind.role) for kind in kinds)
    results = {pair: plan_kind(document, target_named(pair[0]), pair[1], keys) for pair in pairs}
    findings = joined_assumptions(Findings(finding for result in results.values() for finding in result.findings))
    tasks = []
    for kind in kinds:
        planned = results[kind.release, kind.role].value
        if planned is not None:
            tasks.append(Task(plan=planned.plan, format=kind.format))
    return Result(tasks, findings).unless_errors()


def contents(tasks: Sequence[Task], processes: int | None = None) -> Iterator[bytes]:
    """Yield what is rendered for each of `tasks`, in their order; by default with as many processes as pay."""
    if processes is None:
        has_affinity = hasattr(os, "sched_getaffinity")  # Linux: what a container or taskset leaves
        processors = len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1
        processes = max(1, min(processors, len(tasks) // PAYS))
    if processes == 1:
        yield from map(_rendered, tasks)
        return
    # an interrupt reaches all processes, and only this one reports it
    with ProcessPoolExecutor(processes, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN)) as pool:
        yield from pool.map(_rendered, tasks, chunksize=4)


def product_path(release: str, role: Role, format_: str, *, is_gzipped: bool, is_base64: bool) -> str:
    """Return the path of a product below the folder of all; the same, whatever else is made."""
    return f"{release}/{role}.{FORMATS[format_].extension}{'.gz' * is_gzipped}{'.b64' * is_base64}"


def index_entry(task: Task, path: str, content: bytes) -> dict[str, Any]:
    """Return what the index says of a product (schemas/index.schema.json)."""
    return {
        "release": task.plan.release,
        "role": task.plan.role,
        "format": task.format,
        "path": path,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def index_data(entries: Sequence[dict[str, Any]], nodes: int | None) -> dict[str, Any]:
    """Return the index of a folder; `nodes` is how many the list of nodes has, None without one."""
    listed = {} if nodes is None else {"nodes": {"path": NODES, "count": nodes}}
    return {"generator": "timepolicy", "version": 1, **listed, "products": list(entries)}


def paths_in_index(text: bytes) -> list[str] | None:
    """Return the paths that an index of ours lists; None where it is not one, since what it lists may be deleted."""
    try:
        data = json.loads(text)
        if data["generator"] != "timepolicy" or data["version"] != 1:
            return None
        paths = [entry["path"] for entry in data["products"]]
        is_ours = all(isinstance(path, str) and _PATH.fullmatch(path) for path in paths)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return [*paths, *([NODES] if "nodes" in data else [])] if is_ours else None


def _rendered(task: Task) -> bytes:
    return FORMATS[task.format].render(task.plan)
