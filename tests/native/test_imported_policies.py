"""Imported policies, compiled for the release of the imported files, and checked by chronyd."""

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
def test_an_imported_policy_compiles_for_the_release_of_its_files(tmp_path: Path, case: Path) -> None:
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
        for file in plan.files:
            if file.path.endswith("/chrony.conf"):
                assert chronyd_accepts(tmp_path, included_from(tmp_path, file.content))


def chronyd_accepts(folder: Path, text: str) -> bool:
    """Whether the installed chronyd accepts the file, unless it has options that are newer than chronyd."""
    (folder / "chrony.conf").write_text(text)
    done = run([need("chronyd"), "-p", "-f", folder / "chrony.conf"])
    too_new = {word for word, since in OPTION_SINCE.items() if since > installed_chrony()} & set(text.split())
    return (done.returncode == 0) == (not too_new)
