"""The house's own rules: which way the stages look, who prints, who writes, how long things are."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import timepolicy

PACKAGE = Path(timepolicy.__file__).parent
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if not path.name.startswith("timepolicy_"))

STAGES = (
    *("source", "tokens", "resources", "findings", "distros", "facts", "document", "policy", "rules", "configs"),
    *("plan", "formats", "request", "rulebook", "compiler", "reports", "terraform", "cli", "__main__"),
)
"""In the order in which data flows: a stage imports itself and what stands before it."""

LONGEST_FILE, LONGEST_FUNCTION = 350, 50


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(PACKAGE)) for path in paths]


def stage_of(module: str) -> str:
    return module.split(".")[1] if "." in module else "resources"


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=names(MODULES))
def test_a_stage_imports_only_earlier_ones(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if own in ("__init__", "agent"):
        return
    for module in imports(path):
        if module.startswith("timepolicy."):
            stage = stage_of(module)
            assert stage == "__version__" or STAGES.index(stage) <= STAGES.index(own), f"{own} imports {module}"


@pytest.mark.parametrize("path", MODULES, ids=names(MODULES))
def test_only_the_command_line_prints_and_exits(path: Path) -> None:
    if path.relative_to(PACKAGE).parts[0] in ("cli", "__main__.py"):
        return
    calls = {ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)}
    assert not calls & {"print", "sys.exit", "exit", "click.echo", "sys.stdout.write", "sys.stderr.write"}


@pytest.mark.parametrize("path", MODULES, ids=names(MODULES))
def test_only_output_writes_files(path: Path) -> None:
    if path.name == "output.py":
        return
    text = path.read_text()
    for word in ("write_text(", "write_bytes(", "open(", "os.replace", "mkdir("):
        assert word not in text


@pytest.mark.parametrize("path", MODULES, ids=names(MODULES))
def test_files_and_functions_are_short(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= LONGEST_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < LONGEST_FUNCTION, node.name


@pytest.mark.parametrize("path", MODULES, ids=names(MODULES))
def test_no_distribution_is_named_outside_the_catalogue(path: Path) -> None:
    if path.relative_to(PACKAGE).parts[0] in ("distros", "facts"):
        return
    constants = {
        node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Compare)
        for node in ast.walk(node) if isinstance(node, ast.Constant)
    }  # fmt: skip
    assert not {str(value) for value in constants} & {"debian", "ubuntu", "rhel", "rocky", "suse", "sles", "fedora"}


def test_the_package_was_found() -> None:
    assert len(MODULES) > 20
