"""A node's files below `--root`, by the paths that they have on the node."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from timepolicy.source import Source


@dataclass(frozen=True, slots=True)
class NodeFiles:
    """The files below `root`, which stands for the node's /. Without a root no file can be searched for."""

    root: Path | None

    def matching(self, pattern: str) -> list[Path]:
        """Return the files that an absolute shell pattern matches, sorted by path (glob(3), without `..`)."""
        assert self.root is not None, "files without a root are not searched"
        return sorted(path for path in _matching(self.root, PurePosixPath(pattern).parts[1:]) if path.is_file())

    def has_directory(self, path: str) -> bool:
        """Return whether there is a directory of that absolute path."""
        assert self.root is not None, "files without a root are not searched"
        return (self.root / path.lstrip("/")).is_dir()

    def read(self, path: Path) -> Source:
        """Return the text of a file that `matching` returned; raise OSError."""
        return Source.decode(str(path), path.read_bytes())


def _matching(folder: Path, parts: tuple[str, ...]) -> Iterator[Path]:
    if not parts:
        yield folder
    elif parts[0] != ".." and folder.is_dir():
        for path in folder.iterdir():
            is_hidden = path.name.startswith(".") and not parts[0].startswith(".")
            if fnmatchcase(path.name, parts[0]) and not is_hidden:
                yield from _matching(path, parts[1:])
