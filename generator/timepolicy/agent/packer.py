"""Pack the agent for user-data: `python -m timepolicy.agent.packer`, after each change of the agent.

Each kind of node has one program, and clouds limit user-data, so that it is made small: without comments and
docstrings, and with short names. Only the names of commands stay. To read a traceback of a node,
`python -m timepolicy.agent.packer PROGRAM` prints the long name of each short one.

The packed files are part of the repository, because deflate's output differs between versions of zlib, and user-data
that changes with the machine it is rendered on would replace fleets. zopfli's output is also some 4 % smaller.
"""

import ast
import builtins
import gzip
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from importlib import import_module
from io import IOBase
from itertools import product, repeat
from keyword import iskeyword
from socket import socket
from string import ascii_lowercase, digits
from subprocess import Popen
from threading import Thread

import python_minifier
from python_minifier import RemoveAnnotationsOptions
from zopfli import gzip as zopfli

from timepolicy.agent.agent import COMMANDS
from timepolicy.resources import AGENT

MODULES = (
    *("interface", "system", "clock", "files", "ntp", "measurement", "gate_state", "holdover", "daemon", "chronyd"),
    *("verifier", "clock_setting", "node_setup", "agent"),
)
"""What every agent consists of: each module stands behind those that it imports."""

KINDS = {
    "client": (*MODULES, "timesyncd", "client", "Client"),
    "server": (*MODULES, "server", "Server"),
    "authentic_client": (*MODULES, "authentic", "Authentic"),
    "authentic_server": (*MODULES, "authentic", "server", "authentic_server", "AuthenticServer"),
}
"""The modules of each kind of node, and the class that its program runs."""

PROGRAMS = {**KINDS, **{f"{kind}_metrics": ("metrics", *modules) for kind, modules in KINDS.items()}}
"""Metrics are a large part, so that nodes whose policy wants none have a program without them."""

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
    remove_overridden_methods([statement for statement in body if isinstance(statement, ast.ClassDef)])
    names = [name for statement in body for name in definitions(statement)]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two modules of the agent define {sorted(twice)}")
    code = ast.unparse(with_constants_inlined(ast.Module(body, [])))
    return "\n".join((*sorted(imports), code, RUN.format(kind=kind)))


def remove_overridden_methods(classes: list[ast.ClassDef]) -> None:
    """Remove the methods that the only subclass in the program has too, and does not call by super()."""
    for each in classes:
        children = [other for other in classes if any(getattr(base, "id", None) == each.name for base in other.bases)]
        if len(children) != 1:
            continue
        own = {node.name for node in children[0].body if isinstance(node, ast.FunctionDef)}
        calls = [node for node in ast.walk(children[0]) if isinstance(node, ast.Attribute)]
        used = {node.attr for node in calls if getattr(getattr(node.value, "func", None), "id", None) == "super"}
        each.body = [node for node in each.body if getattr(node, "name", None) not in own - used]


