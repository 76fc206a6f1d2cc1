"""Compiling in tests: the same way as the command line, without its printing."""

import re
from pathlib import Path

from timepolicy.compiler import compile_node, read_document
from timepolicy.distros import targets
from timepolicy.document.decode import read_source
from timepolicy.findings.forms.text import render_text
from timepolicy.findings.result import Findings
from timepolicy.plan.types import NodePlan
from timepolicy.policy.model import Role

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ROOT / "tests" / "policies"
TREES = ROOT / "tests" / "trees"
EXAMPLE = ROOT / "examples" / "internal-ntp" / "timepolicy.yaml"
SERVER_EXAMPLE = ROOT / "examples" / "server-tier" / "timepolicy.yaml"


def compile_text(text: str, release: str = "debian-12", role: Role = Role.CLIENT) -> tuple[NodePlan | None, Findings]:
    """Compile a policy's text for a node of `release`."""
    findings = Findings()
    row = targets.find(release)
    assert row is not None
    source = read_source("policy.yaml", text.encode(), findings)
    document = read_document(source, findings)
    return (compile_node(document, row, role, findings) if document else None), findings


def plan_of(text: str, release: str = "debian-12", role: Role = Role.CLIENT) -> NodePlan:
    """Compile a policy that has to be right; what is wrong with it is the failure's message."""
    plan, findings = compile_text(text, release, role)
    source = read_source("policy.yaml", text.encode(), Findings())
    assert plan is not None, render_text(findings, source)
    return plan


def file_of(plan: NodePlan, path: str) -> str:
    """Return the content of one file of a plan."""
    return next(file.content for file in plan.files if file.path == path)


def included_from(folder: Path, configuration: str) -> str:
    """Return chrony.conf with its includes in `folder`: in a folder that is missing, even a pattern is an error."""
    return re.sub(r"(?m)^include .*/", f"include {folder}/", configuration)
