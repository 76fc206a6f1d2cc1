"""Writes files: the only module that does."""

import io
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

SECRET_MODE = 0o600
FOLDER_MODE = 0o755
"""Whatever the umask: the tree is copied over the root of a system, whose folders must stay readable."""


def replace_file(path: Path, content: bytes, *, is_secret: bool = False) -> None:
    """Write `content` beside `path` and rename it, so that a reader sees the old file or the new one; raise OSError.

    A link stays, and leads to the new file. A device or a pipe is written to. Only the owner can read a secret.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(content)
    else:
        _replace(Path(os.path.realpath(path)), content, is_secret=is_secret)


def _replace(path: Path, content: bytes, *, is_secret: bool) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, SECRET_MODE if is_secret else _mode_of(path))
        os.replace(name, path)
    except OSError:
        os.unlink(name)
        raise


def make_folder(path: Path) -> None:
    """Make a folder and those above it that are missing; raise OSError."""
    path.mkdir(parents=True, exist_ok=True)


def write_program(path: Path, content: bytes) -> None:
    """Write a file that everybody may run, and the folders that it lacks; raise OSError."""
    make_folder(path.parent)
    replace_file(path, content)
    path.chmod(0o755)


def _mode_of(path: Path) -> int:
    """A file keeps its mode; a new one gets what the umask leaves."""
    try:
        return path.stat().st_mode & 0o7777
    except FileNotFoundError:
        umask = os.umask(0)
        os.umask(umask)
        return 0o666 & ~umask


class FolderNotEmptyError(Exception):
    """The folder contains something that could mix with the files of an archive."""


def unpack(archive: bytes, folder: Path) -> None:
    """Unpack a tar archive as `folder`, whole or not at all; the caller owns the files. Raise OSError.

    Raise FolderNotEmptyError where there is something in `folder` already.
    """
    if folder.is_dir() and any(folder.iterdir()):
        raise FolderNotEmptyError
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as name:
        tree = Path(name, "tree")
        tree.mkdir()
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            for member in tar:
                _write_member(tar, member, tree / member.name)
        for part in (tree, *filter(Path.is_dir, tree.rglob("*"))):
            part.chmod(FOLDER_MODE)
        os.replace(tree, folder)


def _write_member(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if member.issym():
        path.symlink_to(member.linkname)
        return
    content = tar.extractfile(member)
    assert content is not None, "an archive of ours has files and symbolic links"
    path.write_bytes(content.read())
    path.chmod(member.mode)


class ForeignFolderError(Exception):
    """The folder has files that no run of ours has listed; the message says which."""


class ProductFolder:
    """A folder of products and their index, written as a whole: the files stand beside it until `publish`.

    `listed` returns the paths in an index, None where it is not one of ours. Raise OSError, and ForeignFolderError
    where the folder has files but no such index.
    """

    def __init__(self, path: Path, index: str, listed: Callable[[bytes], list[str] | None]) -> None:
        self._path, self._index = Path(os.path.realpath(path)), index
        self._old: list[str] = []
        self._new: list[str] = []
        self._is_new = not self._path.exists() or (self._path.is_dir() and not any(self._path.iterdir()))
        if not self._is_new:
            is_there = (self._path / index).is_file()
            old = listed((self._path / index).read_bytes()) if is_there else None
            if old is None:
                raise ForeignFolderError(f"there are files, and no {index} that timepolicy wrote")
            if links := [name for name in old if (self._path / name).parent.is_symlink()]:
                raise ForeignFolderError(f"{Path(links[0]).parent} is a link")
            self._old = old

    def __enter__(self) -> Self:
        make_folder(self._path.parent)
        self._beside = tempfile.TemporaryDirectory(dir=self._path.parent, prefix=f".{self._path.name}.")
        self._stage = Path(self._beside.name, "products")
        self._stage.mkdir()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._beside.cleanup()

    def write(self, name: str, chunks: Iterable[bytes], *, is_secret: bool = False) -> None:
        """Write a file of the folder, in parts."""
        path = self._stage / name
        make_folder(path.parent)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, SECRET_MODE if is_secret else 0o666), "wb") as file:
            file.writelines(chunks)
        self._new.append(name)

    def publish(self, index: bytes) -> None:
        """Put what is written into the folder, and remove what the old index lists and this one does not."""
        if self._is_new:
            self.write(self._index, [index])
            os.replace(self._stage, self._path)
            return
        for name in self._new:
            make_folder((self._path / name).parent)
            os.replace(self._stage / name, self._path / name)
        replace_file(self._path / self._index, index)
        for name in sorted(set(self._old) - set(self._new)):
            path = self._path / name
            path.unlink(missing_ok=True)
            if path.parent != self._path and path.parent.is_dir() and not any(path.parent.iterdir()):
                path.parent.rmdir()


def discard(stream: TextIO) -> None:
    """Drop what is written to `stream` from now on: nobody reads it, and Python flushes it once more at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
