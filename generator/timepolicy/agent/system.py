"""Files, commands and units of this node. What fails here is logged and never raised: the agent goes on."""

import json
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterable
from typing import Any

from timepolicy.agent.shapes import States


def log(text: str, units: Iterable[str] = ()) -> None:
    """Print `text` to the journal of the agent's own unit, and write it to the journals of `units` as a warning.

    OBJECT_SYSTEMD_UNIT makes journald show an entry of root's in the journal of another unit
    (systemd.journal-fields(7)).
    """
    print(text, flush=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        for unit in units:
            fields = "MESSAGE=%s\nPRIORITY=4\nSYSLOG_IDENTIFIER=timepolicy\nOBJECT_SYSTEMD_UNIT=%s\n"
            try:
                sock.sendto((fields % (text, unit)).encode(), "/run/systemd/journal/socket")
            except OSError:
                return


def read(path: str) -> str:
    """The content of a text file; empty if there is none. What is not UTF-8 comes back unchanged from write()."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except OSError:
        return ""


def read_object(path: str) -> dict[str, Any]:
    """The JSON object in a file; empty if there is none, or something else."""
    try:
        content = json.loads(read(path))
    except ValueError:
        content = None
    return content if isinstance(content, dict) else {}


def create_file(text: str, path: str) -> None:
    """Create a file that did not exist: somebody else may write in the folder, and have a link there."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
        os.fchmod(file.fileno(), 0o644)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def write(path: str, content: str, create: Callable[[str, str], None] = create_file) -> None:
    """Replace `path` in one step by a file with `content`, or by what `create` makes: os.symlink links to `content`.

    The name of the new file is random, so that nobody can prepare it, and node_exporter does not read it.
    """
    new = "%s.%s" % (path, os.urandom(6).hex())
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        create(content, new)
        os.rename(new, path)
    except OSError as error:
        log("cannot write %s: %s" % (path, error.strerror))
        if os.path.lexists(new):
            os.unlink(new)


def run(*command: str, **options: Any) -> str:
    """The standard output of a command; empty if it fails."""
    try:
        return subprocess.check_output(
            command, universal_newlines=True, timeout=90, errors="backslashreplace", **options
        )
    except (OSError, subprocess.SubprocessError) as error:
        print(error, flush=True)
        return ""


def systemctl(*words: str) -> None:
    """Queue a job. Never wait for one: jobs wait for the agent's own units."""
    run("systemctl", "--no-block", *words)


def unit_states(units: Iterable[str]) -> States:
    """The properties Id, LoadState, ActiveState and UnitFileState of each unit; empty where systemctl fails."""
    text = run("systemctl", "show", "-pId,LoadState,ActiveState,UnitFileState", *units)
    states = {unit: {"Id": unit, "LoadState": "", "ActiveState": "", "UnitFileState": ""} for unit in units}
    for unit, block in zip(units, text.strip().split("\n\n")):
        states[unit].update(dict(line.split("=", 1) for line in block.splitlines()))
    return states


def start_thread(function: Callable[..., Any], *arguments: Any) -> Any:
    threading.Thread(target=function, args=arguments, daemon=True).start()
