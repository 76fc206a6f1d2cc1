"""Files as distributions ship them and as people write them: trees/import/CASE/case.yaml names them and their origin.

findings.txt and policy.yaml have the findings and the policy. `pytest --update-golden` writes them; review the
difference before you commit it.
"""

from pathlib import Path

import pytest

from tests.helpers.cases import TREES
from tests.helpers.config_import import Imported, import_case

CORPUS = TREES / "import"
CASES = sorted(path.parent for path in CORPUS.glob("*/case.yaml"))
OUTCOMES = ("case.yaml", "findings.txt", "policy.yaml")
NAMES = [case.name for case in CASES]


def products(imported: Imported) -> dict[str, str]:
    files = {"findings.txt": imported.findings, "policy.yaml": imported.policy}
    return {name: text for name, text in files.items() if text is not None}


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_golden(case: Path, update_golden: bool) -> None:
    files = products(import_case(case))
    golden = {
        name: (case / name).read_bytes().decode() for name in ("findings.txt", "policy.yaml") if (case / name).exists()
    }
    if update_golden and files != golden:
        for name in golden.keys() - files.keys():
            (case / name).unlink()
        for name, text in files.items():
            (case / name).write_bytes(text.encode())
        pytest.fail(f"{case.name} is updated: review the difference, then run the test again without --update-golden")
    assert files == golden


def test_there_are_cases() -> None:
    files = [path for path in CORPUS.rglob("*") if path.is_file() and path.name not in OUTCOMES]
    assert len(files) >= 150
