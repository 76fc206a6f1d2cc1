"""Joins the modules of the doctor into one program for nodes, `timepolicy-node doctor`, as packer.py does the agent.

They are written for the Python of this tool. What Python 3.6 lacks of it is translated here: data classes,
cached_property, StrEnum, zip(strict=True).

    python -m timepolicy.agent.doctor_packer
"""

import ast
import gzip
from collections.abc import Iterator

from timepolicy.agent.packer import definitions, minified, packed
from timepolicy.resources import AGENT, PACKAGE, SNIPPETS

MODULES = (
    "findings/printable",
    *(f"doctor/{name}" for name in ("examination", "node", "diagnosis", "daemons", "sources", "clock", "kubernetes")),
    *(f"doctor/{name}" for name in ("remote", "report", "fixes", "on_node")),
)
"""Each module stands behind those that it imports."""

TRANSLATED = ("typing", "collections.abc", "dataclasses", "enum")
"""Modules of which nothing is imported."""

PRELUDE = """
class cached_property:
    def __init__(self, function):
        self.function = function

    def __get__(self, node, kind):
        value = node.__dict__[self.function.__name__] = self.function(node)
        return value
"""
"""functools has it since Python 3.8."""

COMMAND = """import os, sys
if sys.argv[1:2] == ["doctor"]:
    os.execv("/usr/local/sbin/timepolicy-doctor", ["timepolicy-doctor"] + sys.argv[2:])
"""
"""What stands before the agent on nodes with a doctor."""

RUN = """if __name__ == "__main__":
    sys.exit(doctor_here(sys.argv[1:], lambda text: print(text, end="", flush=True)))
"""


def program() -> str:
    """Return the readable program; raise ValueError if names of modules clash."""
    imports = {"import sys": None}
    body: list[ast.stmt] = [*ast.parse(PRELUDE).body, *ast.parse(f"def collector(): return {_collector()!r}").body]
    for module in MODULES:
        for statement in ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8")).body:
            if isinstance(statement, ast.Import | ast.ImportFrom):
                imports.update(dict.fromkeys(_imports(statement)))
            elif not (isinstance(statement, ast.AnnAssign) and ast.unparse(statement.annotation) == "TypeAlias"):
                body.append(_Translation().visit(statement))
    names = [name for statement in body for name in definitions(statement)]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two modules of the doctor define {sorted(twice)}")
    code = ast.unparse(ast.fix_missing_locations(ast.Module(body, [])))
    return "\n".join((*sorted(imports), code, RUN))


def _collector() -> bytes:
    """The script without its comments, one of which is for shellcheck."""
    lines = (SNIPPETS / "shell" / "doctor.sh.j2").read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("#")).encode()


def _imports(statement: ast.Import | ast.ImportFrom) -> Iterator[str]:
    module = statement.module if isinstance(statement, ast.ImportFrom) and statement.module else ""
    if module in TRANSLATED or module.startswith("timepolicy."):
        return
    statement.names = [alias for alias in statement.names if alias.name != "cached_property"]
    if statement.names:
        yield ast.unparse(statement)


class _Translation(ast.NodeTransformer):
    """From the Python of this tool to 3.6."""

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """A data class becomes one with a method __init__, a StrEnum one whose values are text."""
        node.bases = [base for base in node.bases if ast.unparse(base) != "StrEnum"]
        if not node.decorator_list:
            return self.generic_visit(node)
        node.decorator_list = []
        fields = [statement for statement in node.body if isinstance(statement, ast.AnnAssign)]
        names = [ast.unparse(field.target) for field in fields]
        defaults = [f"={_default(field.value)}" if field.value else "" for field in fields]
        parameters = ", ".join(f"{name}{default}" for name, default in zip(names, defaults, strict=True))
        lines = "".join(f"\n        self.{name} = {name}" for name in names)
        made = ast.parse(f"class _:\n    def __init__(self, {parameters}):{lines}").body[0]
        assert isinstance(made, ast.ClassDef)
        node.body = [*made.body, *(statement for statement in node.body if statement not in fields)]
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Python 3.10 added `strict` to zip."""
        node.keywords = [keyword for keyword in node.keywords if keyword.arg != "strict"]
        return self.generic_visit(node)


def _default(value: ast.expr) -> str:
    """The default of a field; in `field(default=...)` it is an argument."""
    return ast.unparse(value.keywords[0].value if isinstance(value, ast.Call) else value)


def main() -> None:
    """Write the packed programs that are not current."""
    for name, source in (("doctor", minified(program())), ("doctor_command", COMMAND)):
        path = AGENT / f"{name}.py.gz"
        if not path.exists() or gzip.decompress(path.read_bytes()).decode() != source:
            path.write_bytes(packed(source))


if __name__ == "__main__":
    main()
