"""Pack the node agent for user-data: `python -m tests.pack_agent`, after each change of the agent.

What a node gets has no comments and no docstrings but the module's, and a blank for each level of indentation: some
900 bytes less in a document that clouds limit. Nothing else is changed.

The packed file is committed, because deflate's output differs between zlib versions, and user-data that changes with
the machine it is rendered on would replace fleets. zopfli's output is also some 4 % smaller.
"""

import ast
import re
from pathlib import Path

from zopfli import gzip

from timepolicy.resources import (
    AGENT,
    AUTHENTIC_AGENT,
    PACKED_AGENT,
    PACKED_AUTHENTIC_AGENT,
    PACKED_AUTHENTIC_SERVER_AGENT,
    PACKED_SERVER_AGENT,
    SERVER_AGENT,
)

INDENTATION = re.compile(r"^(?: {4})+", flags=re.MULTILINE)


def stripped(source: str) -> str:
    """Return the program without comments and docstrings, the module's own excepted: that one is its help."""
    text = ast.unparse(without_docstrings(source)) + "\n"
    short = INDENTATION.sub(lambda blanks: " " * (len(blanks[0]) // 4), text)
    assert ast.dump(ast.parse(short)) == ast.dump(ast.parse(text)), "a text of several lines is indented"
    return short


def without_docstrings(source: str) -> ast.Module:
    """Return the program's tree without the docstrings of its functions and classes."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tree


def program(*extensions: Path) -> str:
    """Return the agent and, in the place of its last statement, extensions: each installs itself over what is before.

    An extension ends by `if __name__ == "__main__":` and a call of main on itself, installed; the last one's stays.
    """
    agent = ast.parse(stripped(AGENT.read_text(encoding="utf-8")))
    body = agent.body
    installed: list[ast.stmt] = []
    for path in extensions:
        assert isinstance(body.pop(), ast.If), "a program ends by running itself"
        extension = ast.parse(stripped(path.read_text(encoding="utf-8")))
        assert ast.get_docstring(extension)
        last = extension.body[-1]
        assert isinstance(last, ast.If)
        last.body[:0] = installed
        installed = [ast.parse(f"{extension_name(extension)}(sys.modules[__name__])").body[0]]
        body += extension.body[1:]
    return stripped(ast.unparse(ast.Module(body, [])))


def extension_name(extension: ast.Module) -> str:
    """Return the name of the one class of an extension that puts itself in the place of the agent's functions."""
    return next(node.name for node in extension.body if isinstance(node, ast.ClassDef))


PROGRAMS: dict[Path, tuple[Path, ...]] = {
    PACKED_AGENT: (),
    PACKED_SERVER_AGENT: (SERVER_AGENT,),
    PACKED_AUTHENTIC_AGENT: (AUTHENTIC_AGENT,),
    PACKED_AUTHENTIC_SERVER_AGENT: (AUTHENTIC_AGENT, SERVER_AGENT),
}
"""Each packed file, and the extensions in it."""


def main() -> None:
    """Write the packed programs beside the programs."""
    for packed, extensions in PROGRAMS.items():
        packed.write_bytes(gzip.compress(program(*extensions).encode(), numiterations=200))


if __name__ == "__main__":
    main()
