"""docs/joining.md: its commands run as they stand, on its files, and give what cloud-init reads."""

import re
import shlex
from pathlib import Path

import pytest

from tests.helpers.cases import ROOT
from tests.helpers.cloud_init_parts import effects_of, parts_of
from tests.helpers.command_line import timepolicy

PAGE = (ROOT / "docs/joining.md").read_text()
FILES = dict(re.findall(r"^```yaml (\S+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL))
COMMANDS = re.findall(r"^timepolicy (.+) >(\S+)$", PAGE, flags=re.MULTILINE)
POLICY = "timezone: UTC\nupstreams: [{preset: aws}, ntp1.example.org]\ndistros: [debian-12]\n"


@pytest.mark.parametrize(("words", "product"), COMMANDS, ids=[words for words, _ in COMMANDS])
def test_a_command_of_the_page_works_and_says_nothing(words: str, product: str, tmp_path: Path) -> None:
    for name, text in {**FILES, "timepolicy.yaml": POLICY}.items():
        (tmp_path / name).write_text(text)
    done = timepolicy(*shlex.split(words), folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert b"TP32" not in done.stderr
    if product == "joined":
        (parts,) = parts_of([done.stdout], tmp_path)
        other = next(name for name in FILES if name in words)
        assert [part.text for part in parts[1:]] == [FILES[other]]
        assert len(effects_of(done.stdout, tmp_path).hooks) == 1


def test_the_page_has_these_commands_and_files() -> None:
    assert len(COMMANDS) == 5
    assert set(FILES) == {"user-data.yaml", "nodeadm.yaml"}
