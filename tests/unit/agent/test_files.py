"""The agent's list of our files: what was edited, what an older plan left, what was there before."""

import hashlib
import os
from pathlib import Path

import pytest

from timepolicy.agent import timepolicy_node as agent


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for a node's files, and the list of those that are ours."""
    monkeypatch.setattr(agent, "FILES", str(tmp_path / "files"))
    monkeypatch.setattr(agent, "run", lambda *_: "")
    return tmp_path


def laid(node: Path, *names: str) -> list[str]:
    """Make files, and return their lines in the list."""
    for name in names:
        (node / name).write_text(name)
    return [f"{hashlib.sha256(name.encode()).hexdigest()}  {node / name}\n" for name in names]


def test_files_as_laid_pass(node: Path) -> None:
    (node / "files").write_text("".join(laid(node, "one", "two words")))
    assert agent.check_files()[1:3] == (True, "as laid")


def test_an_edited_file_and_a_missing_one_are_named(node: Path) -> None:
    (node / "files").write_text("".join(laid(node, "one", "two", "three")))
    (node / "one").write_text("something else")
    (node / "two").unlink()
    assert agent.check_files()[1:3] == (False, f"edited: {node / 'one'} {node / 'two'}")


def test_what_the_agent_made_may_change_but_not_vanish(node: Path) -> None:
    agent.lay(str(node / "mask"), "/dev/null", os.symlink)
    agent.lay(str(node / "mask"), "/dev/null", os.symlink)
    assert (node / "files").read_text() == f"made  {node / 'mask'}\n"
    assert agent.check_files()[1]
    (node / "mask").unlink()
    assert agent.check_files()[2] == f"edited: {node / 'mask'}"


def test_what_only_an_older_plan_laid_goes_and_what_was_there_before_comes_back(node: Path) -> None:
    old, kept = laid(node, "old", "replaced"), laid(node, "kept")
    (node / "replaced.before-timepolicy").write_text("the distribution's")
    (node / "files.old").write_text("".join(old + kept))
    (node / "files").write_text("".join(kept))
    agent.tidy()
    assert not (node / "old").exists()
    assert (node / "replaced").read_text() == "the distribution's"
    assert (node / "kept").exists()
    assert not (node / "files.old").exists()


def test_a_first_plan_has_nothing_to_tidy(node: Path) -> None:
    (node / "files").write_text("".join(laid(node, "one")))
    agent.tidy()
    assert (node / "one").exists()
