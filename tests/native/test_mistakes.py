"""Ten mistakes as cloud-init reports them: trees/mistakes/MISTAKE.cloud-config has the mistake in its language.

The table of mistakes is about version SEEN of cloud-init; with another version only the run itself is tested.
"""

import re

from tests.helpers.mistakes import FOLDER, MISTAKES, all_mistakes
from tests.helpers.programs import need, run

SEEN = "22.4.2"


def is_seen_version() -> bool:
    """Whether the installed cloud-init is the version that the table is about."""
    done = run([need("cloud-init"), "--version"])
    return (done.stdout + done.stderr).split()[-1].startswith(SEEN)


@all_mistakes
def test_cloud_init_reports_the_mistake(name: str) -> None:
    done = run([need("cloud-init"), "schema", "--config-file", FOLDER / f"{name}.cloud-config"])
    answer = (done.stdout + done.stderr).replace(str(FOLDER), "")
    assert answer
    if is_seen_version():
        assert (done.returncode != 0) == MISTAKES[name].cloud_init_refuses
        assert bool(re.search(r"line \d+", answer)) == MISTAKES[name].cloud_init_has_line
        assert "did you mean" not in answer.lower()


@all_mistakes
def test_cloud_init_annotates_the_mistake(name: str) -> None:
    """It marks the line at best, with exit status 0; on one mistake it ends with a traceback."""
    done = run([need("cloud-init"), "schema", "--annotate", "--config-file", FOLDER / f"{name}.cloud-config"])
    has_annotation, crashes = "# E1" in done.stdout, "Traceback" in done.stderr
    assert done.stdout + done.stderr
    if is_seen_version():
        assert (has_annotation or crashes) == MISTAKES[name].cloud_init_refuses
        assert crashes == (name == "key-missing")
        assert (done.returncode == 0) == (not crashes)
