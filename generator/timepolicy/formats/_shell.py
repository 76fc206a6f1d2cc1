"""A plan as POSIX shell: write the files once, then start the unit that uses them.

A script for several releases decides on the node which one it is, by os-release(5). A file that
several releases have is in it once.
"""

import base64
import bz2
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
    the numbers of the releases that have the files; None for all. Where `first_line` is set, the content follows it, as
    the command `decode` prints it.
    """

    paths: Verbatim
    places: Verbatim
    mode: Token | None
    content: Verbatim
    decode: Verbatim
    first_line: Verbatim | None
    only: Verbatim | None
    is_secret: bool


@dataclass(frozen=True, slots=True)
class _Release:
    """One of several releases: `system` is its os-release pattern, `line` the agent's first line if lines differ."""

    system: Verbatim
    digest: Token
    line: Verbatim | None


def boothook_script(*plans: AgentPlan) -> str:
    """Return the script for user-data: it runs at each boot, and writes the files of a plan once.

    Clouds limit user-data. So what nobody reads there, programs, units and the contract, and with several releases also
    their configurations, is in one block: the part of the script that writes them, compressed with bzip2, whose one
    library always has the same output, and in base85.
    The node's Python unpacks it; a node that has none yet gets everything as it is.
    """
    can_unpack = all(plan.python_package is None for plan in plans)
    packed = [
        file
        for plan in plans
        for file in plan.files
        if can_unpack and not file.is_secret and (len(plans) > 1 or _is_for_programs(file))
    ]
    readable = [file for plan in plans for file in plan.files if file not in packed]
    finish = render_snippet("shell/replace.sh.j2", start_unit=plans[0].start_unit).rstrip("\n")
    block = f"units={UNIT_FOLDER}\n{_files(plans, packed, gzips=False, installs=False)}\n{finish}" if packed else None
    lines = dict.fromkeys(_agent_line(plan) for plan in plans)
    return render_snippet(
        "shell/boothook.sh.j2",
        **_shared(plans, installs=False),
        readable=Verbatim(_files(plans, readable, gzips=True, installs=False)),
        finish=Verbatim(finish),
        block=Verbatim(base64.b85encode(bz2.compress(block.encode())).decode()) if block else None,
        python=Verbatim("${line#??}" if len(lines) > 1 else next(iter(lines)).removeprefix("#!")),
    )


def install_script(*plans: AgentPlan) -> str:
    """Return the script for any provisioner: it also reloads systemd, or writes the files into a tree with --root."""
    return _install(plans)


def image_script(*plans: AgentPlan) -> str:
    """Return the script for any provisioner, with the further files of images."""
    whole = [replace(plan, files=plan.files + plan.image_files) for plan in plans]
    return _install(whole, plans[0].image_files)


def _install(plans: Sequence[AgentPlan], image_files: Sequence[File] = ()) -> str:
    """`image_files` are the files of the plans that a node lacks if it got the same plan as user-data."""
    return render_snippet(
        "shell/install.sh.j2",
        **_shared(plans, installs=True),
        header=Verbatim(header(plans)),
        files=Verbatim(_files(plans, [file for plan in plans for file in plan.files], gzips=True, installs=True)),
        besides=[file.path for file in image_files],
    )


def _shared(plans: Sequence[AgentPlan], *, installs: bool) -> dict[str, Any]:
    several = len(plans) > 1
    return {
        "installs": installs,
        "releases": list(_releases(plans)) if several else [],
        "digest": Verbatim("$digest") if several else Token(plans[0].contract.digest),
        "unit_folder": UNIT_FOLDER,
        "start_unit": plans[0].start_unit,
    }


def _is_for_programs(file: File) -> bool:
    """Whether nobody reads the file in user-data: it is no configuration of a time daemon."""
    return bool(file.mode & 0o111) or file.path.startswith((UNIT_FOLDER, "/etc/timepolicy/", "/etc/firewalld/"))


def _files(plans: Sequence[AgentPlan], wanted: Sequence[File], *, gzips: bool, installs: bool) -> str:
    """The part of a script that writes those files that are wanted.

    `gzips`: programs in gzip and base64. `installs`: paths are those of a tree, which the script maps with `inside`.
    """
    chosen = [replace(plan, files=tuple(file for file in plan.files if file in wanted)) for plan in plans]
    documents = _here_documents(chosen, plans, gzips=gzips, installs=installs)
    return render_snippet("shell/files.sh.j2", files=list(documents)).rstrip("\n")


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


def _here_documents(
    chosen: Sequence[AgentPlan], plans: Sequence[AgentPlan], *, gzips: bool, installs: bool
) -> Iterator[_HereDocument]:
    for files, numbers in _common_files(chosen):
        first = files[0]
        assert END not in first.content.splitlines(), f"{first.path} would end its own here-document"
        # the longest folder, which is also the most frequent, is a variable of the script
        paths = [file.path.replace(UNIT_FOLDER, "$units", 1) for file in files]
        content, decode, first_line = first.content, "cat", None
        if first.packed is not None:
            line, _, content = content.partition("\n")
            lines = {_agent_line(plans[number]) for number in numbers}
            first_line = Verbatim('"$line"' if len(lines) > 1 else f"'{line}'")
            if gzips:
                content, decode = base64.encodebytes(first.packed).decode(), "base64 -d | gzip -d"
        yield _HereDocument(
            paths=Verbatim(" ".join(paths)),
            places=Verbatim(
                " ".join(f'"$(inside {path}.timepolicy)"' if installs else f"{path}.timepolicy" for path in paths)
            ),
            mode=Token(f"{first.mode:o}") if first.mode != DEFAULT_MODE else None,
            content=Verbatim(content),
            decode=Verbatim(decode),
            first_line=first_line,
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
