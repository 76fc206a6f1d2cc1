"""What user-data is read as, and what is asked of it on the command line."""

import base64
import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers.command_line import timepolicy
from timepolicy.user_data.parts import read_parts

POLICY = "timezone: UTC\nupstreams: [ntp1.example.org, ntp2.example.org, ntp3.example.org]\ndistros: [debian-12]\n"

TYPES = {
    b"#cloud-config\na: 1\n": ["text/cloud-config"],
    b"\n  #Cloud-Config\na: 1\n": ["text/cloud-config"],
    b"#cloud-config-archive\n[]\n": ["text/cloud-config-archive"],
    b"#include\nhttps://example.org/x\n": ["text/x-include-url"],
    b"#include-once\nhttps://example.org/x\n": ["text/x-include-once-url"],
    b"#!/bin/sh\n": ["text/x-shellscript"],
    b"#cloud-boothook\n#!/bin/sh\n": ["text/cloud-boothook"],
    b"#part-handler\n": ["text/part-handler"],
    b"## template: jinja\n#cloud-config\n": ["text/jinja2"],
    b"---\napiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\n": ["application/node.eks.aws"],
    gzip.compress(b"#cloud-config\n", mtime=0): ["text/cloud-config"],
    base64.b64encode(gzip.compress(b"#!/bin/sh\n", mtime=0)): ["text/x-shellscript"],
    b'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\n#!/bin/sh\n\n'
    b"--b\nContent-Type: text/cloud-config\n\na: 1\n--b--\n": ["text/x-shellscript", "text/cloud-config"],
    b"": ["text/plain"],
    b"<powershell>": ["text/plain"],
    b"aGVsbG8gd29ybGQ=": ["text/plain"],
    b"\x1f\x8bbroken": ["text/plain"],
}


@pytest.mark.parametrize(("data", "types"), TYPES.items())
def test_the_first_line_says_what_a_part_is(data: bytes, types: list[str]) -> None:
    parts, findings = read_parts("user-data", data)
    assert [part.content_type for part in parts] == types
    assert [finding.finding.rule.code for finding in findings] == (["TP320"] if types == ["text/plain"] else [])


