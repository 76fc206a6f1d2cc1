"""The size of products, compressed and not, and the limits of clouds."""

import base64
import gzip
import re
from pathlib import Path

import pytest

from tests.helpers.cases import ROOT, agent_plan_of, file_of, plan_of
from tests.helpers.command_line import MINIMAL, policy_file, timepolicy
from timepolicy.facts.clouds import CLOUDS
from timepolicy.plan.user_data import too_large
from timepolicy.policy.role import Role

EXAMPLE = "examples/internal-ntp/timepolicy.yaml"
NODE = ("--distro", "debian-12")
LARGE = (
    "timezone: UTC\nupstreams: ["
    + ", ".join(f"ntp{number}.{'.'.join(['x' * 60] * 3)}.example.org" for number in range(16))
    + "]\n"
)


def rendered(*arguments: str) -> bytes:
    done = timepolicy("render", EXAMPLE, *NODE, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_packing_loses_nothing() -> None:
    plain = rendered()
    assert gzip.decompress(rendered("--gzip")) == plain
    assert base64.b64decode(rendered("--base64"), validate=False) == plain
    assert gzip.decompress(base64.b64decode(rendered("--gzip", "--base64"))) == plain


def test_gzip_has_no_time_in_it() -> None:
    packed = rendered("--gzip")
    assert packed[:4] == b"\x1f\x8b\x08\x00"
    assert packed[4:8] == bytes(4)
    assert packed == rendered("--gzip")


def test_base64_is_one_line() -> None:
    assert re.fullmatch(rb"[A-Za-z0-9+/]+=*\n", rendered("--base64"))


def test_gzip_is_refused_for_a_script() -> None:
    done = timepolicy("render", EXAMPLE, *NODE, "--format", "script", "--gzip")
    assert (done.returncode, done.stdout) == (2, b"")


@pytest.mark.parametrize("cloud", [key for key in CLOUDS if key != "tencent"])
def test_the_example_fits_into_every_cloud_with_16_kib(cloud: str) -> None:
    assert rendered("--limit", cloud) == rendered()


def test_the_example_is_too_large_for_tencent() -> None:
    """Its 12 KiB are less than the agent alone takes (bench/sizes/RESULTS.md)."""
    done = timepolicy("render", EXAMPLE, *NODE, "--limit", "tencent")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"tencent takes 12288 at most" in done.stderr


@pytest.mark.parametrize(
    ("cloud", "plain", "zipped"), [("hetzner", 32768, 24576), ("digitalocean", 65536, 49152), ("aws", 16384, 16384)]
)
def test_a_cloud_that_takes_text_counts_compressed_user_data_in_base64(cloud: str, plain: int, zipped: int) -> None:
    for start, limit in ((b"#!", plain), (b"\x1f\x8b", zipped)):
        assert not list(too_large(start + bytes(limit - 2), [], CLOUDS[cloud]))
        (found,) = too_large(start + bytes(limit - 1), [], CLOUDS[cloud])
        assert f"{cloud} takes {limit} at most" in found.message


def test_what_is_too_large_fails_with_its_largest_parts(tmp_path: Path) -> None:
    path = policy_file(tmp_path, LARGE)
    done = timepolicy("render", path, *NODE, "--limit", "aws")
    assert (done.returncode, done.stdout) == (1, b"")
    text = done.stderr.decode()
    assert "error[TP064]" in text
    assert re.search(r"the user-data has \d{5} bytes, and aws takes 16384", text)
    assert "/usr/local/sbin/timepolicy-node" in text
    assert timepolicy("render", path, *NODE, "--limit", "aws", "--gzip").returncode == 0
    assert timepolicy("render", path, *NODE, "--limit", "azure").returncode == 0


def test_the_table_has_the_sizes_of_what_render_prints() -> None:
    done = timepolicy("plan", EXAMPLE, *NODE)
    row = done.stdout.decode().splitlines()[1].split()
    assert row[:3] == ["debian-12", "client", "systemd-timesyncd"]
    assert row[-2:] == [str(len(rendered())), str(len(rendered("--gzip")))]


def test_the_table_has_the_units_that_the_gate_holds_back(tmp_path: Path) -> None:
    assert "  containerd, kubelet  " in timepolicy("plan", EXAMPLE, *NODE).stdout.decode().splitlines()[1]
    done = timepolicy("plan", policy_file(tmp_path, f"{MINIMAL}gate: {{units: []}}\n"), "--distro", "debian-12")
    assert done.stdout.decode().splitlines()[1].split()[-5] == "-"


def test_the_table_has_the_size_of_one_product_for_all_releases() -> None:
    mixed = "examples/mixed/timepolicy.yaml"
    lines = timepolicy("plan", mixed).stdout.decode().splitlines()
    (row,) = [line for line in lines if line.startswith("all of these ")]
    size = len(timepolicy("render", mixed).stdout)
    assert row.split()[-2] == str(size)
    assert size > 15_000
    assert f"{size / CLOUDS['aws'].raw_limit:.0%}" in next(line for line in lines if line.startswith("  aws "))


def test_the_table_has_each_release_and_role_that_the_policy_names() -> None:
    lines = timepolicy("plan", "examples/server-tier/timepolicy.yaml").stdout.decode().splitlines()
    kinds = [tuple(line.split()[:2]) for line in lines[1 : lines.index("")] if not line.startswith("all of these")]
    assert sorted(kinds) == [(name, role) for name in ("debian-12", "rocky-9") for role in ("client", "server")]
    assert [line.split()[0] for line in lines[lines.index("") + 2 :]] == list(CLOUDS)


def test_terraforms_module_has_the_same_limits() -> None:
    text = (ROOT / "examples/terraform/timepolicy/main.tf").read_text()
    for name, limit in re.findall(r"^ +(\w+) += (\d+) ", text, re.MULTILINE):
        assert int(limit) == CLOUDS[name].raw_limit, name


def test_the_digests_of_plan_are_those_that_nodes_report(tmp_path: Path) -> None:
    text = (ROOT / "examples/server-tier/timepolicy.yaml").read_text()
    policy = policy_file(tmp_path, text)
    for role in Role:
        digest = agent_plan_of(text, "debian-12", role).contract.digest
        done = timepolicy("plan", policy, "--distro", "debian-12", "--role", str(role), "--digest")
        assert done.stdout.decode() == f"{digest}\n"
        assert f'"digest":"{digest}"' in file_of(plan_of(text, "debian-12", role), "/etc/timepolicy/node.json")
    every = timepolicy("plan", policy, "--digest").stdout.decode().strip().split(",")
    assert len(every) == len(set(every)) > 2
    assert timepolicy("plan", policy, "--digest", "--format", "json").returncode == 2
