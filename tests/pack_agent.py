"""Pack the node agent for user-data: `python -m tests.pack_agent`, after each change of the agent.

What a node gets has no comments and no docstrings but the module's, and a blank for each level of indentation: some
900 bytes less in a document that clouds limit. Nothing else is changed.

The packed file is committed, because deflate's output differs between zlib versions, and user-data that changes with
the machine it is rendered on would replace fleets. zopfli's output is also some 4 % smaller.
"""

import ast
import re

from zopfli import gzip

from timepolicy.resources import AGENT, PACKED_AGENT, PACKED_SERVER_AGENT, SERVER_AGENT

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


def server_program() -> str:
    """Return the agent and, in the place of its last statement, what a server does besides."""
    agent = ast.parse(stripped(AGENT.read_text(encoding="utf-8")))
    assert isinstance(agent.body.pop(), ast.If), "the agent ends by running itself"
    server = ast.parse(stripped(SERVER_AGENT.read_text(encoding="utf-8")))
    assert ast.get_docstring(server)
    return stripped(ast.unparse(ast.Module([*agent.body, *server.body[1:]], [])))


def main() -> None:
    """Write the packed programs beside the programs."""
    for packed, program in (
        (PACKED_AGENT, stripped(AGENT.read_text("utf-8"))),
        (PACKED_SERVER_AGENT, server_program()),
    ):
        packed.write_bytes(gzip.compress(program.encode(), numiterations=200))


if __name__ == "__main__":
    main()
