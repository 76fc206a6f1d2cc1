"""Mistakes of a tired engineer: trees/mistakes/tired.yaml has them, tired.txt what timepolicy answers to each.

Every answer names what is wrong and a way out; none is a traceback, and none is silence.
"""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helpers.cases import TREES
from tests.helpers.command_line import timepolicy
from tests.helpers.golden_files import assert_golden

MISTAKES: dict[str, dict[str, Any]] = yaml.safe_load((TREES / "mistakes/tired.yaml").read_text())

RIGHT = {
    "timezone": "timezone: UTC",
    "upstreams": "upstreams: [ntp1.example.org, ntp2.example.org, ntp3.example.org]",
    "distros": "distros: [debian-12]",
}

WAY_OUT = re.compile(
    r"= help: |did you mean |`timepolicy |name (a |one|another )|is not one of |add \S+ to|Missing argument",
    re.MULTILINE,
)
"""What a reader can do next."""


def answer(mistake: dict[str, Any], folder: Path) -> tuple[int, str]:
    """The exit status, and what is written to standard error."""
    lines = [line for key, line in RIGHT.items() if key != mistake.get("without")]
    (folder / "timepolicy.yaml").write_text("\n".join([*lines, mistake.get("policy", ""), ""]))
    for name, text in mistake.get("files", {}).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    done = timepolicy(*shlex.split(mistake.get("command", "validate timepolicy.yaml")), folder=folder)
    return done.returncode, done.stderr.decode()


def test_golden(tmp_path: Path, update_golden: bool) -> None:
    texts = []
    for number, (name, mistake) in enumerate(MISTAKES.items()):
        (tmp_path / str(number)).mkdir()
        status, text = answer(mistake, tmp_path / str(number))
        texts.append(f"=== {name} (exit status {status})\n{text.strip()}\n")
    assert_golden(TREES / "mistakes/tired.txt", "\n".join(texts), update_golden)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_answered_with_a_way_out(name: str, tmp_path: Path) -> None:
    status, text = answer(MISTAKES[name], tmp_path)
    assert status in (1, 2, 3) or re.match(r"(warning|note)\[", text)
    assert WAY_OUT.search(text), text


def test_there_are_all_121() -> None:
    assert len(MISTAKES) >= 121
