"""The golden trees of nodes, checked by the programs that read them."""

from pathlib import Path

import pytest

from tests.helpers.cases import TREES, included_from
from tests.helpers.chronyd import installed_chrony
from tests.helpers.programs import need, run
from timepolicy.facts.chrony_options import OPTION_SINCE

NODES = TREES / "nodes"
USER_DATA = sorted(NODES.glob("*/*/user-data"))
CONFIGURATIONS = sorted(NODES.glob("*/*/root/**/chrony.conf"))
SCRIPTS = sorted(path for path in NODES.glob("*/*/root/**/*") if path.is_file() and path.read_bytes().startswith(b"#!"))


def names(paths: list[Path]) -> list[str]:
    return ["-".join(path.relative_to(NODES).parts[:2]) for path in paths]


def test_there_are_files_of_each_kind() -> None:
    assert len(USER_DATA) >= 25
    assert len(CONFIGURATIONS) >= 20
    assert {path.name for path in SCRIPTS} == {
        "timepolicy-dhcp-servers", "timepolicy-firewall", "timepolicy-refclocks",
    }  # fmt: skip


@pytest.mark.parametrize("document", USER_DATA, ids=names(USER_DATA))
def test_cloud_init_accepts_the_user_data(document: Path) -> None:
    done = run([need("cloud-init"), "schema", "--config-file", document])
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=names(CONFIGURATIONS))
def test_chronyd_accepts_the_configuration_unless_an_option_is_newer_than_itself(
    configuration: Path, tmp_path: Path
) -> None:
    chronyd, version = need("chronyd"), installed_chrony()
    (tmp_path / "chrony.conf").write_text(included_from(tmp_path, configuration.read_text()))
    done = run([chronyd, "-p", "-f", tmp_path / "chrony.conf"])
    words = set(configuration.read_text().split())
    too_new = [word for word, since in OPTION_SINCE.items() if word in words and since > version]
    assert (done.returncode == 0) == (not too_new), done.stderr


@pytest.mark.parametrize(
    "script", SCRIPTS, ids=[f"{name}-{p.name}" for name, p in zip(names(SCRIPTS), SCRIPTS, strict=True)]
)
def test_shellcheck_accepts_the_script(script: Path) -> None:
    assert script.read_text().startswith("#!/bin/sh\n")
    done = run([need("shellcheck"), script])
    assert done.returncode == 0, done.stdout
