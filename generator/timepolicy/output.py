"""Writing files: the only module that does."""

import os
import tempfile
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Write `content` beside `path` and rename it, so that a reader sees the old file or the new one; raise OSError."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, _mode_of(path))
        os.replace(name, path)
    except OSError:
        os.unlink(name)
        raise


def _mode_of(path: Path) -> int:
    """A file keeps its mode; a new one gets what the umask leaves."""
    try:
        return path.stat().st_mode & 0o7777
    except FileNotFoundError:
        umask = os.umask(0)
        os.umask(umask)
        return 0o666 & ~umask
