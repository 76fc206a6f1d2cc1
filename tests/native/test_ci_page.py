"""docs/ci.md, action.yml and templates/validate.yml: valid by the forges' schemas, and their commands run."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helpers.cases import ROOT
from tests.helpers.command_line import timepolicy
from tests.helpers.json_schema import PUBLISHED, assert_valid
from timepolicy.document.schema import policy_schema

PAGE = (ROOT / "docs/ci.md").read_text()
FILES = dict(re.findall(r"^```\w+ (\S+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL))
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
COMPONENT = (ROOT / "templates/validate.yml").read_text()
RIGHT = "timezone: UTC\nupstreams: [{preset: aws}]\ndistros: [debian-12]\n"
WRONG = "timezone: UTC\nupstreams: [{preset: aws}]\ndistros: [debian-99]\n"
WARNED = "timezone: UTC\nupstreams: [{preset: aws}]\ngate: {units: [sshd.service]}\ndistros: [debian-12]\n"


def component(**inputs: str) -> list[Any]:
    """Its two documents, with the inputs in their places as GitLab puts them there."""
    spec = yaml.safe_load(COMPONENT.partition("\n---\n")[0])
    values = {name: str(row["default"]).lower() for name, row in spec["spec"]["inputs"].items()} | inputs
    return list(yaml.safe_load_all(re.sub(r"\$\[\[ inputs\.(\w+) \]\]", lambda match: values[match[1]], COMPONENT)))


def run(shell: list[str], script: str, folder: Path, policy: str, **variables: str) -> int:
    """The exit status of a step on a runner with this policy; the findings are then in timepolicy.sarif."""
    (folder / "timepolicy.yaml").write_text(policy)
    (folder / "bin").mkdir(exist_ok=True)
    (folder / "bin/timepolicy").write_text(f'#!/bin/sh\nexec {sys.executable} -m timepolicy "$@"\n')
    (folder / "bin/timepolicy").chmod(0o755)
    environment = {**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}", **variables}
    return subprocess.run([*shell, script], cwd=folder, env=environment, capture_output=True, check=False).returncode


def results(folder: Path) -> list[str]:
    document = json.loads((folder / "timepolicy.sarif").read_text())
    assert_valid(document, PUBLISHED / "sarif-schema-2.1.0.json")
    return [result["ruleId"] for result in document["runs"][0]["results"]]


def test_the_action_is_valid_and_trusts_nobody() -> None:
    assert_valid(ACTION, PUBLISHED / "github-action.schema.json")
    for step in ACTION["runs"]["steps"]:
        assert "uses" not in step or re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"])
        assert "${{" not in step.get("run", ""), "an input in a script is code"


def test_the_component_is_valid() -> None:
    spec, job = component()
    for document in (spec, job):
        assert_valid(document, PUBLISHED / "gitlab-ci.schema.json")
    assert "$[[" not in "".join(job["timepolicy"]["script"]), "an input in a script is code"


@pytest.mark.parametrize(
    ("policy", "strict", "status"),
    [(RIGHT, "false", 0), (WRONG, "false", 1), (WARNED, "false", 0), (WARNED, "true", 1)],
)
def test_both_check_a_policy_and_write_sarif(policy: str, strict: str, status: int, tmp_path: Path) -> None:
    step = ACTION["runs"]["steps"][-1]
    assert set(step["env"]) == {"POLICY", "STRICT", "SARIF"}
    inputs = {"POLICY": "timepolicy.yaml", "STRICT": strict, "SARIF": "timepolicy.sarif"}
    shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"]
    assert run(shell, step["run"], tmp_path, policy, **inputs) == status
    found = results(tmp_path)
    assert bool(found) == (policy != RIGHT)
    (tmp_path / "timepolicy.sarif").unlink()
    job = component(strict=strict)[1]["timepolicy"]
    variables = {name: str(value) for name, value in job["variables"].items()}
    assert run(["sh", "-ec"], "\n".join(job["script"]), tmp_path, policy, **variables) == status
    assert results(tmp_path) == found


def test_the_page_shows_what_is_there() -> None:
    workflow = yaml.safe_load(FILES[".github/workflows/time.yml"])
    steps = workflow["jobs"]["policy"]["steps"]
    assert set(steps[1]["with"]) <= set(ACTION["inputs"])
    assert (
        steps[2]["with"]["sarif_file"].removeprefix("${{ steps.time.outputs.").removesuffix(" }}") in ACTION["outputs"]
    )
    workflow["on"] = workflow.pop(True)  # YAML 1.1 reads the key as true
    assert_valid(workflow, PUBLISHED / "github-workflow.schema.json")
    pipeline = yaml.safe_load(FILES[".gitlab-ci.yml"])
    assert_valid(pipeline, PUBLISHED / "gitlab-ci.schema.json")
    (include,) = pipeline["include"]
    assert set(include["inputs"]) <= set(component()[0]["spec"]["inputs"])
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    (repository,) = yaml.safe_load(FILES[".pre-commit-config.yaml"])["repos"]
    assert {hook["id"] for hook in repository["hooks"]} <= {hook["id"] for hook in hooks}


def test_the_modeline_names_the_schema_by_its_id() -> None:
    schema = policy_schema()["$id"]
    assert schema.endswith("/main/schemas/policy.schema.json")
    assert (ROOT / "schemas/policy.schema.json").is_file()
    initial = timepolicy("init").stdout.decode()
    # the form that yaml-language-server reads
    for text in (initial, FILES["timepolicy.yaml"]):
        assert re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)[1] == schema  # type: ignore[index]
        assert_valid(yaml.safe_load(text), ROOT / "schemas/policy.schema.json")
