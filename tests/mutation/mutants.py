"""Small wrong changes to one file: each mutant is one place in its text, and what stands there instead."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, order=True)
class Mutant:
    """`start` and `end` are offsets in the text of the file at `path`, which is relative to the repository."""

    path: str
    start: int
    end: int
    instead: str
    line: int
    context: str
    before: str

    @property
    def key(self) -> str:
        """What names it in reasons.yaml and RESULTS.md; it does not change when the file grows elsewhere."""
        before, instead = (" ".join(text.split()) or "nothing" for text in (self.before, self.instead))
        where = f"in {self.context}: " if self.context != before else ""
        return f"{self.path}: {where}{before} -> {instead}"

    def applied(self, text: str) -> str:
        return text[: self.start] + self.instead + text[self.end :]


OPERATORS: dict[type[ast.AST], Any] = {
    ast.Lt: ast.GtE(),
    ast.LtE: ast.Gt(),
    ast.Gt: ast.LtE(),
    ast.GtE: ast.Lt(),
    ast.Eq: ast.NotEq(),
    ast.NotEq: ast.Eq(),
    ast.Is: ast.IsNot(),
    ast.IsNot: ast.Is(),
    ast.In: ast.NotIn(),
    ast.NotIn: ast.In(),
    ast.And: ast.Or(),
    ast.Or: ast.And(),
    ast.Add: ast.Sub(),
    ast.Sub: ast.Add(),
    ast.Mult: ast.Add(),
}


def of_python(path: str, text: str) -> Iterator[Mutant]:
    """Yield the mutants of a Python file: operators, constants, conditions, statements and returned values.

    Messages stay: their words are no behaviour. So do annotations and docstrings, and whether a limit itself is within
    it: most limits here are times, which are never equal.
    """
    tree = ast.parse(text)
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    skipped: set[int] = set()
    for node in ast.walk(tree):
        parts = [
            getattr(node, "annotation", None),
            getattr(node, "returns", None),
            *getattr(node, "decorator_list", []),
        ]
        # positions inside an f-string are not those of the file before Python 3.12
        parts += [node] if isinstance(node, ast.JoinedStr | ast.Import | ast.ImportFrom) else []
        skipped |= {id(inner) for part in parts if part for inner in ast.walk(part)}
    for node in ast.walk(tree):
        if id(node) in skipped or not isinstance(node, ast.expr | ast.stmt):
            continue
        first, last = node.lineno - 1, (node.end_lineno or 1) - 1
        start, end = starts[first] + node.col_offset, starts[last] + (node.end_col_offset or 0)
        context = " ".join(text[starts[first] : starts[last + 1]].split())
        for instead in _instead_of(node):
            yield Mutant(path, start, end, instead, node.lineno, context, text[start:end])


def _instead_of(node: ast.AST) -> Iterator[str]:  # noqa: C901  # one case a kind of node
    match node:
        case ast.Compare(left, [operator], [right]) if type(operator) in OPERATORS:
            yield f"({ast.unparse(ast.Compare(left, [OPERATORS[type(operator)]], [right]))})"
        case ast.BoolOp(operator, values):
            yield f"({ast.unparse(ast.BoolOp(OPERATORS[type(operator)], values))})"
        case ast.BinOp(left, operator, right) if type(operator) in OPERATORS and not _is_text(left):
            yield f"({ast.unparse(ast.BinOp(left, OPERATORS[type(operator)], right))})"
        case ast.UnaryOp(ast.Not(), operand):
            yield f"({ast.unparse(operand)})"
        case ast.Constant(bool() as value):
            yield str(not value)
        case ast.Constant(int() | float() as number):
            yield repr(number * 3 + 1)
        case ast.Constant(str() as word) if re.fullmatch(r"[A-Za-z0-9_./*=-]+", word):
            yield repr(f"{word}x")
        case ast.IfExp(test, body, orelse):
            yield f"({ast.unparse(ast.IfExp(ast.UnaryOp(ast.Not(), test), body, orelse))})"
        case ast.Expr(ast.Call(ast.Name("log" | "print"))) | ast.Expr(ast.Constant()):
            pass
        case ast.Expr() | ast.AugAssign() | ast.Continue() | ast.Break():
            yield "pass"
        case ast.Return(value) if value is not None and ast.unparse(value) not in ("None", "False", "''", "0"):
            yield "return None"


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


WORDS = r"&&|\|\||-eq|!=| ! |\b\d+\b|\byes\b|\bno\b|\btrue\b"


def of_snippet(path: str, text: str) -> Iterator[Mutant]:
    """Yield the mutants of a snippet: each line left out, and some words changed into their opposite."""
    offset = 0
    in_comment = False
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        bare = line.strip()
        in_comment = in_comment or bare.startswith("{#")
        if bare and not in_comment and not bare.startswith(("#", "{%", "[")) and not _holds_shell_together(bare):
            yield Mutant(path, offset, offset + len(line), "", number, bare, line)
            for found in re.finditer(WORDS, line):
                start, end = offset + found.start(), offset + found.end()
                if not re.search(r"\{[{%][^}]*$", line[: found.start()]):  # not within an expression of the template
                    yield Mutant(path, start, end, _opposite(found[0]), number, bare, found[0])
        in_comment = in_comment and not bare.endswith("#}")
        offset += len(line)


def _opposite(word: str) -> str:
    words = {
        "&&": "||",
        "||": "&&",
        "-eq": "-ne",
        "!=": "=",
        "=": "!=",
        " ! ": " ",
        "yes": "no",
        "no": "yes",
        "true": "false",
    }
    return words.get(word) or str(int(word) + 1)


def _holds_shell_together(line: str) -> bool:
    """Without such a line a shell reads nothing at all, which every test sees."""
    return bool(
        re.match(
            r"(if|then|else|elif|fi|do|done|for|while|case|esac|EOF|END|\}|\{|\)|;;)|.*(\{|\(|do|then|in|\\|\|)$", line
        )
    )


def mutants_of(path: Path, root: Path) -> list[Mutant]:
    """Return all mutants of a file, in the order of the file."""
    text, name = path.read_text(encoding="utf-8"), str(path.relative_to(root))
    return sorted(of_python(name, text) if path.suffix == ".py" else of_snippet(name, text))