@given(st.binary(max_size=300))
def test_no_bytes_are_too_much(data: bytes) -> None:
    parts, _ = read_parts("user-data", b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n" + data)
    assert all(part.content_type for part in parts)


def write(folder: Path, **files: str) -> None:
    (folder / "timepolicy.yaml").write_text(POLICY)
    for name, text in files.items():
        (folder / name).write_text(text)


def test_standard_input_is_a_part_too(tmp_path: Path) -> None:
    write(tmp_path)
    done = timepolicy("render", "--with", "-", text=b"#cloud-config\nhostname: n1\n", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert b"Content-Type: text/cloud-config" in done.stdout
    assert b"hostname: n1" in done.stdout


def test_the_limit_of_a_cloud_counts_all_parts(tmp_path: Path) -> None:
    write(tmp_path, other="#!/bin/sh\n" + ": of no use\n" * 1000)
    alone = timepolicy("render", "--format", "mime", "--limit", "aws", folder=tmp_path)
    both = timepolicy("render", "--with", "other", "--limit", "aws", folder=tmp_path)
    assert (alone.returncode, both.returncode) == (0, 1)
    assert b"TP064" in both.stderr


def test_other_formats_cannot_be_joined(tmp_path: Path) -> None:
    write(tmp_path, other="#!/bin/sh\n")
    done = timepolicy("render", "--with", "other", "--format", "script", folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"--with: other user-data is joined in the format mime only" in done.stderr


def test_findings_of_a_part_are_at_the_files_line(tmp_path: Path) -> None:
    write(
        tmp_path,
        other="MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
        "--b\nContent-Type: text/x-shellscript\n\n#!/bin/sh\n\n"
        "--b\nContent-Type: text/cloud-config\n\nntp: {servers: [a]}\n\n--b--\n",
    )
    done = timepolicy("render", "--with", "other", "--findings", "line", folder=tmp_path)
    assert done.stderr.decode().startswith("other:12:1: error TP322 ")
    assert (done.returncode, done.stdout) == (1, b"")


def test_findings_of_an_encoded_part_name_the_part(tmp_path: Path) -> None:
    content = base64.encodebytes(b"#cloud-config\nntp: {servers: [a]}\n").decode()
    write(
        tmp_path,
        other="MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
        "--b\nContent-Type: text/x-shellscript\n\n#!/bin/sh\n\n"
        f"--b\nContent-Type: text/cloud-config\nContent-Transfer-Encoding: base64\n\n{content}\n--b--\n",
    )
    done = timepolicy("render", "--with", "other", "--findings", "line", folder=tmp_path)
    assert done.stderr.decode().startswith("other, part 2:2:1: error TP322 ")


def test_forms_of_findings_for_one_file_are_refused(tmp_path: Path) -> None:
    write(tmp_path, other="#!/bin/sh\n")
    refused = timepolicy("render", "--with", "other", "--findings", "json", folder=tmp_path)
    assert (refused.returncode, refused.stdout) == (2, b"")


@pytest.mark.parametrize("data", [b"#!/bin/sh\n" + b"#" * (1 << 20), gzip.compress(b"#" * (1 << 24), mtime=0)])
def test_more_than_any_cloud_accepts_is_refused_and_not_cut(data: bytes, tmp_path: Path) -> None:
    write(tmp_path)
    done = timepolicy("render", "--with", "-", text=data, folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"--with: <stdin> has more than 1048576 bytes" in done.stderr


def test_a_gzip_that_is_cut_is_not_taken_for_whole() -> None:
    whole = gzip.compress(b"#!/bin/sh\necho 1\necho 2\n" * 200, mtime=0)
    parts, findings = read_parts("user-data", whole[:-20])
    assert [finding.finding.rule.code for finding in findings] == ["TP320"]
    (two,), _ = read_parts("user-data", whole + whole)
    assert two.content == b"#!/bin/sh\necho 1\necho 2\n" * 400
    assert parts[0].content == whole[:-20]


def test_the_finding_about_the_size_names_the_other_files(tmp_path: Path) -> None:
    write(tmp_path, other="#!/bin/sh\n" + ": of no use\n" * 1000)
    done = timepolicy("render", "--with", "other", "--limit", "aws", folder=tmp_path)
    assert b", other 12010, " in done.stderr


def test_output_onto_other_user_data_is_refused(tmp_path: Path) -> None:
    write(tmp_path, other="#!/bin/sh\n")
    done = timepolicy("render", "--with", "other", "-o", "other", folder=tmp_path)
    assert done.returncode == 2
    assert (tmp_path / "other").read_text() == "#!/bin/sh\n"


SCALARS = st.sampled_from(
    (
        *("ntp", "timezone", "write_files", "packages", "runcmd", "merge_how", "path", "content", "type", "settings"),
        *("kubeadm join", "list(append)", "", "~", "{{ x }}", "/etc/chrony/chrony.conf", "openntpd", "true", "name"),
    )
)
YAML = st.recursive(
    SCALARS.map(lambda text: f"'{text}'"),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.lists(st.tuples(inner, inner), max_size=4).map(
            lambda pairs: "{" + ", ".join(f"? {key} : {value}" for key, value in pairs) + "}"
        )
    ),
    max_leaves=12,
)
"""Any YAML, also mappings whose keys are lists."""

FIRST = ("#cloud-config", "#cloud-config-archive", "## template: jinja\n#cloud-config")


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(FIRST), YAML)))
def test_any_yaml_gets_findings_and_no_traceback(tmp_path: Path, parts: list[tuple[str, str]]) -> None:
    write(tmp_path)
    for number, (first, text) in enumerate(parts):
        (tmp_path / str(number)).write_text(f"{first}\n{text}\n")
    withs = [word for number in range(len(parts)) for word in ("--with", str(number))]
    done = timepolicy("render", *withs, folder=tmp_path)
    assert (done.returncode, bool(done.stdout)) in ((0, True), (1, False))
