"""A plan as POSIX shell: write the files once, then start the unit that uses them.

A script for several releases decides on the node which one it is, by os-release(5). A file that
several releases have is in it once.
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
"""The delimiter of here-documents; no file of a plan has it as a line."""

DEFAULT_MODE = 0o644
"""The mode that a file gets from the umask of cloud-init and other provisioners."""


@dataclass(frozen=True, slots=True)
class _HereDocument:
    """The content of one or more files, which are neighbours in a plan and have the same content and mode.

    `paths` are the files' paths on the node, and `places` where the script finds them. `only` is a shell pattern of
    the numbers of the releases that have the files; None for all.
    """

    paths: Verbatim
    places: Verbatim
    mode: Token | None
    content: Verbatim
    packed: bool
    first_line: Verbatim
    only: Verbatim | None
    is_secret: bool


@dataclass(frozen=True, slots=True)
class _Release:
    """One of several releases: `system` is its os-release pattern, `line` the agent's first line if lines differ."""

    system: Verbatim
    digest: Token
    line: Verbatim | None


def boothook_script(*plans: AgentPlan) -> str:
    """Return the script for user-data: it runs at each boot, and writes the files of a plan once."""
    return _script("shell/boothook.sh.j2", plans, installs=False)


def install_script(*plans: AgentPlan) -> str:
    """Return the script for any provisioner: it also reloads systemd, or writes the files into a tree with --root."""
    return _script("shell/install.sh.j2", plans, installs=True)


def image_script(*plans: AgentPlan) -> str:
    """Return the script for any provisioner, with the further files of images."""
    whole = [replace(plan, files=plan.files + plan.image_files) for plan in plans]
    return _script("shell/install.sh.j2", whole, plans[0].image_files, installs=True)


def _script(snippet: str, plans: Sequence[AgentPlan], image_files: Sequence[File] = (), *, installs: bool) -> str:
    """Render a snippet. `installs`: the script can write into a tree, so that it maps paths with `inside`.

    `image_files` are the files of the plans that a node lacks if it got the same plan as user-data.
    """
    several = len(plans) > 1
    return render_snippet(
        snippet,
        header=Verbatim(header(plans)),
        installs=installs,
        releases=list(_releases(plans)) if several else [],
        files=list(_here_documents(plans, installs=installs)),
        besides=[file.path for file in image_files],
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
    return next(file.content.partition("\n")[0] for file in plan.files if file.packed)


def _here_documents(plans: Sequence[AgentPlan], *, installs: bool) -> Iterator[_HereDocument]:
    for files, numbers in _common_files(plans):
        first = files[0]
        assert END not in first.content.splitlines(), f"{first.path} would end its own here-document"
        lines = {_agent_line(plans[number]) for number in numbers} if first.packed else set()
        # the longest folder, which is also the most frequent, is a variable of the script
        paths = [file.path.replace(UNIT_FOLDER, "$units", 1) for file in files]
        content = first.content
        if first.packed is not None:
            # wrapped as base64(1) does or, in user-data, on one line, which is shorter
            encode = base64.encodebytes if installs else base64.b64encode
            content = encode(first.packed).decode().rstrip("\n")
        yield _HereDocument(
            paths=Verbatim(" ".join(paths)),
            places=Verbatim(" ".join(f'"$(inside {path})"' if installs else path for path in paths)),
            mode=Token(f"{first.mode:o}") if first.mode != DEFAULT_MODE else None,
            content=Verbatim(content),
            packed=first.packed is not None,
            first_line=Verbatim('"$line"' if len(lines) > 1 else "'{}'".format(first.content.partition("\n")[0])),
            only=Verbatim("|".join(map(str, numbers))) if len(numbers) < len(plans) else None,
            is_secret=first.is_secret,
        )


def _common_files(plans: Sequence[AgentPlan]) -> Iterator[tuple[list[File], list[int]]]:
    """Neighbours with the same content and mode, and the numbers of the plans that have them all in this order."""
    groups: dict[Any, tuple[list[File], list[int]]] = {}
    for number, plan in enumerate(plans):
        for _, neighbours in groupby(plan.files, lambda file: (file.mode, file.content)):
            files = list(neighbours)
            key = (files[0].mode, files[0].packed or files[0].content, *(file.path for file in files))
            groups.setdefault(key, (files, []))[1].append(number)
    yield from groups.values()
