"""A node's files below `--root`, by the paths that they have on the node."""

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from timepolicy.source import Source, read_file

MOST_LINKS = 40
"""Links that the kernel follows in one path (path_resolution(7))."""

EMPTY = PurePosixPath("/dev/null")
"""A link to it hides a file of the same name elsewhere (systemd.unit(5)); every program reads it as an empty file."""


@dataclass(frozen=True, slots=True)
class NodeFiles:
    """The files below `root`, which stands for the node's /. Without a root no file can be searched for.

    Links lead to where they lead on the node: an absolute one begins at the root, and none leaves it.
    """

    root: Path | None

    def matching(self, pattern: str) -> list[Path]:
        """Return the files that an absolute shell pattern matches, sorted by path (glob(3), without `..`).

        A link that leads nowhere is one of them, and `read` returns None for it.
        """
        root = self._existing_root()
        paths = self._matching(root, PurePosixPath(pattern).parts[1:])
        return sorted(path for path in paths if not self._is_directory(path))

    def has_directory(self, path: str) -> bool:
        """Return whether there is a directory of that absolute path."""
        return self._is_directory(self._existing_root() / path.lstrip("/"))

    def read(self, path: Path) -> Source | None:
        """Return the text of a file that `matching` returned; None for a link that leads nowhere. Raise OSError."""
        target = self._target(path)
        if target == EMPTY:
            return Source(name=str(path), text="")
        file = self._on_host(target) if target else None
        return Source.decode(str(path), read_file(str(file))) if file and file.exists() else None

    def read_named(self, name: str) -> Source | None:
        """Return the text of a file by its path on this host, None if that is not below the root. Raise OSError."""
        path = self._below_root(name)
        if path is None:
            return None
        source = self.read(path)
        if source is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
        return Source(name=name, text=source.text, bad_byte=source.bad_byte)

    def path_on_node(self, path: Path) -> str:
        """Return the path that a file below the root has on the node."""
        return f"/{path.relative_to(self._existing_root())}"

    def identity(self, name: str) -> Path:
        """Return where the file of that path on this host really is, to tell whether two paths are of one file."""
        path = self._below_root(name)
        target = self._target(path) if path else None
        return Path(os.path.realpath(self._on_host(target) if target else name))

    def _existing_root(self) -> Path:
        assert self.root is not None, "files without a root are not searched"
        return self.root

    def _below_root(self, name: str) -> Path | None:
        """The path of a file by way of the root, None if it is not below the root."""
        if self.root is None:
            return None
        relative = os.path.relpath(name, self.root)  # not resolved: the links within are the node's
        return None if relative.split(os.sep, 1)[0] == os.pardir else self.root / relative

    def _on_host(self, target: PurePosixPath) -> Path:
        return self._existing_root().joinpath(*target.parts[1:])

    def _is_directory(self, path: Path) -> bool:
        target = self._target(path)
        return target is not None and self._on_host(target).is_dir()

    def _target(self, path: Path) -> PurePosixPath | None:
        """The path on the node, without links, of a path below the root; None for a loop of links."""
        current = PurePosixPath("/")
        pending = list(reversed(path.relative_to(self._existing_root()).parts))
        links = 0
        while pending:
            part = pending.pop()
            if part == os.pardir:
                current = current.parent
                continue
            current /= part
            if self._on_host(current).is_symlink():
                links += 1
                if links > MOST_LINKS:
                    return None
                target = PurePosixPath(self._on_host(current).readlink())
                pending += reversed(target.parts[target.is_absolute() :])
                current = PurePosixPath("/") if target.is_absolute() else current.parent
        return current

    def _matching(self, folder: Path, parts: tuple[str, ...]) -> Iterator[Path]:
        if not parts:
            yield folder
            return
        target = self._target(folder)
        place = self._on_host(target) if target else None
        if parts[0] != os.pardir and place and place.is_dir():
            for name in sorted(child.name for child in place.iterdir()):
                is_hidden = name.startswith(".") and not parts[0].startswith(".")
                if fnmatchcase(name, parts[0]) and not is_hidden:
                    yield from self._matching(folder / name, parts[1:])
