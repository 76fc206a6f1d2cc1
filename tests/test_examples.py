"""The documentation of the examples and of the image template."""

from pathlib import Path

import pytest

from tests.helpers.cases import ROOT
from tests.helpers.examples import EXAMPLES, assert_commands_work, programs
from tests.helpers.image_template import NEEDED, TEMPLATES


@pytest.mark.parametrize("example", [path for path in EXAMPLES if not programs(path)], ids=lambda path: path.name)
def test_the_commands_of_its_readme_work(example: Path, tmp_path: Path) -> None:
    assert_commands_work(example, tmp_path)


def test_every_folder_of_examples_is_one_or_is_terraforms() -> None:
    folders = {path for path in (ROOT / "examples").iterdir() if path.is_dir()}
    assert folders - set(EXAMPLES) == {ROOT / "examples/terraform"}
    assert len(EXAMPLES) >= 12


def test_the_examples_readme_names_each() -> None:
    text = (ROOT / "examples/README.md").read_text()
    assert all(f"]({path.name}/" in text for path in [*EXAMPLES, ROOT / "examples/terraform"])


def test_every_variable_without_a_plain_meaning_is_described() -> None:
    text = (TEMPLATES / "variables.pkr.hcl").read_text()
    assert text.count("\nvariable ") + 1 == text.count("  description = ")
    assert all(kind in (TEMPLATES / "README.md").read_text() for kind in NEEDED)
