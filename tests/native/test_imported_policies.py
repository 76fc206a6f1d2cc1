"""The policies that imports give, compiled for the release that the files are for, and judged by chronyd."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helpers.cases import TREES, compile_text, included_from
from tests.helpers.chronyd import installed_chrony
from tests.helpers.programs import need, run
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.facts.chrony_options import OPTION_SINCE
from timepolicy.policy.role import Role

CORPUS = TREES / "import"


CASES = sorted(path.parent for path in CORPUS.glob("*/case.yaml"))


@pytest.mark.parametrize(
    "case", [case for case in CASES if (case / "policy.yaml").exists()], ids=lambda case: str(case.name)
)
def test_the_policy_compiles_for_the_release_that_the_files_are_for(tmp_path: Path, case: Path) -> None:
    text = (case / "policy.yaml").read_text()
    data: Any = yaml.safe_load(text)
    about = yaml.safe_load((case / "case.yaml").read_text())
    daemon = data.get("clients", {}).get("daemon", "chrony")
    fitting = [
        key for key, row in AGENT_RELEASES.items() if {"chrony": row.chrony, "systemd-timesyncd": row.timesyncd}[daemon]
    ]
    release = about.get("distro") if about.get("distro") in fitting else "ubuntu-26.04"
    for role in [Role.CLIENT] + [Role.SERVER] * ("servers" in data):
        plan, findings = compile_text(text, release, role)
        assert plan is not None, [finding.message for finding in findings]
        for made in plan.files:
            if made.path.endswith("/chrony.conf"):
                assert is_taken(tmp_path, included_from(tmp_path, made.content))


def is_taken(folder: Path, text: str) -> bool:
    """Whether the chronyd that is installed takes the file, but for words that are newer than itself."""
    (folder / "chrony.conf").write_text(text)
    done = run([need("chronyd"), "-p", "-f", folder / "chrony.conf"])
    too_new = {word for word, since in OPTION_SINCE.items() if since > installed_chrony()} & set(text.split())
    return (done.returncode == 0) == (not too_new)
