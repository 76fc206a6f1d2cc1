"""cloud-init itself checks user-data."""

from collections.abc import Iterable
from pathlib import Path

import yaml

from tests.helpers.programs import need, run


def assert_accepted(documents: Iterable[bytes], folder: Path) -> None:
    """Check all cloud-config documents in one run, since cloud-init takes half a second to start.

    They differ only in their boot commands, so that one document with all of them is valid if each one is.
    """
    parts = [document.decode().partition("\nbootcmd:\n") for document in documents]
    assert parts
    assert all(header.startswith("#cloud-config\n") for header, _, _ in parts)
    together = "#cloud-config\nbootcmd:\n" + "".join(commands for _, _, commands in parts)
    commands = [yaml.safe_load(f"bootcmd:\n{commands}")["bootcmd"] for _, _, commands in parts]
    assert yaml.safe_load(together)["bootcmd"] == [command for part in commands for command in part]
    (folder / "user-data").write_text(together)
    done = run([need("cloud-init"), "schema", "--config-file", folder / "user-data"])
    assert (done.returncode, "Valid" in done.stdout) == (0, True), done.stdout + done.stderr
