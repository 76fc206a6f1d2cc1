"""The multipart document, alone and among other parts, read by cloud-init's own code."""

import json
import sys
from pathlib import Path

import pytest

from tests.helpers.cases import EXAMPLE, agent_plan_of
from tests.helpers.programs import need, run
from timepolicy.formats import FORMATS
from timepolicy.formats._shell import boothook_script

READER = """
import json, sys
from cloudinit.helpers import Paths
from cloudinit.handlers.boot_hook import BootHookPartHandler
from cloudinit.user_data import UserDataProcessor

class Source:
    def get_instance_id(self): return "i-1"

paths = Paths({"cloud_dir": sys.argv[2], "run_dir": sys.argv[2]}, ds=Source())
parts = []
message = UserDataProcessor(paths).process(open(sys.argv[1], "rb").read())
for part in message.walk():
    if not part.is_multipart():
        parts.append([part.get_content_type(), part.get_filename(), part.get_payload(decode=True).decode()])
written = []
hook = BootHookPartHandler(paths, Source())
for kind, name, text in parts:
    if kind == "text/cloud-boothook":
        written.append(open(hook._write_part(text, name)).read())
print(json.dumps([parts, written]))
"""

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


def read(document: str, folder: Path) -> tuple[list[list[str]], list[str]]:
    """Return cloud-init's parts (type, name, text), and the boothooks as it would run them."""
    unpacked = Path(need("cloud-init")).parents[1] / "cloud-init/usr/lib/python3/dist-packages"
    packages = unpacked if unpacked.is_dir() else Path("/usr/lib/python3/dist-packages")
    (folder / "user-data").write_text(document)
    (folder / "instances/i-1/boothooks").mkdir(parents=True)
    program = f"import sys; sys.path.insert(0, {str(packages)!r})\n{READER}"
    done = run([sys.executable, "-W", "ignore", "-c", program, folder / "user-data", folder])
    assert done.returncode == 0, done.stderr
    parts, hooks = json.loads(done.stdout)
    return parts, hooks


@pytest.mark.parametrize("release", ["debian-12", "rocky-9"])
def test_cloud_init_reads_one_boothook_that_is_the_script(release: str, tmp_path: Path) -> None:
    plan = agent_plan_of(EXAMPLE.read_text(), release)
    parts, (hook,) = read(FORMATS["mime"].render(plan).decode(), tmp_path)
    assert [(kind, name) for kind, name, _ in parts] == [("text/cloud-boothook", "timepolicy")]
    assert hook.startswith("#!/bin/sh\n")
    assert hook.partition("Edit the policy, not this file.\n")[2].rstrip("\n") == boothook_script(plan).rstrip("\n")


def test_other_parts_are_kept(tmp_path: Path) -> None:
    ours = FORMATS["mime"].render(agent_plan_of(EXAMPLE.read_text())).decode()
    parts, hooks = read(OTHER.format(ours=ours), tmp_path)
    assert [kind for kind, _, _ in parts] == ["text/cloud-config", "text/cloud-boothook"]
    assert "touch /etc/others" in parts[0][2]
    assert len(hooks) == 1


def test_a_shell_accepts_the_boothook(tmp_path: Path) -> None:
    _, (hook,) = read(FORMATS["mime"].render(agent_plan_of(EXAMPLE.read_text())).decode(), tmp_path)
    done = run([need("shellcheck"), "--shell=sh", "-"], hook)
    assert done.returncode == 0, done.stdout
