"""Every golden tree, judged by the programs that will read it."""

from pathlib import Path

import pytest

from tests.helpers.cases import TREES as GOLDEN
from tests.helpers.cases import included_from
from tests.helpers.chronyd import installed_chrony
from tests.helpers.programs import need, run
from timepolicy.facts.chrony_options import OPTION_SINCE

TREES = sorted(path.parent for path in (GOLDEN / "nodes").glob("*/*/plan.json"))
IDS = [f"{tree.parent.name}-{tree.name}" for tree in TREES]


def files(tree: Path, pattern: str) -> list[Path]:
    return sorted((tree / "root").rglob(pattern))


@pytest.mark.parametrize("tree", TREES, ids=IDS)
def test_cloud_init(tree: Path) -> None:
    done = run([need("cloud-init"), "schema", "--config-file", tree / "user-data"])
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("tree", TREES, ids=IDS)
def test_chronyd(tree: Path, tmp_path: Path) -> None:
    """It accepts the configuration, and refuses one with an option that is newer than itself."""
    chronyd, version = need("chronyd"), installed_chrony()
    for configuration in files(tree, "chrony.conf"):
        (tmp_path / "chrony.conf").write_text(included_from(tmp_path, configuration.read_text()))
        done = run([chronyd, "-p", "-f", tmp_path / "chrony.conf"])
        words = set(configuration.read_text().split())
        too_new = [word for word, since in OPTION_SINCE.items() if word in words and since > version]
        assert (done.returncode == 0) == (not too_new), done.stderr


@pytest.mark.parametrize("tree", TREES, ids=IDS)
def test_shells(tree: Path) -> None:
    for script in files(tree, "timepolicy-node"):
        done = run([need("shellcheck"), script])
        assert done.returncode == 0, done.stdout


def test_there_are_trees() -> None:
    assert len(TREES) >= 10
