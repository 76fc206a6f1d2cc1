"""The image template, validated by Packer; its script for the guest runs in a root directory."""

import re
import subprocess
import time
from pathlib import Path

import pytest

from tests.helpers.image_template import NEEDED, PLAN, TEMPLATES, assert_installed, prepare, variables
from tests.helpers.programs import need, need_root, run
from timepolicy.formats._shell import image_script

WANTED = "etc/systemd/system/multi-user.target.wants/timepolicy-apply.service"

DAEMONS = ("chrony", "chronyd", "systemd-timesyncd")

ENTER = """
root=$1
mkdir -p "$root/usr" "$root/dev" "$root/upper" "$root/work" "$root/etc" "$root/tmp"
mount -t overlay overlay -o "lowerdir=/usr,upperdir=$root/upper,workdir=$root/work" "$root/usr"
mount --rbind -o ro /dev "$root/dev"
for link in bin lib lib64 sbin; do [ ! -e /$link ] || ln -sfn usr/$link "$root/$link"; done
exec chroot "$root" /usr/bin/env -i \\
  PATH=/stub:/usr/sbin:/usr/bin:/sbin:/bin IS_BOOTED="$2" SEAL_OPTIONS=--keys sh -c 'cd /root && exec sh /provision.sh'
"""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    prepare(tmp_path)
    return tmp_path


@pytest.mark.parametrize("kind", NEEDED)
def test_packer_accepts_each_kind(kind: str, work: Path) -> None:
    command: list[str | Path] = [
        need("packer"),
        "validate",
        f"-only={kind}",
        *variables(work, **NEEDED[kind]),
        TEMPLATES,
    ]
    done = run(command)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("kind", [kind for kind, needed in NEEDED.items() if needed])
def test_packer_refuses_a_kind_without_its_variables(kind: str, work: Path) -> None:
    done = run([need("packer"), "validate", f"-only={kind}", *variables(work), TEMPLATES])
    assert done.returncode == 1


def test_packer_finds_the_templates_well_formatted() -> None:
    done = run([need("packer"), "fmt", "-check", TEMPLATES])
    assert done.returncode == 0, done.stdout


def test_the_plugins_are_those_of_each_kind() -> None:
    """Packer 1.6.6 reads the file's syntax; `packer init` of a newer one would download."""
    plugins = TEMPLATES / "plugins/plugins.pkr.hcl"
    done = run([need("packer"), "fmt", "-check", plugins])
    assert done.returncode == 0, done.stdout
    builders = {kind.partition(".")[0] for kind in NEEDED} - {"file", "null"}
    sources = re.findall(r'source  = "github.com/hashicorp/(\w+)"', plugins.read_text())
    assert {builder.partition("-")[0] for builder in builders} == set(sources)


def test_shellcheck_accepts_the_script() -> None:
    done = run([need("shellcheck"), TEMPLATES / "provision.sh"])
    assert done.returncode == 0, done.stdout


AGENT = "/usr/local/sbin/timepolicy-node"

STUBS = {
    "systemctl": """#!/bin/sh
echo "systemctl $*" >>/calls
[ "$1" != restart ] || { mv "$AGENT" "$AGENT.installed" && cp /stub/timepolicy-node "$AGENT"; }
""".replace("$AGENT", AGENT),
    "journalctl": "#!/bin/sh\n",
    "cloud-init": "#!/bin/sh\nexit 2\n",
    "timepolicy-node": """#!/bin/sh
echo "timepolicy-node $*" >>/calls
[ "$1" = verify ] || exec "$AGENT.installed" "$@"
exit {verdict}
""".replace("$AGENT", AGENT),
}
"""Replacements for programs that need systemd. `cloud-init status` exits 2 when it is done with warnings.
When the agent would start, a stub that knows the verdict takes its place."""


def provision(root: Path, is_booted: bool, verdict: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the script for the guest in a root directory with traces of a machine."""
    files = {
        "root/timepolicy-install.sh": image_script(PLAN),
        "root/timepolicy-now": "1700000000\n",
        "provision.sh": (TEMPLATES / "provision.sh").read_text(),
        "var/lib/chrony/chrony.drift": "-12.3 0.1\n",
        "etc/machine-id": "0123456789abcdef0123456789abcdef\n",
        "etc/chrony/chrony.keys": "1 SHA256 HEX:00\n",
        **{f"stub/{name}": text.replace("{verdict}", str(verdict)) for name, text in STUBS.items()},
    }
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
        (root / name).chmod(0o755)
    done = run([need("unshare"), "--mount", "sh", "-euc", ENTER, "sh", root, str(is_booted).lower()])
    agent = root / "upper/local/sbin/timepolicy-node.installed"
    if agent.exists():
        agent.rename(agent.with_suffix(""))
    return done


def assert_sealed(root: Path) -> None:
    assert_installed(root, usr="upper")
    assert not list((root / "var/lib/chrony").iterdir())
    assert not (root / "etc/chrony/chrony.keys").exists()
    assert (root / "etc/machine-id").read_bytes() == b""
    assert not list((root / "root").iterdir())


def test_an_image_that_is_not_booted_is_installed_and_sealed(tmp_path: Path) -> None:
    need_root()
    done = provision(tmp_path, is_booted=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert_sealed(tmp_path)
    assert (tmp_path / "upper/lib/clock-epoch").stat().st_mtime == 1700000000
    assert not (tmp_path / "calls").exists()


def test_a_guest_waits_for_the_clock_and_stops_the_daemons(tmp_path: Path) -> None:
    need_root()
    (tmp_path / WANTED).parent.mkdir(parents=True)
    (tmp_path / WANTED).symlink_to("../timepolicy-apply.service")  # as the agent's apply does
    before = int(time.time())
    done = provision(tmp_path, is_booted=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert_sealed(tmp_path)
    assert before <= (tmp_path / "upper/lib/clock-epoch").stat().st_mtime <= time.time()
    daemons = [f"systemctl {verb} {unit}" for unit in DAEMONS for verb in ("is-active --quiet", "stop")]
    asked = "systemctl show -pId,LoadState,ActiveState,UnitFileState systemd-timesyncd.service chrony.service"
    assert (tmp_path / "calls").read_text().splitlines() == [
        "systemctl daemon-reload",
        "systemctl restart --no-block timepolicy-apply.service",
        "systemctl is-active --quiet timepolicy-gate.service",
        "timepolicy-node seal --keys",
        asked,  # which daemon this node uses
        "timepolicy-node verify",
        "systemctl stop timepolicy-gate.service timepolicy-apply.service",
        *daemons,
        "systemctl stop systemd-random-seed.service",
        "timepolicy-node seal --check --keys",
        asked,
    ]


def test_a_guest_whose_clock_is_not_proven_is_not_sealed(tmp_path: Path) -> None:
    need_root()
    done = provision(tmp_path, is_booted=True, verdict=1)
    assert done.returncode == 1
    assert "the clock is not proven" in done.stderr
    assert (tmp_path / "var/lib/chrony/chrony.drift").exists()
    assert not (tmp_path / "upper/lib/clock-epoch").exists()
