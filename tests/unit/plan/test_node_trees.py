"""Whole trees of nodes, to the byte: tests/trees/nodes/CASE/timepolicy.yaml, and the files that each release gets.

A folder RELEASE has the files of a client, RELEASE-server those of a server. `pytest --update-golden` writes them;
review the difference before you commit it.
"""

import json
from pathlib import Path

import pytest

from tests.helpers.cases import TREES, plan_of
from tests.helpers.json_schema import assert_valid
from timepolicy.formats import FORMATS
from timepolicy.plan.types import NodePlan
from timepolicy.policy.role import Role
from timepolicy.resources import SCHEMAS

CASES = sorted(
    (policy.parent, release.name)
    for policy in (TREES / "nodes").glob("*/timepolicy.yaml")
    for release in policy.parent.iterdir()
    if release.is_dir()
)
IDS = [f"{case.name}-{release}" for case, release in CASES]


def products(plan: NodePlan) -> dict[str, bytes]:
    """The plan, the user-data, and the files except for the agent, which is in this repository anyway."""
    files = {f"root{file.path}": file.content.encode() for file in plan.files if not file.packed}
    files["plan.json"] = (json.dumps(plan.to_data(), indent=2, ensure_ascii=False) + "\n").encode()
    files["user-data"] = FORMATS["cloud-config"].render(plan)
    return files


def kind_of(folder: str) -> tuple[str, Role]:
    """The release and the role that a folder's name states."""
    release = folder.removesuffix("-server")
    return release, Role.CLIENT if release == folder else Role.SERVER


def read_tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("case", "release"), CASES, ids=IDS)
def test_golden(case: Path, release: str, update_golden: bool) -> None:
    files, folder = products(plan_of((case / "timepolicy.yaml").read_text(), *kind_of(release))), case / release
    golden = read_tree(folder)
    if update_golden and files != golden:
        for name in golden.keys() - files.keys():
            (folder / name).unlink()
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        pytest.fail(f"{folder} is updated: review the difference, then run the test again without --update-golden")
    assert sorted(files) == sorted(golden)
    for name, content in files.items():
        assert content.decode() == golden[name].decode(), name


def test_there_are_cases() -> None:
    assert len({case for case, _ in CASES}) >= 4


@pytest.mark.parametrize(("case", "release"), CASES, ids=IDS)
def test_the_contract_has_the_shape_of_its_schema(case: Path, release: str) -> None:
    contract = json.loads((case / release / "root/etc/timepolicy/node.json").read_text())
    assert_valid(contract, SCHEMAS / "contract.schema.json")


def test_timesyncd_keys_are_known() -> None:
    """Compare with timesyncd.conf(5): the program itself only warns about keys that it does not know."""
    known = {"NTP", "FallbackNTP", "RootDistanceMaxSec", "PollIntervalMinSec", "PollIntervalMaxSec"}
    drop_ins = sorted((TREES / "nodes").rglob("zz-timepolicy.conf"))
    assert len(drop_ins) >= 3
    for drop_in in drop_ins:
        keys = {line.partition("=")[0] for line in drop_in.read_text().splitlines() if "=" in line}
        assert {"NTP"} <= keys <= known, drop_in
