"""A plan as POSIX shell: lay the files once, then start the unit that uses them.

A script for several releases decides on the node, by os-release(5); what they have in common it has once.
"""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from timepolicy.formats._format import header
from timepolicy.plan.files import UNIT_FOLDER, File
from timepolicy.plan.snippets import render_snippet
from timepolicy.plan.types import AgentPlan
from timepolicy.tokens import Token, Verbatim

END = "EOF"
"""What ends a here-document; no file of a plan has it as a line."""

DEFAULT_MODE = 0o644
"""What a file gets from the umask that cloud-init and other provisioners run with."""


@dataclass(frozen=True, slots=True)
class _Laid:
    """One here-document: neighbours in a plan that have the same content and mode share it.

    `paths` are those of the node; `laid` is where the script finds them. `only` are the numbers of the releases that
    it is for, as a pattern; None for all.
    """

    paths: Verbatim
    laid: Verbatim
    mode: Token | None
    content: Verbatim
    packed: bool
    first_line: Verbatim
    only: Verbatim | None
    is_secret: bool


@dataclass(frozen=True, slots=True)
class _Release:
    """One of several releases: how a node knows itself, and what it alone has."""

    system: Verbatim
    digest: Token
    line: Verbatim | None


def laying_script(*plans: AgentPlan) -> str:
    """Return the script; it may run as often as one likes, and lays a plan once."""
    return _script("shell/boothook.sh.j2", plans, installs=False)


def install_script(*plans: AgentPlan) -> str:
    """Return the script for any provisioner: it reloads systemd, or lays the files into a tree with --root."""
    return _script("shell/install.sh.j2", plans, installs=True)


def image_script(*plans: AgentPlan) -> str:
    """Return that script with what images have besides."""
    whole = [replace(plan, files=plan.files + plan.image_files) for plan in plans]
    return _script("shell/install.sh.j2", whole, plans[0].image_files, installs=True)


def _script(snippet: str, plans: Sequence[AgentPlan], besides: Sequence[File] = (), *, installs: bool) -> str:
    """Fill a snippet; one that installs can do it into a tree.

    `besides` are those files of the plans that a node may lack although it had the plan.
    """
    several = len(plans) > 1
    return render_snippet(
        snippet,
        header=Verbatim(header(plans)),
        installs=installs,
        releases=list(_releases(plans)) if several else [],
        files=list(_laid(plans, installs=installs)),
        besides=[file.path for file in besides],
        digest=Verbatim("$digest") if several else Token(plans[0].contract.digest),
        unit_folder=UNIT_FOLDER,
        start_unit=plans[0].start_unit,
    )


def _releases(plans: Sequence[AgentPlan]) -> Iterator[_Release]:
    lines = [_agent_line(plan) for plan in plans]
    for plan, line in zip(plans, lines, strict=True):
        yield _Release(
            system=Verbatim(plan.system),
            digest=Token(plan.contract.digest),
            line=Verbatim(line) if len(set(lines)) > 1 else None,
        )


def _agent_line(plan: AgentPlan) -> str:
    """The agent's first line, which names the release's Python."""
    return next(_first_line(file) for file in plan.files if file.packed)


def _first_line(file: File) -> str:
    return file.content.partition("\n")[0]


def _laid(plans: Sequence[AgentPlan], *, installs: bool) -> Iterator[_Laid]:
    for files, numbers in _shared(plans):
        assert END not in files[0].content.splitlines(), f"{files[0].path} would end its own here-document"
        lines = {_agent_line(plans[number]) for number in numbers} if files[0].packed else set()
        yield _Laid(
            paths=Verbatim(" ".join(map(_path, files))),
            laid=Verbatim(" ".join(_place(file, installs=installs) for file in files)),
            mode=Token(f"{files[0].mode:o}") if files[0].mode != DEFAULT_MODE else None,
            content=_text(files[0], is_wrapped=installs),
            packed=files[0].packed is not None,
            first_line=Verbatim('"$line"' if len(lines) > 1 else f"'{_first_line(files[0])}'"),
            only=Verbatim("|".join(map(str, numbers))) if len(numbers) < len(plans) else None,
            is_secret=files[0].is_secret,
        )


def _shared(plans: Sequence[AgentPlan]) -> Iterator[tuple[list[File], list[int]]]:
    """Files with the same content and mode, and the numbers of the plans that have all of them and in this order."""
    groups: dict[Any, tuple[list[File], list[int]]] = {}
    for number, plan in enumerate(plans):
        for files in _neighbours(plan):
            key = (files[0].mode, files[0].packed or files[0].content, *(file.path for file in files))
            groups.setdefault(key, (files, []))[1].append(number)
    yield from groups.values()


def _neighbours(plan: AgentPlan) -> Iterator[list[File]]:
    for _, group in groupby(plan.files, lambda file: (file.mode, file.content)):
        yield list(group)


def _path(file: File) -> str:
    """The file's path, the longest and most frequent folder by its variable."""
    return file.path.replace(UNIT_FOLDER, "$units", 1)


def _place(file: File, *, installs: bool) -> str:
    """The file's place as a shell word: the script that installs knows it by a function."""
    return f'"$(inside {_path(file)})"' if installs else _path(file)


def _text(file: File, *, is_wrapped: bool) -> Verbatim:
    """What stands in the here-document; wrapped as `base64` does, or in user-data on one line, which is shorter."""
    if file.packed is None:
        return Verbatim(file.content)
    encode = base64.encodebytes if is_wrapped else base64.b64encode
    return Verbatim(encode(file.packed).decode().rstrip("\n"))
