"""Compile policies in tests as the command line does, without printing."""

import re
from pathlib import Path

from timepolicy.compiler import plan_kind, read_policy
from timepolicy.distros import catalogue
from timepolicy.findings.forms.text import render_text
from timepolicy.findings.result import Findings
from timepolicy.plan.types import AgentPlan, NodePlan
from timepolicy.policy.role import Role
from timepolicy.source import Source

ROOT = Path(__file__).resolve().parents[2]
TREES = ROOT / "tests" / "trees"
EXAMPLE = ROOT / "examples" / "internal-ntp" / "timepolicy.yaml"
SERVER_EXAMPLE = ROOT / "examples" / "server-tier" / "timepolicy.yaml"


def compile_text(text: str, release: str = "debian-12", role: Role = Role.CLIENT) -> tuple[NodePlan | None, Findings]:
    """Compile a policy's text for a node of `release`."""
    target = catalogue.find(release)
    assert target is not None
    source = Source(name="policy.yaml", text=text)
    result = read_policy(source).then(lambda document: plan_kind(document, target, role))
    return (result.value.plan if result.value else None), result.findings


def plan_of(text: str, release: str = "debian-12", role: Role = Role.CLIENT) -> NodePlan:
    """Compile a correct policy; its findings are the message if that fails."""
    plan, findings = compile_text(text, release, role)
    assert plan is not None, render_text(findings, Source(name="policy.yaml", text=text))
    return plan


def agent_plan_of(text: str, release: str = "debian-12", role: Role = Role.CLIENT) -> AgentPlan:
    """Compile a correct policy for a release that runs the agent."""
    plan = plan_of(text, release, role)
    assert isinstance(plan, AgentPlan)
    return plan


def file_of(plan: NodePlan, path: str) -> str:
    """Return the content of one file of a plan."""
    return next(file.content for file in plan.files if file.path == path)


def included_from(folder: Path, configuration: str) -> str:
    """Return chrony.conf with its includes in `folder`: chronyd refuses even a pattern in a folder that is missing."""
    return re.sub(r"(?m)^include .*/", f"include {folder}/", configuration)
