"""Other user-data joined with ours by `render --with`, consumed by cloud-init's own code: all of both takes effect."""

import base64
import gzip
import json
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers.cases import agent_plan_of
from tests.helpers.cloud_init_parts import Part, effects_of, parts_of
from tests.helpers.command_line import timepolicy
from tests.helpers.programs import need, run
from tests.helpers.rule_cases import CASES
from timepolicy.formats._joined import joined as document_of
from timepolicy.formats._shell import boothook_script
from timepolicy.user_data.parts import read_parts

POLICY = "timezone: UTC\nupstreams: [ntp1.example.org, ntp2.example.org, ntp3.example.org]\n"

CONFIG = "#cloud-config\nbootcmd: [touch /etc/others]\nusers: [default]\n"
SCRIPT = "#!/bin/bash\necho 'Grüße from the node' >/etc/motd\n"
HOOK = "#cloud-boothook\n#!/bin/sh\ntouch /etc/hooked\n"
JINJA = "## template: jinja\n#cloud-config\nhostname: node-{{ v1.local_hostname }}\n"
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
GZIP_IN_MIME = (
    'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: application/gzip\n'
    "Content-Transfer-Encoding: base64\n\n"
    + base64.encodebytes(gzip.compress(SCRIPT.encode(), mtime=0)).decode()
    + "\n--b--\n"
)
USERS: dict[str, object] = {"users": ["default"]}
BOOTCMD: dict[str, object] = {"bootcmd": ["touch /etc/others"]}
OURS: dict[str, object] = {"ntp": {"enabled": False}}

OTHERS: dict[str, tuple[list[bytes], dict[str, object], list[str], list[str]]] = {
    "cloud-config": ([CONFIG.encode()], USERS | BOOTCMD, [], []),
    "cloud-config-with-crlf": ([CONFIG.replace("\n", "\r\n").encode()], USERS | BOOTCMD, [], []),
    "script-that-is-not-ascii": ([SCRIPT.encode()], {}, [], [SCRIPT]),
    "boothook": ([HOOK.encode()], {}, ["#!/bin/sh\ntouch /etc/hooked\n"], []),
    "jinja": ([JINJA.encode()], {"hostname": "node-n1"}, [], []),
    "nodeadm": ([NODE_CONFIG.encode()], {}, [], []),
    "eks": ([EKS.encode()], {}, [], ["#!/bin/bash\necho ready\n"]),
    "archive": ([ARCHIVE.encode()], USERS, [], ["#!/bin/sh\necho from the archive\n"]),
    "gzip": ([gzip.compress(CONFIG.encode(), mtime=0)], USERS | BOOTCMD, [], []),
    "gzip-in-mime": ([GZIP_IN_MIME.encode()], {}, [], [SCRIPT]),
    "base64": ([base64.encodebytes(EKS.encode())], {}, [], ["#!/bin/bash\necho ready\n"]),
    "two-files": ([CONFIG.encode(), SCRIPT.encode()], USERS | BOOTCMD, [], [SCRIPT]),
    "our-own-boundary": (
        [b"#!/bin/sh\ncat <<'END'\n--==timepolicy==\nEND\n"],
        {},
        [],
        ["#!/bin/sh\ncat <<'END'\n--==timepolicy==\nEND\n"],
    ),
    "a-line-of-2000-characters": (
        [b"#!/bin/sh\n: " + b"x" * 2000 + b"\n"],
        {},
        [],
        ["#!/bin/sh\n: " + "x" * 2000 + "\n"],
    ),
    "a-line-that-begins-with-From": (
        [b"#!/bin/sh\ncat <<'END'\n\nFrom me\nEND\n"],
        {},
        [],
        ["#!/bin/sh\ncat <<'END'\n\nFrom me\nEND\n"],
    ),
}
"""Files, and what takes effect of them on a node: merged cloud-config, boothooks, scripts."""


