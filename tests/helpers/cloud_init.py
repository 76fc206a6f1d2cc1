"""cloud-init itself checks user-data."""

from collections.abc import Iterable
from pathlib import Path

import yaml

from tests.helpers.programs import need, run


def assert_accepted(documents: Iterable[bytes], folder: Path) -> None:
    """Check all cloud-config documents in one run, since cloud-init takes half a second to start.

    They differ only in their boot commands, so that one document with all of them is valid if each one is.
    """
    texts = [document.decode() for document in documents]
    assert texts
    assert all(text.startswith("#cloud-config\n") for text in texts)
    together = yaml.safe_load(texts[0])
    commands = []
    for text in texts:
        document = yaml.safe_load(text)
        commands += document["bootcmd"]
        assert {**together, "bootcmd": document["bootcmd"]} == document
    together["bootcmd"] = commands
    (folder / "user-data").write_text("#cloud-config\n" + yaml.safe_dump(together))
    done = run([need("cloud-init"), "schema", "--config-file", folder / "user-data"])
    assert (done.returncode, "Valid" in done.stdout) == (0, True), done.stdout + done.stderr
