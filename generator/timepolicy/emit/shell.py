"""A plan as POSIX shell: lay the files once, then start the unit that uses them."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from timepolicy.plan.nodeplan import UNIT_FOLDER, File, NodePlan
from timepolicy.plan.snippets import render_snippet
from timepolicy.text.tokens import Token, Verbatim

END = "EOF"
"""What ends a here-document; no file of a plan has it as a line."""

DEFAULT_MODE = 0o644
"""What a file gets from the umask that cloud-init and other provisioners run with."""


@dataclass(frozen=True, slots=True)
class _Laid:
    """One here-document: neighbours in the plan that have the same content and mode share it."""

    paths: Verbatim
    mode: Token | None
    content: Verbatim
    packed: bool
    first_line: Verbatim


def laying_script(plan: NodePlan) -> str:
    """Return the script; it may run as often as one likes, and lays a plan once."""
    return render_snippet(
        "shell/lay.sh.j2",
        files=list(_laid(plan)),
        digest=Token(plan.contract["digest"]),
        unit_folder=UNIT_FOLDER,
        start_unit=plan.start_unit,
    )


def _laid(plan: NodePlan) -> Iterator[_Laid]:
    for (mode, content), group in groupby(plan.files, lambda file: (file.mode, file.content)):
        files = list(group)
        assert END not in content.splitlines(), f"{files[0].path} would end its own here-document"
        yield _Laid(
            paths=Verbatim(" ".join(_path(file) for file in files)),
            mode=Token(f"{mode:o}") if mode != DEFAULT_MODE else None,
            content=_text(files[0]),
            packed=files[0].packed is not None,
            first_line=Verbatim(content.partition("\n")[0]),
        )


def _path(file: File) -> str:
    """The file's path, the longest and most frequent folder by its variable."""
    return file.path.replace(UNIT_FOLDER, "$units", 1)


def _text(file: File) -> Verbatim:
    return Verbatim(file.content if file.packed is None else base64.b64encode(file.packed).decode())
