"""Files as distributions ship them and as people write them: corpus/CASE/case.yaml says which, and where from.

Beside it stand what is found (findings.txt) and the policy that is made (policy.yaml); `pytest --update-golden` writes
them anew: read the difference before you commit it.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helpers.cases import TREES, compile_text, included_from
from tests.helpers.chronyd import installed_chrony
from tests.helpers.importing import Imported, import_case
from tests.helpers.programs import need, run
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.facts.chrony_options import OPTION_SINCE
from timepolicy.findings.register.imports import FILE_TOO_LARGE
from timepolicy.policy.role import Role
from timepolicy.rulebook import RULES

CORPUS = TREES / "import"
CASES = sorted(path.parent for path in CORPUS.glob("*/case.yaml"))
NAMES = [case.name for case in CASES]


def products(imported: Imported) -> dict[str, str]:
    made = {"findings.txt": imported.findings, "policy.yaml": imported.policy}
    return {name: text for name, text in made.items() if text is not None}


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_golden(case: Path, update_golden: bool) -> None:
    made = products(import_case(case))
    kept = {
        name: (case / name).read_bytes().decode() for name in ("findings.txt", "policy.yaml") if (case / name).exists()
    }
    if update_golden and made != kept:
        for name in kept.keys() - made.keys():
            (case / name).unlink()
        for name, text in made.items():
            (case / name).write_bytes(text.encode())
        pytest.fail(f"{case.name} is written anew: read the difference, then run again without --update-golden")
    assert made == kept


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


def test_every_rule_about_files_is_provoked() -> None:
    provoked = {code for case in CASES for code in import_case(case).codes}
    about_files = {code for code in RULES if "TP200" <= code < "TP260"}
    assert provoked == about_files - {FILE_TOO_LARGE.code}  # see test_commands.py


def test_there_are_cases() -> None:
    assert len(CASES) >= 40