def with_constants_inlined(tree: ast.Module) -> ast.Module:
    """Return the program with values in the place of constants: of those used once, and of numbers used thrice."""
    uses = Counter(node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    values = {
        statement.targets[0].id: statement.value
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and isinstance(statement.value, ast.Constant | ast.Tuple | ast.Dict)
        and uses[statement.targets[0].id] <= (3 if is_number(statement.value) else 1)
    }
    kept = [statement for statement in tree.body if not set(definitions(statement)) & set(values)]
    inlining = _Inlining(values)
    return ast.Module([inlining.visit(statement) for statement in kept], [])


def is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


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
    """Return a program that does the same and is smaller."""
    tree = ast.parse(short_parameters(source))
    return python_minifier.unparse(_Renaming(short_names(tree)).visit(tree)) + "\n"


def short_parameters(source: str) -> str:
    """Return the program without comments, and with short names for parameters and local variables.

    python-minifier renames a parameter only if it is positional-only, which Python 3.6 cannot express. So the
    parameters of a function are positional-only while it works, unless a call of that name names one of them.
    """
    tree = ast.parse(source)
    for name, arguments in signatures(tree):
        if not named_arguments(tree, name) & {argument.arg for argument in arguments.args}:
            arguments.posonlyargs, arguments.args = arguments.args, []
    # of the annotations, those in class bodies are kept by default; Python before 3.9 stumbles over `tuple[...]` there
    annotations = RemoveAnnotationsOptions(remove_class_attribute_annotations=True)
    short = python_minifier.minify(
        ast.unparse(tree),
        remove_literal_statements=True,
        rename_globals=False,
        hoist_literals=False,
        remove_annotations=annotations,
    )
    tree = ast.parse(short)
    for _, arguments in signatures(tree):
        arguments.posonlyargs, arguments.args = [], arguments.posonlyargs + arguments.args
    return python_minifier.unparse(tree)


def short_names(tree: ast.Module) -> dict[str, str]:
    """Return a short name for what the program itself names, from classes to constants, the frequent ones first.

    Left alone is what has another meaning too: a name of the standard library's objects, the name of a command,
    which main() looks up, and the name of a parameter.
    """
    nodes = list(ast.walk(tree))
    own = {name for statement in tree.body for name in definitions(statement)}
    own |= {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    own |= {node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)}
    own |= {field for node in nodes for field in tuple_fields(node)}
    taken = {node.arg for node in nodes if isinstance(node, ast.arg)} | set(COMMANDS)
    modules = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    objects = (str, bytes, dict, float, IOBase, Thread, Popen, socket, OSError, *map(import_module, modules), builtins)
    foreign = {name for each in objects for name in dir(each)}
    names = Counter(
        name
        for node in nodes
        for name in [getattr(node, "attr", None) or getattr(node, "id", None) or getattr(node, "name", None)]
        if name in own - taken - foreign and len(name) > 2 and not name.startswith("__")
    )
    letters = ascii_lowercase, *repeat(ascii_lowercase + digits, 1)
    free = (word for word in (*ascii_lowercase, *map("".join, product(*letters))) if not iskeyword(word))
    used = {node.id for node in nodes if isinstance(node, ast.Name)} | foreign | taken
    free = (word for word in free if word not in used)
    return {name: next(free) for name, _ in sorted(names.items(), key=lambda row: (-row[1], row[0]))}


def tuple_fields(node: ast.AST) -> list[str]:
    """Return the fields of a namedtuple that this expression makes; none for any other."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "namedtuple":
        return str(ast.literal_eval(node.args[1])).split()
    return []


class _Inlining(ast.NodeTransformer):
    """Writes values in the place of names."""

    def __init__(self, values: Mapping[str, ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.values.get(node.id, node)


class _Renaming(ast.NodeTransformer):
    """Gives names their short forms."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        node.attr = self.names.get(node.attr, node.attr)
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self.names.get(node.name, node.name)
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if fields := tuple_fields(node):
            node.args[1] = ast.Constant(" ".join(self.names.get(field, field) for field in fields))
        if getattr(node.func, "attr", None) == "_replace":
            for keyword in node.keywords:
                keyword.arg = self.names.get(str(keyword.arg), keyword.arg)
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.name = self.names.get(node.name, node.name)
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self.names.get(node.id, node.id)
        return node


def signatures(tree: ast.Module) -> Iterator[tuple[str, ast.arguments]]:
    """Yield the name by which each function is called, and its parameters; a class is called by its own name."""
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    constructors = {id(method): each.name for each in classes for method in each.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield constructors[id(node)] if node.name == "__init__" else node.name, node.args


def named_arguments(tree: ast.Module, name: str) -> set[str | None]:
    """Return the names of arguments that calls of this function, or of a method of this name, use."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {
        keyword.arg
        for call in calls
        if name in (getattr(call.func, "id", None), getattr(call.func, "attr", None))
        for keyword in call.keywords
    }


def packed(source: str) -> bytes:
    """Return a program in gzip, the same bytes each time."""
    return bytes(zopfli.compress(source.encode(), numiterations=200))


def main(words: list[str]) -> None:
    """Write the packed programs that are not current; with the name of one, print its short names and their meaning."""
    for word in words:
        names = short_names(ast.parse(short_parameters(program(word))))
        print("\n".join(f"{short} {name}" for name, short in names.items()))
    if words:
        return
    for name in PROGRAMS:
        path = AGENT / f"{name}.py.gz"
        source = minified(program(name))
        if not path.exists() or gzip.decompress(path.read_bytes()).decode() != source:
            path.write_bytes(packed(source))


if __name__ == "__main__":
    main(sys.argv[1:])
