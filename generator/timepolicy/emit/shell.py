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

ROOT_VARIABLE = '"$root"'
"""What stands before a path in a script that can lay the files into a tree."""


@dataclass(frozen=True, slots=True)
class _Laid:
    """One here-document: neighbours in the plan that have the same content and mode share it.

    `paths` are those of the node; `laid` is where the script finds them.
    """

    paths: Verbatim
    laid: Verbatim
    mode: Token | None
    content: Verbatim
    packed: bool
    first_line: Verbatim


def laying_script(plan: NodePlan) -> str:
    """Return the script; it may run as often as one likes, and lays a plan once."""
    return _script("shell/lay.sh.j2", plan, "")


def install_script(plan: NodePlan) -> str:
    """Return the script for any provisioner: it reloads systemd, or lays the files into a tree with --root."""
    return _script("shell/install.sh.j2", plan, ROOT_VARIABLE)


def _script(snippet: str, plan: NodePlan, root: str) -> str:
    return render_snippet(
        snippet,
        policy=Token(plan.policy),
        release=Token(plan.release),
        role=Token(plan.role),
        files=list(_laid(plan, root)),
        digest=Token(plan.contract["digest"]),
        unit_folder=UNIT_FOLDER,
        start_unit=plan.start_unit,
    )


def _laid(plan: NodePlan, root: str) -> Iterator[_Laid]:
    for (mode, content), group in groupby(plan.files, lambda file: (file.mode, file.content)):
        files = list(group)
        assert END not in content.splitlines(), f"{files[0].path} would end its own here-document"
        yield _Laid(
            paths=Verbatim(" ".join(map(_path, files))),
            laid=Verbatim(" ".join(root + _path(file) for file in files)),
            mode=Token(f"{mode:o}") if mode != DEFAULT_MODE else None,
            content=_text(files[0], is_wrapped=bool(root)),
            packed=files[0].packed is not None,
            first_line=Verbatim(content.partition("\n")[0]),
        )


def _path(file: File) -> str:
    """The file's path, the longest and most frequent folder by its variable."""
    return file.path.replace(UNIT_FOLDER, "$units", 1)


def _text(file: File, *, is_wrapped: bool) -> Verbatim:
    """What stands in the here-document; wrapped as `base64` does, or on one line, which is shorter."""
    if file.packed is None:
        return Verbatim(file.content)
    encode = base64.encodebytes if is_wrapped else base64.b64encode
    return Verbatim(encode(file.packed).decode().rstrip("\n"))
