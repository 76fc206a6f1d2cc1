"""The agent's list of our files: what was changed, what an older policy left, what was there before."""

import hashlib
import os
from pathlib import Path

import pytest

from timepolicy.agent.files import FileList


@pytest.fixture
def files(tmp_path: Path) -> FileList:
    """The list of a node whose files are in a folder."""
    return FileList(str(tmp_path / "files"))


def written(folder: Path, *names: str) -> list[str]:
    """Write files, and return their lines in the list."""
    for name in names:
        (folder / name).write_text(name)
    return [f"{hashlib.sha256(name.encode()).hexdigest()}  {folder / name}\n" for name in names]


def test_files_that_nobody_changed(tmp_path: Path, files: FileList) -> None:
    (tmp_path / "files").write_text("".join(written(tmp_path, "one", "two words")))
    assert files.changed() == []


def test_a_changed_file_and_a_missing_one_are_named(tmp_path: Path, files: FileList) -> None:
    (tmp_path / "files").write_text("".join(written(tmp_path, "one", "two", "three")))
    (tmp_path / "one").write_text("something else")
    (tmp_path / "two").unlink()
    assert files.changed() == [str(tmp_path / "one"), str(tmp_path / "two")]


def test_a_changed_file_with_spaces_in_its_name_is_named(tmp_path: Path, files: FileList) -> None:
    (tmp_path / "files").write_text("".join(written(tmp_path, "two words and more")))
    (tmp_path / "two words and more").write_text("something else")
    assert files.changed() == [str(tmp_path / "two words and more")]


@pytest.mark.parametrize("line", ["abc", "abc  relative/path", "", "  "])
def test_lines_that_name_no_file_are_ignored(line: str, tmp_path: Path, files: FileList) -> None:
    (tmp_path / "files").write_text(f"{line}\n" + "".join(written(tmp_path, "one")))
    assert list(files.digests()) == [str(tmp_path / "one")]
    assert files.changed() == []


def test_what_the_agent_created_may_change_but_not_vanish(tmp_path: Path, files: FileList) -> None:
    files.create(str(tmp_path / "mask"), "/dev/null", os.symlink)
    files.create(str(tmp_path / "mask"), "/dev/null", os.symlink)
    assert (tmp_path / "files").read_text() == f"made  {tmp_path / 'mask'}\n"
    assert files.changed() == []
    (tmp_path / "mask").unlink()
    assert files.changed() == [str(tmp_path / "mask")]


def test_what_only_an_older_policy_has_goes_and_what_was_there_before_comes_back(
    tmp_path: Path, files: FileList
) -> None:
    old, kept = written(tmp_path, "old", "replaced"), written(tmp_path, "kept")
    (tmp_path / "replaced.before-timepolicy").write_text("the distribution's")
    (tmp_path / "files.old").write_text("".join(old + kept))
    (tmp_path / "files").write_text("".join(kept))
    assert files.remove_old()
    assert not (tmp_path / "old").exists()
    assert (tmp_path / "replaced").read_text() == "the distribution's"
    assert (tmp_path / "kept").exists()
    assert not (tmp_path / "files.old").exists()


def test_a_first_policy_has_nothing_to_remove(tmp_path: Path, files: FileList) -> None:
    (tmp_path / "files").write_text("".join(written(tmp_path, "one")))
    assert not files.remove_old()
    assert (tmp_path / "one").exists()
