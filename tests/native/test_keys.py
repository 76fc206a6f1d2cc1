"""The file of keys on a node, written by real shells."""

import hashlib
import stat
from pathlib import Path

import pytest
import yaml

from tests.helpers.command_line import policy_file, timepolicy
from tests.helpers.install_root import LIST, run_script

POLICY = """timezone: UTC
upstreams: [{server: 192.0.2.1, key: 7}, {server: 192.0.2.2, key: 9}]
servers: {addresses: [10.2.12.11], allow: [10.2.0.0/16], key: 10}
authentication: {keys_file: /etc/chrony/secret/keys}
require_authentication: true
"""


KEYS = "# of the cluster\n\n7 SHA1 HEX:0011\n9  SHA256   nine$(id)'\"\n10 MD5 ten\n11 AES128 HEX:%s\n" % ("ab" * 16)


FILE = "/etc/chrony/secret/keys"


def render(folder: Path, *arguments: str, policy: str = POLICY, keys: str = KEYS) -> tuple[int, str, str]:
    (folder / "keys").write_text(keys)
    options = arguments or ("--distro", "debian-12")
    done = timepolicy("render", policy_file(folder, policy), "--keys", str(folder / "keys"), *options)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.mark.parametrize("form", ["script", "cloud-config"])
def test_only_root_can_read_the_keys_and_no_copy_is_left(form: str, root: Path, shell: str, tmp_path: Path) -> None:
    _, product, _ = render(tmp_path, "--distro", "debian-12", "--format", form, "--role", "server")
    script = product if form == "script" else yaml.safe_load(product)["bootcmd"][0]
    assert run_script(root, shell, script).returncode == 0
    path = root / FILE[1:]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o755
    assert path.read_text() == "7 SHA1 HEX:0011\n9 SHA256 nine$(id)'\"\n10 MD5 ten\n"
    assert hashlib.sha256(path.read_bytes()).hexdigest() in (root / LIST).read_text()
    copies = [other for other in (root / "etc").rglob("*") if other.is_file() and b"HEX:0011" in other.read_bytes()]
    assert copies == [path]