def render(folder: Path, files: list[bytes], *options: str) -> tuple[bytes, str]:
    """What `render --with` prints, and its findings."""
    (folder / "timepolicy.yaml").write_text(POLICY)
    names = [f"other-{number}" for number in range(len(files))]
    for name, content in zip(names, files, strict=True):
        (folder / name).write_bytes(content)
    withs = [word for name in names for word in ("--with", name)]
    done = timepolicy("render", "--distro", "debian-12", *withs, *options, folder=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr.decode()


def joined(folder: Path, files: list[bytes], *options: str) -> bytes:
    return render(folder, files, *options)[0]


def is_ours(hook: str) -> bool:
    return hook.endswith(boothook_script(agent_plan_of(POLICY)))


@pytest.mark.parametrize(("files", "config", "hooks", "scripts"), OTHERS.values(), ids=OTHERS)
def test_all_of_both_takes_effect(
    files: list[bytes], config: dict[str, object], hooks: list[str], scripts: list[str], tmp_path: Path
) -> None:
    effects = effects_of(joined(tmp_path, files), tmp_path)
    assert is_ours(effects.hooks[0])
    assert (effects.config, effects.hooks[1:], effects.scripts) == (config | OURS, hooks, scripts)


BY_HAND = {
    "text/cloud-config": (CONFIG, USERS | BOOTCMD, [], []),
    "text/x-shellscript": (SCRIPT, {}, [], [SCRIPT]),
    "text/cloud-boothook": (HOOK, {}, ["#!/bin/sh\ntouch /etc/hooked\n"], []),
    "text/jinja2": (JINJA, {"hostname": "node-n1"}, [], []),
}
"""Parts as somebody else joins them with the format boothook, and their effects."""


@pytest.mark.parametrize("is_first", [True, False], ids=["before", "behind"])
@pytest.mark.parametrize("content_type", BY_HAND)
def test_the_format_boothook_takes_effect_in_each_order(content_type: str, is_first: bool, tmp_path: Path) -> None:
    text, config, hooks, scripts = BY_HAND[content_type]
    (tmp_path / "timepolicy.yaml").write_text(POLICY)
    done = timepolicy("render", "--distro", "debian-12", "--format", "boothook", folder=tmp_path)
    parts = [("text/cloud-boothook", done.stdout.decode()), (content_type, text)]
    document = MIMEMultipart()
    for kind, content in parts if is_first else reversed(parts):
        document.attach(MIMEText(content, kind.partition("/")[2], "utf-8"))
    effects = effects_of(document.as_bytes(), tmp_path)
    (ours,) = filter(is_ours, effects.hooks)
    assert (effects.config, effects.scripts) == (config, scripts)
    assert [hook for hook in effects.hooks if hook != ours] == hooks


@pytest.mark.parametrize("format_", ["boothook", "mime"])
def test_as_vendor_data_ours_leaves_the_user_data_as_it_is(format_: str, tmp_path: Path) -> None:
    (tmp_path / "timepolicy.yaml").write_text(POLICY)
    ours = timepolicy("render", "--distro", "debian-12", "--format", format_, folder=tmp_path).stdout
    effects = effects_of(CONFIG.encode(), tmp_path, vendor_data=ours)
    assert effects.config == USERS | BOOTCMD
    assert [is_ours(hook) for hook in effects.hooks] == [True]


def test_vendor_data_does_not_write_another_configuration_of_the_daemon(tmp_path: Path) -> None:
    """MAAS has `ntp` in its vendor-data."""
    vendor_data = b"#cloud-config\nntp: {servers: [ntp9.example.org]}\n"
    effects = effects_of(joined(tmp_path, [CONFIG.encode()]), tmp_path, vendor_data)
    assert effects.config["ntp"]["enabled"] is False
    assert effects_of(CONFIG.encode(), tmp_path / "alone", vendor_data).config["ntp"] == {
        "servers": ["ntp9.example.org"]
    }


def test_a_user_may_switch_vendor_data_off(tmp_path: Path) -> None:
    (tmp_path / "timepolicy.yaml").write_text(POLICY)
    ours = timepolicy("render", "--distro", "debian-12", "--format", "boothook", folder=tmp_path).stdout
    assert effects_of(b"#cloud-config\nvendor_data: {enabled: false}\n", tmp_path, vendor_data=ours).hooks == []


IGNORED = sorted(CASES.glob("TP32[01]/wrong-*/user-data"))


@pytest.mark.parametrize("path", IGNORED, ids=lambda path: f"{path.parents[1].name}-{path.parent.name}")
def test_cloud_init_ignores_what_is_said_to_be_ignored(path: Path, tmp_path: Path) -> None:
    effects = effects_of(path.read_bytes(), tmp_path)
    assert (effects.config, effects.hooks, effects.scripts) == ({}, [], [])


MERGE_TYPES = (
    "",
    "dict(replace)+list()+str()",
    "list(append)+dict(no_replace,recurse_list)+str()",
    "list(prepend)+dict(recurse_array)+str()",
    "list(append)+dict()+str()",
    "list()+dict()+str()",
    "list()+dict(recurse_list)+str()",
    "list(no_replace)+dict(recurse_list)+str()",
    "list(append)",
    "dict(recurse_list)",
)
VALUES = {
    "bootcmd": ("[[echo, a]]", "[[echo, b]]"),
    "growpart": ("{a: auto}", "{b: [/]}"),
    "users": ("{a: 1}", "[b]"),
}
"""Values of a key in two parts; cloud-init keeps both if the merged value has the strings of both."""


def strings_of(value: object) -> set[str]:
    """The scalars of YAML, keys too."""
    if isinstance(value, dict):
        return set(value) | {text for inner in value.values() for text in strings_of(inner)}
    return {text for inner in value for text in strings_of(inner)} if isinstance(value, list) else {str(value)}


@pytest.mark.parametrize("where", ["merge_how", "merge_type", "header", "list", "settings"])
@pytest.mark.parametrize("merge_type", MERGE_TYPES)
def test_a_value_that_cloud_init_loses_is_a_finding_and_no_other(merge_type: str, where: str, tmp_path: Path) -> None:
    first = "#cloud-config\n" + "".join(f"{key}: {value}\n" for key, (value, _) in VALUES.items())
    second = "#cloud-config\n" + "".join(f"{key}: {value}\n" for key, (_, value) in VALUES.items())
    header = f"Merge-Type: {merge_type}\n" if where == "header" and merge_type else ""
    if merge_type and where != "header":
        second += setting(merge_type, where)
    document = (
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
        f"--b\nContent-Type: text/cloud-config\n{header}\n{second}\n--b--\n"
    )
    product, findings = render(tmp_path, [first.encode(), document.encode()], "--findings", "line")
    merged = effects_of(product, tmp_path).config
    both = {
        key for key in VALUES if {"a", "b"} <= strings_of(merged[key]) or {"mode", "devices"} <= strings_of(merged[key])
    }
    warned = {key for key in VALUES if f"TP327 `{key}` is also in other-0 (line" in findings}
    assert warned == VALUES.keys() - both, findings


def setting(merge_type: str, where: str) -> str:
    """A merge type as a key of cloud-config, in each of its forms."""
    if where in ("merge_how", "merge_type"):
        return f"{where}: '{merge_type}'\n"
    mergers = [merger.rstrip(")").split("(") for merger in merge_type.split("+")]
    if where == "list":
        return f"merge_how: {json.dumps([[name, *filter(None, options.split(','))] for name, options in mergers])}\n"
    entries = [{"name": name, "settings": list(filter(None, options.split(",")))} for name, options in mergers]
    return f"merge_how: {json.dumps(entries)}\n"


TYPES = (
    *("text/plain", "text/cloud-config", "text/x-shellscript", "text/cloud-boothook", "text/part-handler"),
    *("text/x-shellscript-per-boot", "application/node.eks.aws", "application/octet-stream", "text/foo", "text/jinja2"),
)
FIRST = (
    "",
    "#cloud-config\n",
    "#!/bin/sh\n",
    "#cloud-boothook\n",
    "## template: jinja\n#cloud-config\n",
    "\n #CLOUD-CONFIG",
)
BODY = st.builds(
    str.__add__, st.sampled_from(FIRST), st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)
)
HEADERS = st.dictionaries(
    st.sampled_from(["Merge-Type", "X-Merge-Type", "Launch-Index"]), st.sampled_from(["1", "list(append)"]), max_size=2
)


