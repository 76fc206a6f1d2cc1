"""Any policy that matches the schema, compiled for the releases and checked by the programs that read the result.

Hypothesis generates the policies from the schema, so that a new key is tried without a change here. What they
compile to is checked together: one run of cloud-init for all user-data, one of chronyd for each configuration.
`pytest -m long tests/native/test_any_policy.py` compiles 100 policies for every release.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.helpers.cases import compile_text, included_from
from tests.helpers.chronyd import installed_chrony
from tests.helpers.cloud_init import assert_accepted as assert_accepted_by_cloud_init
from tests.helpers.install_root import write_unit_tree
from tests.helpers.policy_findings import validated_text
from tests.helpers.policy_strategies import POLICIES, ROLES
from tests.helpers.programs import need, run
from tests.helpers.schema_walk import as_text, policies
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.facts.chrony_options import OPTION_SINCE
from timepolicy.formats import FORMATS
from timepolicy.plan.types import AgentPlan, NodePlan
from timepolicy.policy.role import Role

UNHURRIED = settings(
    deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)
"""A busy machine is no failure. A whole policy takes long to generate, and minutes to shrink."""

UNIT_TREES = 50
"""How many of the different sets of units are checked: the largest ones."""


@dataclass
class Products:
    """What was compiled, each content once; the text of the units is the key of `plans`."""

    policies: int = 0
    documents: dict[bytes, str] = field(default_factory=dict)
    configurations: set[str] = field(default_factory=set)
    plans: dict[str, AgentPlan] = field(default_factory=dict)

    def add(self, plan: AgentPlan) -> None:
        document = FORMATS["cloud-config"].render(plan)
        (script,) = yaml.safe_load(document)["bootcmd"]
        self.documents[document] = script
        self.configurations |= {file.content for file in plan.files if file.path.endswith("chrony.conf")}
        units = [f"{file.path}\n{file.content}" for file in plan.files if "/systemd/system/" in file.path]
        self.plans["\n".join(units)] = plan


def compile_any(count: int, releases: st.SearchStrategy[list[str]]) -> Products:
    """Compile `count` policies: each one without an error has a plan, or findings that say why there is none."""
    products = Products()

    @settings(UNHURRIED, max_examples=count)
    @given(policies(), releases)
    def compile_one(policy: dict[str, Any], keys: list[str]) -> None:
        findings = validated_text(as_text(policy))[1]
        assert not [finding for finding in findings if finding.rule.code < "TP040"]
        products.policies += 1
        for key in keys if not findings.has_errors else []:
            plan, found = compile_text(as_text(policy).decode(), key)
            assert (plan is None) == found.has_errors
            if isinstance(plan, AgentPlan):
                products.add(plan)

    compile_one()
    return products


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((150, st.lists(st.sampled_from(list(AGENT_RELEASES)), min_size=4, max_size=4)), id="some"),
        pytest.param((100, st.just(list(AGENT_RELEASES))), id="all", marks=pytest.mark.long),
    ],
)
def products(request: pytest.FixtureRequest) -> Products:
    count, releases = request.param
    products = compile_any(count, releases)
    assert products.policies >= count
    assert len(products.documents) > count / 4
    assert min(len(products.configurations), len(products.plans)) > 2
    return products


def test_cloud_init_accepts_the_user_data(products: Products, tmp_path: Path) -> None:
    assert_accepted_by_cloud_init(products.documents, tmp_path)


def test_a_shell_reads_every_script(products: Products) -> None:
    for script in products.documents.values():
        done = run([need("dash"), "-n"], script)
        assert (done.returncode, done.stderr) == (0, "")


def test_chronyd_accepts_every_configuration_of_its_version(products: Products, tmp_path: Path) -> None:
    chronyd, version = need("chronyd"), installed_chrony()
    too_new = {word for word, since in OPTION_SINCE.items() if since > version}
    known = [text for text in sorted(products.configurations) if not too_new & set(text.split())]
    assert len(known) > len(products.configurations) / 3
    for text in known:
        (tmp_path / "chrony.conf").write_text(included_from(tmp_path, text))
        done = run([chronyd, "-p", "-f", tmp_path / "chrony.conf"])
        assert done.returncode == 0, text + done.stderr


def test_systemd_accepts_the_units(products: Products, tmp_path: Path) -> None:
    for number, unit_text in enumerate(sorted(products.plans, key=len)[-UNIT_TREES:]):
        plan, root = products.plans[unit_text], tmp_path / str(number)
        write_unit_tree(plan, root)
        units = [Path(file.path).name for file in plan.files if file.path.endswith((".service", ".timer"))]
        gated = list(plan.contract.gate.units)
        for unit in gated:
            stub_service(unit, root)
        named = [unit for unit in gated if ":" not in unit]  # `verify` reads a colon as FILE:ALIAS
        done = run([need("systemd-analyze"), "verify", f"--root={root}", "--man=no", *units, *named])
        assert done.returncode == 0, done.stderr
        assert "ordering cycle" not in done.stderr, done.stderr


def stub_service(unit: str, root: Path) -> None:
    """Write the service that the policy gates; for an instance, its template."""
    name, at, _ = unit.partition("@")
    path = root / "usr/lib/systemd/system" / (f"{name}@.service" if at else unit)
    path.write_text("[Service]\nExecStart=/bin/true\n")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(POLICIES, ROLES)
def test_chronyd_accepts_every_policy_compiled_for_its_version(policy: dict[str, Any], role: Role) -> None:
    policy["clients"] = {**policy.get("clients", {}), "daemon": "chrony"}
    plan = compile_text(json.dumps(policy), "debian-12", role)[0]
    if plan is not None:
        assert_accepted(plan)


def assert_accepted(plan: NodePlan) -> None:
    content = next(file.content for file in plan.files if file.path.endswith("chrony.conf"))
    assert not set(content.split()) & {word for word, since in OPTION_SINCE.items() if since > (4, 3)}
    with TemporaryDirectory() as folder:
        path = Path(folder, "chrony.conf")
        path.write_text(included_from(Path(folder), content))
        done = run([need("chronyd"), "-p", "-f", path])
    assert done.returncode == 0, content + done.stderr
