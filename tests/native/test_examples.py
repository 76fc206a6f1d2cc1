"""Examples that need other programs: the commands of their READMEs do what they say."""

from pathlib import Path

import pytest

from tests.helpers.examples import EXAMPLES, assert_commands_work, programs
from tests.helpers.programs import need
from tests.helpers.terraform import environment


@pytest.mark.parametrize("example", [path for path in EXAMPLES if programs(path)], ids=lambda path: path.name)
def test_the_commands_of_its_readme_work(example: Path, tmp_path: Path) -> None:
    for program in programs(example):
        need(program)
    assert_commands_work(example, tmp_path, environment(tmp_path) if "terraform" in programs(example) else None)
