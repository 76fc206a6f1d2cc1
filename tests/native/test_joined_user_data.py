"""Other user-data joined with ours by `render --with`, read by cloud-init's own code: all of both is there."""

import base64
import gzip
from pathlib import Path

import pytest

from tests.helpers.cases import agent_plan_of
from tests.helpers.cloud_init_parts import read
from tests.helpers.command_line import timepolicy
from tests.helpers.programs import need, run
from timepolicy.formats._shell import boothook_script

POLICY = "timezone: UTC\nupstreams: [ntp1.example.org, ntp2.example.org, ntp3.example.org]\n"

CONFIG = "#cloud-config\nbootcmd: [touch /etc/others]\nusers: [default]\n"
SCRIPT = "#!/bin/bash\necho 'Grüße from the node' >/etc/motd\n"
HOOK = "#cloud-boothook\n#!/bin/sh\ntouch /etc/hooked\n"
JINJA = "## template: jinja\n#cloud-config\nhostname: node-{{ ds.meta_data.local_hostname }}\n"
NODE_CONFIG = "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  cluster: {name: prod}\n"
EKS = f"""\
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="BOUNDARY"

--BOUNDARY
Content-Type: application/node.eks.aws

{NODE_CONFIG}
--BOUNDARY
Content-Type: text/x-shellscript; charset="us-ascii"
Content-Disposition: attachment; filename="setup.sh"

#!/bin/bash
echo ready

--BOUNDARY--
"""
ARCHIVE = (
    "#cloud-config-archive\n- type: text/cloud-config\n  content: |\n    #cloud-config\n    users: [default]\n"
    "- |\n  #!/bin/sh\n  echo from the archive\n"
)

EKS_PARTS = [("application/node.eks.aws", "NodeConfig"), ("text/x-shellscript", "echo ready")]

OTHERS = {
    "cloud-config": ([CONFIG.encode()], [("text/cloud-config", "touch /etc/others")]),
    "script-that-is-not-ascii": ([SCRIPT.encode()], [("text/x-shellscript", "Grüße")]),
    "boothook": ([HOOK.encode()], [("text/cloud-boothook", "touch /etc/hooked")]),
    "jinja": ([JINJA.encode()], [("text/jinja2", "hostname: node-")]),
    "nodeadm": ([NODE_CONFIG.encode()], [("application/node.eks.aws", "NodeConfig")]),
    "eks": ([EKS.encode()], EKS_PARTS),
    "archive": ([ARCHIVE.encode()], [("text/cloud-config", "users: [default]"), ("text/x-shellscript", "the archive")]),
    "gzip": ([gzip.compress(CONFIG.encode(), mtime=0)], [("text/cloud-config", "touch /etc/others")]),
    "base64": ([base64.encodebytes(EKS.encode())], EKS_PARTS),
    "two-files": (
        [CONFIG.encode(), SCRIPT.encode()],
        [("text/cloud-config", "touch"), ("text/x-shellscript", "Grüße")],
    ),
    "our-own-boundary": (
        [b"#!/bin/sh\ncat <<'END'\n--==timepolicy==\nEND\n"],
        [("text/x-shellscript", "--==timepolicy==\n")],
    ),
    "a-line-of-2000-characters": ([b"#!/bin/sh\n: " + b"x" * 2000 + b"\n"], [("text/x-shellscript", "x" * 2000)]),
    "a-line-that-begins-with-From": (
        [b"#!/bin/sh\ncat <<'END'\n\nFrom me\nEND\n"],
        [("text/x-shellscript", "\nFrom me\n")],
    ),
}
"""Files, and the type and a piece of each part that cloud-init finds besides ours."""


def joined(folder: Path, files: list[bytes], *options: str) -> bytes:
    (folder / "timepolicy.yaml").write_text(POLICY)
    names = [f"other-{number}" for number in range(len(files))]
    for name, content in zip(names, files, strict=True):
        (folder / name).write_bytes(content)
    withs = [word for name in names for word in ("--with", name)]
    done = timepolicy("render", "--distro", "debian-12", *withs, *options, folder=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(("files", "expected"), OTHERS.values(), ids=OTHERS)
def test_cloud_init_finds_our_boothook_and_every_other_part(
    files: list[bytes], expected: list[tuple[str, str]], tmp_path: Path
) -> None:
    parts, hooks = read(joined(tmp_path, files).decode(), tmp_path)
    (kind, name, _), *others = parts
    assert (kind, name) == ("text/cloud-boothook", "timepolicy")
    assert hooks[0].endswith(boothook_script(agent_plan_of(POLICY)))
    assert [kind for kind, _, _ in others] == [kind for kind, _ in expected]
    for (_, _, text), (_, piece) in zip(others, expected, strict=True):
        assert piece in text


def test_a_part_keeps_its_bytes_and_its_name(tmp_path: Path) -> None:
    parts, _ = read(joined(tmp_path, [EKS.encode(), CONFIG.encode()]).decode(), tmp_path)
    assert [name for _, name, _ in parts][2] == "setup.sh"
    assert parts[3][2] == CONFIG


def test_the_same_files_give_the_same_bytes_and_gzip_is_of_all(tmp_path: Path) -> None:
    once, again = (joined(tmp_path, [CONFIG.encode(), SCRIPT.encode()]) for _ in range(2))
    assert once == again
    assert gzip.decompress(joined(tmp_path, [CONFIG.encode(), SCRIPT.encode()], "--gzip")) == once


def test_the_format_boothook_is_what_terraforms_cloudinit_config_wants(tmp_path: Path) -> None:
    (tmp_path / "timepolicy.yaml").write_text(POLICY)
    done = timepolicy("render", "--distro", "debian-12", "--format", "boothook", folder=tmp_path)
    document = (
        "Content-Type: multipart/mixed; boundary=b\nMIME-Version: 1.0\n\n--b\nContent-Type: text/cloud-config\n\n"
        f"{CONFIG}\n--b\nContent-Type: text/cloud-boothook\n\n{done.stdout.decode()}\n--b--\n"
    )
    parts, (hook,) = read(document, tmp_path)
    assert [kind for kind, _, _ in parts] == ["text/cloud-config", "text/cloud-boothook"]
    assert run([need("shellcheck"), "--shell=sh", "-"], hook).returncode == 0
