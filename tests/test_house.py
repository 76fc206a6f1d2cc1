"""The house's own rules: which way the stages look, who prints, who writes, how long things are."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import timepolicy
from tests.helpers import assertions

ROOT = Path(__file__).parents[1]
PACKAGE = Path(timepolicy.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))


def first_columns() -> Iterator[list[str]]:
    """The rows of the two tables under "Where each thing lives", by what each begins with."""
    tables = (ROOT / "docs/architecture.md").read_text().partition("\n## Where each thing lives\n")[2]
    for table in tables.split("\nThe repository:\n"):
        yield re.findall(r"^\| `([^`]+)` \|", table, flags=re.MULTILINE)


PACKAGE_TABLE, REPOSITORY_TABLE = first_columns()

STAGES = [row.removesuffix(".py").removesuffix("/") for row in PACKAGE_TABLE if "/" not in row.removesuffix("/")]
"""In layers, the lowest first: a stage imports itself and what stands before it."""

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


def modules_outside(*folders: str) -> pytest.MarkDecorator:
    """Run a test for each module that is not in one of these folders of the package, or one of these files."""
    paths = [path for path in MODULES if path.relative_to(PACKAGE).parts[0] not in folders]
    return pytest.mark.parametrize("path", paths, ids=names(paths))


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text()))


@modules_outside("__init__.py")
def test_a_stage_imports_only_earlier_ones(path: Path) -> None:
    own = STAGES.index(path.relative_to(PACKAGE).parts[0].removesuffix(".py"))
    stages = {stage_of(module) for module in imports(path) if module.startswith("timepolicy.")} - {"__version__"}
    assert {stage for stage in stages if STAGES.index(stage) > own} == set()


@modules_outside("cli", "__main__.py", "agent")
def test_only_the_command_line_prints_and_exits(path: Path) -> None:
    calls = {ast.unparse(node.func) for node in nodes(path) if isinstance(node, ast.Call)}
    assert not calls & {"print", "sys.exit", "exit", "click.echo", "sys.stdout.write", "sys.stderr.write"}


@modules_outside("agent")
def test_only_output_writes_files(path: Path) -> None:
    words = r"write_text\(|write_bytes\(|\bopen\(|os\.replace|mkdir\("
    writes = re.findall(words, path.read_text())
    assert bool(writes) == (path == PACKAGE / "cli/output.py")


@modules_outside()
def test_files_and_functions_are_short(path: Path) -> None:
    assert path.read_text().count("\n") <= LONGEST_FILE
    functions = [node for node in nodes(path) if isinstance(node, ast.FunctionDef)]
    assert [node.name for node in functions if (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION] == []


@modules_outside("distros", "facts")
def test_no_distribution_is_named_outside_the_catalogue(path: Path) -> None:
    comparisons = [node for node in nodes(path) if isinstance(node, ast.Compare)]
    constants = {str(node.value) for part in comparisons for node in ast.walk(part) if isinstance(node, ast.Constant)}
    assert not constants & {"debian", "ubuntu", "rhel", "rocky", "suse", "sles", "fedora"}


def test_the_package_was_found() -> None:
    assert len(MODULES) > 20


def test_the_table_of_the_package_has_every_folder_and_module() -> None:
    modules = {path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py")} - {Path("__init__.py")}
    folders = {f"{module.parent}/" for module in modules if len(module.parts) > 1}
    assert sorted(PACKAGE_TABLE) == sorted(folders | {str(module) for module in modules if len(module.parts) == 1})


def tracked_files() -> list[Path]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [Path(line) for line in done.stdout.splitlines()]


def test_the_table_of_the_repository_has_every_folder() -> None:
    folders = {str(folder) for path in tracked_files() for folder in path.parents}
    described = {folder for folder in folders if re.fullmatch(r"[^/]+|tests/[^/]+", folder)} - {"."}
    assert sorted(REPOSITORY_TABLE) == sorted(f"{folder}/" for folder in described)


DOCUMENTS = [path for path in tracked_files() if path.suffix == ".md"]


@pytest.mark.parametrize("path", DOCUMENTS, ids=map(str, DOCUMENTS))
def test_links_of_documents_lead_to_files(path: Path) -> None:
    links = re.findall(r"\]\(([^)\s#]+)[^)]*\)", (ROOT / path).read_text())
    missing = [link for link in links if "://" not in link and not (ROOT / path.parent / link).exists()]
    assert missing == []


def headings(text: str) -> set[str]:
    """The anchors that GitHub makes of a page's headings: lower case, hyphens for spaces, no other signs."""
    plain = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    titles = re.findall(r"^#+ (.+)$", plain, flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", DOCUMENTS, ids=map(str, DOCUMENTS))
def test_anchors_of_documents_lead_to_headings(path: Path) -> None:
    links = re.findall(r"\]\(([^)\s#]*)#([^)\s]+)\)", (ROOT / path).read_text())
    pages = [
        (ROOT / path.parent / page if page else ROOT / path, anchor) for page, anchor in links if "://" not in page
    ]
    assert [anchor for page, anchor in pages if anchor not in headings(page.read_text())] == []


TESTS = Path(__file__).parent
TEST_MODULES = sorted(TESTS.rglob("*.py"))


@pytest.mark.parametrize("path", TEST_MODULES, ids=[str(path.relative_to(TESTS)) for path in TEST_MODULES])
def test_no_module_of_the_tests_imports_a_test(path: Path) -> None:
    parts = {part for module in imports(path) if module.startswith("tests.") for part in module.split(".")[1:-1]}
    assert {part for part in parts if part.startswith("test_") or part == "conftest"} == set()


def test_each_test_lies_in_the_folder_that_it_belongs_to() -> None:
    """In a folder of the package's name under unit, in native or boot; helpers are no tests; few stay at the top."""
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir()}
    assert {path.name for path in (TESTS / "unit").iterdir() if path.is_dir()} <= folders | {"__pycache__"}
    tests = {path.relative_to(TESTS) for path in TEST_MODULES if path.name.startswith("test_")}
    assert {path.parts[0] for path in tests if len(path.parts) > 1} == {"unit", "native", "boot"}
    assert {path.name for path in tests if len(path.parts) == 1} == {
        "test_examples.py", "test_house.py", "test_packaging.py", "test_readme.py",
    }  # fmt: skip


def test_a_test_that_ran_no_assertion_fails() -> None:
    with pytest.raises(pytest.fail.Exception), assertions.required():
        pass
    with assertions.required():
        assert True
