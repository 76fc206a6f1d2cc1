"""Ten mistakes, and what three programs say to them: ours as files, cloud-init's by running it, butane's as recorded.

trees/mistakes/MISTAKE.yaml has the mistake in our language, MISTAKE.cloud-config in cloud-init's, MISTAKE.txt is our
answer to the byte. cloud-init is run; the table says what its version SEEN does, and another one is not held to it.
"""

import re

from tests.helpers.mistakes import FOLDER, MISTAKES, all_mistakes
from tests.helpers.programs import need, run

SEEN = "22.4.2"


def is_seen_version() -> bool:
    """Whether the cloud-init that is installed is the one that the table is about."""
    done = run([need("cloud-init"), "--version"])
    return (done.stdout + done.stderr).split()[-1].startswith(SEEN)


@all_mistakes
def test_what_cloud_init_says(name: str) -> None:
    done = run([need("cloud-init"), "schema", "--config-file", FOLDER / f"{name}.cloud-config"])
    answer = (done.stdout + done.stderr).replace(str(FOLDER), "")
    assert answer
    if is_seen_version():
        assert (done.returncode != 0) == MISTAKES[name].cloud_init_refuses
        assert bool(re.search(r"line \d+", answer)) == MISTAKES[name].cloud_init_has_line
        assert "did you mean" not in answer.lower()


@all_mistakes
def test_what_cloud_init_annotates(name: str) -> None:
    """At best the line; on some mistakes it ends in a traceback, and where it finds some its exit status is 0."""
    done = run([need("cloud-init"), "schema", "--annotate", "--config-file", FOLDER / f"{name}.cloud-config"])
    has_annotation, crashes = "# E1" in done.stdout, "Traceback" in done.stderr
    assert done.stdout + done.stderr
    if is_seen_version():
        assert (has_annotation or crashes) == MISTAKES[name].cloud_init_refuses
        assert crashes == (name == "key-missing")
        assert (done.returncode == 0) == (not crashes)
