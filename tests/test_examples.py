"""The documentation of the examples and of the image template."""

import re
from pathlib import Path

import pytest
import yaml

from tests.helpers.cases import ROOT, file_of, plan_of
from tests.helpers.command_line import timepolicy
from tests.helpers.examples import EXAMPLES, assert_commands_work, programs
from tests.helpers.image_template import NEEDED, TEMPLATES


@pytest.mark.parametrize("example", [path for path in EXAMPLES if not programs(path)], ids=lambda path: path.name)
def test_the_commands_of_its_readme_work(example: Path, tmp_path: Path) -> None:
    assert_commands_work(example, tmp_path)


def test_every_folder_of_examples_is_one_or_is_terraforms() -> None:
    folders = {path for path in (ROOT / "examples").iterdir() if path.is_dir()}
    assert folders - set(EXAMPLES) == {ROOT / "examples/terraform"}
    assert len(EXAMPLES) >= 12


def test_the_examples_readme_names_each() -> None:
    text = (ROOT / "examples/README.md").read_text()
    assert all(f"]({path.name}/" in text for path in [*EXAMPLES, ROOT / "examples/terraform"])


JOBS = (
    *("kubeadm-ufw", "eks-nodeadm", "rke2-nts", "air-gapped-gps", "tuned-fleet", "existing-packer"),
    *("existing-user-data", "cluster-api"),
)
"""What platform engineers come for: an example each, two clicks from the README."""


def test_each_job_is_two_clicks_from_the_readme() -> None:
    assert "](examples/README.md)" in (ROOT / "README.md").read_text()
    first_table = (ROOT / "examples/README.md").read_text().partition("\n\nPolicies to start from")[0]
    assert re.findall(r"\]\(([a-z0-9-]+)/README\.md\)", first_table) == list(JOBS)


def test_the_policy_of_the_tuned_fleet_is_what_import_makes_of_its_file() -> None:
    folder = ROOT / "examples/tuned-fleet"
    done = timepolicy("import", "--distro", "rocky-9", "chrony.conf", folder=folder)
    added = {"name": "tuned-fleet", "gate": {"units": ["kubelet.service"]}, "distros": ["rocky-9"]}
    assert yaml.safe_load(done.stdout) | added == yaml.safe_load((folder / "timepolicy.yaml").read_text())
    written = file_of(plan_of((folder / "timepolicy.yaml").read_text(), "rocky-9"), "/etc/chrony.conf").splitlines()
    lost = [line for line in (folder / "chrony.conf").read_text().splitlines() if line not in written]
    assert [line.split()[0] for line in lost] == ["#", "logdir", "log"]


def test_every_variable_without_a_plain_meaning_is_described() -> None:
    text = (TEMPLATES / "variables.pkr.hcl").read_text()
    assert text.count("\nvariable ") + 1 == text.count("  description = ")
    assert all(kind in (TEMPLATES / "README.md").read_text() for kind in NEEDED)
