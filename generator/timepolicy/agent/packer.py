"""Pack the agent for user-data: `python -m timepolicy.agent.packer`, after each change of the agent.

Each kind of node has one program, and clouds limit user-data, so that it is made small: without comments and
docstrings, and with short names for parameters and local variables. The names of classes, methods and functions stay,
so that a traceback on a node can be read.

The packed files are part of the repository, because deflate's output differs between versions of zlib, and user-data
that changes with the machine it is rendered on would replace fleets. zopfli's output is also some 4 % smaller.
"""

import ast
import gzip
from collections.abc import Iterator

import python_minifier
from zopfli import gzip as zopfli

from timepolicy.resources import AGENT

MODULES = (
    *("interface", "system", "clock", "files", "ntp", "measurement", "gate_state", "holdover", "daemon"),
    *("verifier", "clock_setting", "node_setup", "agent"),
)
"""What every agent consists of: each module stands behind those that it imports."""

PROGRAMS = {
    "client": (*MODULES, "Agent"),
    "server": (*MODULES, "server", "Server"),
    "authentic_client": (*MODULES, "authentic", "Authentic"),
    "authentic_server": (*MODULES, "authentic", "server", "authentic_server", "AuthenticServer"),
}
"""The modules of each program, and the class that it runs."""

RUN = 'if __name__ == "__main__":\n    sys.exit(main(sys.argv[1:], {kind}))\n'


def program(name: str) -> str:
    """Return the readable program."""
    *modules, kind = PROGRAMS[name]
    return joined([(AGENT / f"{module}.py").read_text(encoding="utf-8") for module in modules], kind)


def joined(sources: list[str], kind: str) -> str:
    """Return one program of several modules, which runs the class `kind`; raise ValueError if names would clash."""
    imports: dict[str, None] = {}
    body: list[ast.stmt] = []
    for source in sources:
        for statement in ast.parse(source).body:
            if isinstance(statement, ast.Import | ast.ImportFrom):
                imports.update(dict.fromkeys(standard_imports(statement)))
            else:
                body.append(statement)
    names = [name for statement in body for name in definitions(statement)]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two modules of the agent define {sorted(twice)}")
    code = ast.unparse(ast.Module(body, []))
    return "\n".join((*sorted(imports), code, RUN.format(kind=kind)))


def standard_imports(statement: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """Yield imports of the standard library; the agent's own modules are in the same program, annotations are not."""
    module = statement.module if isinstance(statement, ast.ImportFrom) and statement.module else ""
    if module in ("typing", "collections.abc"):
        return
    if module.startswith("timepolicy.agent."):
        if any(alias.asname for alias in statement.names):
            raise ValueError("in one program, a name has no alias")
        return
    yield ast.unparse(statement)


def definitions(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement at the top of a module defines."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Assign):
        yield from (node.id for target in statement.targets for node in ast.walk(target) if isinstance(node, ast.Name))


def minified(source: str) -> str:
    """Return a program that does the same and is smaller.

    python-minifier renames a parameter only if it is positional-only, which Python 3.6 cannot express. So parameters
    that no call names are positional-only while it works.
    """
    tree = ast.parse(source)
    named = {keyword.arg for node in ast.walk(tree) if isinstance(node, ast.Call) for keyword in node.keywords}
    for arguments in signatures(tree):
        if not named & {argument.arg for argument in arguments.args}:
            arguments.posonlyargs, arguments.args = arguments.args, []
    short = python_minifier.minify(
        ast.unparse(tree), remove_literal_statements=True, rename_globals=False, hoist_literals=False
    )
    tree = ast.parse(short)
    for arguments in signatures(tree):
        arguments.posonlyargs, arguments.args = [], arguments.posonlyargs + arguments.args
    return python_minifier.unparse(tree) + "\n"


def signatures(tree: ast.Module) -> Iterator[ast.arguments]:
    """Yield the parameters of each function."""
    yield from (node.args for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def packed(source: str) -> bytes:
    """Return a program in gzip, the same bytes each time."""
    return bytes(zopfli.compress(source.encode(), numiterations=200))


def main() -> None:
    """Write the packed programs that are not current."""
    for name in PROGRAMS:
        path = AGENT / f"{name}.py.gz"
        source = minified(program(name))
        if not path.exists() or gzip.decompress(path.read_bytes()).decode() != source:
            path.write_bytes(packed(source))


if __name__ == "__main__":
    main()
