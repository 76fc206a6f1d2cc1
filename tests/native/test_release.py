"""Everything that .ci/release builds, used as those who download it do."""

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.helpers.cases import EXAMPLE, ROOT, SERVER_EXAMPLE
from tests.helpers.command_line import timepolicy
from tests.helpers.programs import give_up, need, run
from tests.helpers.terraform import Workspace
from timepolicy import __version__
from timepolicy.terraform.mirror import ADDRESS

SINGLE = f"timepolicy-{platform.system().lower()}-{platform.machine()}"
PROVIDER = "terraform-provider-timepolicy"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
PLATFORM = f"{platform.system().lower()}_{ARCHITECTURES.get(platform.machine(), platform.machine())}"
PROVIDER_ZIP = f"{PROVIDER}_{__version__}_{PLATFORM}.zip"
LICENCES = ("Apache-2.0", "BSD-3-Clause", "MIT", "PSF-2.0", "License :: OSI Approved :: BSD License")
OLD_NAMES = ("License :: OSI Approved :: BSD License",)
"""What a package may declare that names no SPDX licence."""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    library = sysconfig.get_config_var("INSTSONAME") or ""
    if not library.startswith("libpython"):
        give_up("a Python with a shared library, which PyInstaller packs")
    folder = tmp_path_factory.mktemp("release")
    variables = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    command = [ROOT / ".ci/release", folder]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_list_of_digests_has_every_file(release: Path) -> None:
    lines = [line.split("  ") for line in (release / "SHA256SUMS").read_text().splitlines()]
    assert {name for _, name in lines} == {
        SINGLE,
        "timepolicy.cdx.json",
        PROVIDER_ZIP,
        f"{PROVIDER}_{__version__}_manifest.json",
        f"{PROVIDER}_{__version__}_SHA256SUMS",
        f"timepolicy-{__version__}-py3-none-any.whl",
        f"timepolicy-{__version__}.tar.gz",
    }
    assert all(hashlib.sha256((release / name).read_bytes()).hexdigest() == digest for digest, name in lines)
    text = (release / "SHA256SUMS").read_text()
    registry = (release / f"{PROVIDER}_{__version__}_SHA256SUMS").read_text().splitlines()
    assert [line.split()[1] for line in registry] == [PROVIDER_ZIP, f"{PROVIDER}_{__version__}_manifest.json"]
    assert all(f"{line}\n" in text for line in registry)


COMMANDS = {
    "all products": ["render", str(SERVER_EXAMPLE), "--all", "--jobs", "2"],
    "a schema": ["schema"],
    "a rule": ["explain", "TP121"],
    "every rule": ["rules"],
    "timezones": ["validate", str(SERVER_EXAMPLE), "--format", "json"],
    "a mistake": ["explain", "TP999"],
    "rules of alerts": ["monitoring", str(SERVER_EXAMPLE)],
}


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_the_single_file_does_what_the_checkout_does(words: list[str], release: Path, tmp_path: Path) -> None:
    """Without Python, and without any variable."""
    alone = subprocess.run([release / SINGLE, *words], cwd=tmp_path, env={}, capture_output=True, check=False)
    here = timepolicy(*words, folder=tmp_path)
    assert (alone.returncode, alone.stdout) == (here.returncode, here.stdout)
    assert alone.stdout or alone.stderr


MODULE = f"""
terraform {{
  required_providers {{
    timepolicy = {{
      source = "{ADDRESS}"
    }}
  }}
}}

data "timepolicy_user_data" "node" {{
  path   = "timepolicy.yaml"
  distro = "debian-12"
}}

locals {{
  policy = file("timepolicy.yaml")
}}

output "both" {{
  value = [
    data.timepolicy_user_data.node.user_data,
    provider::timepolicy::render(local.policy, "debian-12", "client"),
  ]
}}
"""


def test_terraform_uses_the_packed_provider_without_python(release: Path, tmp_path: Path) -> None:
    """From a filesystem mirror, with an empty PATH and no other variable."""
    mirror = tmp_path / "mirror"
    (mirror / ADDRESS).mkdir(parents=True)
    shutil.copy(release / PROVIDER_ZIP, mirror / ADDRESS)
    shutil.copy(EXAMPLE, tmp_path / "timepolicy.yaml")
    (tmp_path / "main.tf").write_text(MODULE)
    settings = tmp_path / "terraform.rc"
    settings.write_text(f'provider_installation {{\nfilesystem_mirror {{\npath = "{mirror}"\n}}\n}}\n')
    (tmp_path / "empty").mkdir()
    variables = {"PATH": f"{tmp_path}/empty", "TF_CLI_CONFIG_FILE": str(settings), "CHECKPOINT_DISABLE": "1"}
    workspace = Workspace(tmp_path, variables)
    workspace.init()
    workspace.apply()
    expected = timepolicy("render", str(EXAMPLE), "--distro", "debian-12").stdout.decode()
    assert workspace.outputs()["both"] == [expected, expected]
    (tmp_path / "timepolicy.yaml").write_text("timezon: UTC\n")
    error = workspace.error()
    assert "--> policy:1:1" in error
    assert "timezon: UTC" in error


def test_the_registry_learns_the_protocol(release: Path) -> None:
    manifest = json.loads((release / f"{PROVIDER}_{__version__}_manifest.json").read_text())
    assert manifest == {"version": 1, "metadata": {"protocol_versions": ["6.0"]}}
    (entry,) = zipfile.ZipFile(release / PROVIDER_ZIP).infolist()
    assert (entry.filename, entry.external_attr >> 16 & 0o777) == (f"{PROVIDER}_v{__version__}", 0o755)
    assert (release / PROVIDER_ZIP).stat().st_size < 45_000_000


def test_the_single_file_is_small_enough(release: Path) -> None:
    assert (release / SINGLE).stat().st_size < 25_000_000


def test_the_sbom_has_what_is_installed_and_licences_that_we_may_ship(release: Path) -> None:
    components = json.loads((release / "timepolicy.cdx.json").read_text())["components"]
    assert {item["name"].lower() for item in components} >= {"timepolicy", "click", "jinja2", "jsonschema", "pyyaml"}
    assert not {item["name"] for item in components} & {"pip", "setuptools", "pyinstaller", "cyclonedx-bom"}
    for item in components:
        terms = [entry["license"].get("id") or entry["license"]["name"] for entry in item["licenses"]]
        assert set(terms) <= set(LICENCES), item["name"]


def test_the_page_lists_the_licence_of_each_dependency(release: Path) -> None:
    components = json.loads((release / "timepolicy.cdx.json").read_text())["components"]
    page = (ROOT / "docs/releases.md").read_text().partition("\n## Dependencies\n")[2]
    listed = dict(re.findall(r"^\| `([\w.-]+)` \|.*\| ([\w.-]+) \|$", page, flags=re.MULTILINE))
    terms = {
        item["name"].lower().replace("_", "-"): {
            entry["license"].get("id") or entry["license"]["name"] for entry in item["licenses"]
        }
        for item in components
    }
    del terms["timepolicy"]
    assert set(listed) == set(terms)
    for name, licence in listed.items():
        assert {licence, *OLD_NAMES} & terms[name], name


def test_man_reads_the_page_without_a_warning() -> None:
    done = run([need("man"), "--warnings=w", "-l", str(ROOT / "share/man/man1/timepolicy.1")])
    assert (done.returncode, done.stderr) == (0, "")
    assert "--inventory CSV" in done.stdout
