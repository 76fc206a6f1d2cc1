"""The multipart document, alone and among other parts, read by cloud-init's own code."""

from pathlib import Path

import pytest

from tests.helpers.cases import EXAMPLE, agent_plan_of
from tests.helpers.cloud_init_parts import effects_of, parts_of
from tests.helpers.programs import need, run
from timepolicy.formats import FORMATS
from timepolicy.formats._shell import boothook_script

OTHER = """\
Content-Type: multipart/mixed; boundary="outer"
MIME-Version: 1.0

--outer
Content-Type: text/cloud-config

#cloud-config
bootcmd: [touch /etc/others]

--outer
{ours}
--outer--
"""


@pytest.mark.parametrize("release", ["debian-12", "rocky-9"])
def test_cloud_init_reads_one_boothook_that_is_the_script(release: str, tmp_path: Path) -> None:
    plan = agent_plan_of(EXAMPLE.read_text(), release)
    document = FORMATS["mime"].render(plan)
    ((part,),) = parts_of([document], tmp_path)
    assert (part.content_type, part.filename) == ("text/cloud-boothook", "timepolicy")
    (hook,) = effects_of(document, tmp_path).hooks
    assert hook.startswith("#!/bin/sh\n")
    assert hook.partition("Edit the policy, not this file.\n")[2].rstrip("\n") == boothook_script(plan).rstrip("\n")


def test_other_parts_are_kept(tmp_path: Path) -> None:
    ours = FORMATS["mime"].render(agent_plan_of(EXAMPLE.read_text())).decode()
    effects = effects_of(OTHER.format(ours=ours).encode(), tmp_path)
    assert effects.config == {"bootcmd": ["touch /etc/others"]}
    assert len(effects.hooks) == 1


def test_a_shell_accepts_the_boothook(tmp_path: Path) -> None:
    (hook,) = effects_of(FORMATS["mime"].render(agent_plan_of(EXAMPLE.read_text())), tmp_path).hooks
    done = run([need("shellcheck"), "--shell=sh", "-"], hook)
    assert done.returncode == 0, done.stdout