@st.composite
def entities(draw: st.DrawFn) -> MIMEBase:
    """A part as any program may write it: any type, header, name, and encoding."""
    entity = MIMEBase(*draw(st.sampled_from(TYPES)).split("/"))
    text = draw(BODY)
    if text.isascii() and draw(st.booleans()):
        entity.set_payload(text)
    else:
        entity.set_payload(base64.encodebytes(text.encode()).decode())
        entity["Content-Transfer-Encoding"] = "base64"
    for name, value in draw(HEADERS).items():
        entity[name] = value
    if name := draw(st.sampled_from(["", "x.sh", "timepolicy"])):
        entity.add_header("Content-Disposition", "attachment", filename=name)
    return entity


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """A MIME document, perhaps with one inside, in LF or CRLF."""
    outer, inner = MIMEMultipart(boundary="outer"), MIMEMultipart(boundary="inner")
    for entity in draw(st.lists(entities(), max_size=3)):
        outer.attach(entity)
    for entity in draw(st.lists(entities(), max_size=2)):
        inner.attach(entity)
    if inner.get_payload():
        outer.attach(inner)
    text = outer.as_bytes()
    return text if draw(st.booleans()) else text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def seen(parts: list[Part]) -> list[tuple[str, str | None, str, list[tuple[str, str]]]]:
    """What a handler gets; cloud-init numbers the parts without a name, and ours shifts the numbers."""
    return [
        (
            part.content_type,
            None if part.filename.startswith("part-") else part.filename,
            part.text,
            sorted((name, value) for name, value in part.headers.items() if name.endswith(("Merge-Type", "-Index"))),
        )
        for part in parts
    ]


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(documents(), min_size=25, max_size=25))
def test_no_part_of_any_document_is_changed(tmp_path: Path, originals: list[bytes]) -> None:
    plan = agent_plan_of(POLICY)
    ours = [document_of([plan], read_parts("other", document)[0]) for document in originals]
    before, after = parts_of(originals, tmp_path), parts_of(ours, tmp_path)
    for original, product, document in zip(before, after, originals, strict=True):
        assert [part.filename for part in product[:2]] == ["timepolicy", "timepolicy.cfg"]
        nodeadm = "application/node.eks.aws"  # its lines end with LF, see below
        expected = [part if part[0] != nodeadm else (*part[:2], "", part[3]) for part in seen(original)]
        found = [part if part[0] != nodeadm else (*part[:2], "", part[3]) for part in seen(product[2:])]
        assert found == expected, document


def test_nodeadm_finds_its_part_unencoded(tmp_path: Path) -> None:
    """Its older versions decode nothing (nodeadm/internal/configprovider), and a certificate is one long line."""
    text = f"# für uns\r\n---\nkind: NodeConfig\napiVersion: node.eks.aws/v1alpha1\nca: {'QUJD' * 400}\n"
    product = joined(tmp_path, [text.encode()])
    assert b"\nContent-Type: application/node.eks.aws\nContent-Transfer-Encoding: 8bit\n\n" in product
    assert text.replace("\r\n", "\n").encode() in product


def test_the_same_files_give_the_same_bytes_and_gzip_is_of_all(tmp_path: Path) -> None:
    once, again = (joined(tmp_path, [CONFIG.encode(), SCRIPT.encode()]) for _ in range(2))
    assert once == again
    assert gzip.decompress(joined(tmp_path, [CONFIG.encode(), SCRIPT.encode()], "--gzip")) == once


def test_a_shell_accepts_the_boothook(tmp_path: Path) -> None:
    hook = effects_of(joined(tmp_path, [CONFIG.encode()]), tmp_path).hooks[0]
    assert run([need("shellcheck"), "--shell=sh", "-"], hook).returncode == 0
