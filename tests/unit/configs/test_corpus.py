"""Files as distributions ship them and as people write them: corpus/CASE/case.yaml says which, and where from.

Beside it stand what is found (findings.txt) and the policy that is made (policy.yaml); `pytest --update-golden` writes
them anew: read the difference before you commit it.
"""

from pathlib import Path

import pytest

from tests.helpers.cases import TREES
from tests.helpers.config_import import Imported, import_case

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


def test_there_are_cases() -> None:
    assert len(CASES) >= 40
