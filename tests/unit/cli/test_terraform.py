"""`timepolicy terraform`: Terraform's external data source protocol, as a program speaks it."""

import base64
import json
from pathlib import Path

import pytest

from tests.helpers.cases import EXAMPLE
from tests.helpers.command_line import timepolicy
from tests.helpers.products import UNGATED

POLICY = EXAMPLE.read_text()


def ask(**query: str) -> dict[str, str]:
    done = timepolicy("terraform", text=json.dumps(query))
    assert (done.returncode, done.stderr) == (0, b""), done.stderr
    result: dict[str, str] = json.loads(done.stdout)
    assert all(isinstance(value, str) for value in result.values())
    return result


@pytest.mark.parametrize("query", [{"path": str(EXAMPLE)}, {"policy": POLICY}], ids=["a path", "a text"])
def test_the_result_is_what_render_prints(query: dict[str, str]) -> None:
    result = ask(**query, distro="debian-12", role="", format="")
    rendered = timepolicy("render", str(EXAMPLE), "--distro", "debian-12").stdout
    assert result["user_data"].encode() == base64.b64decode(result["user_data_base64"]) == rendered
    assert int(result["size"]) == len(rendered)
    assert (result["format"], result["release"], result["findings"]) == ("cloud-config", "debian-12", "")


def test_what_is_no_text_comes_in_base64_only() -> None:
    result = ask(path=str(EXAMPLE), distro="debian-12", format="rootfs")
    assert result["user_data"] == ""
    arguments = ("render", str(EXAMPLE), "--distro", "debian-12", "--format", "rootfs")
    assert base64.b64decode(result["user_data_base64"]) == timepolicy(*arguments).stdout


def test_gzip_is_what_render_packs() -> None:
    result = ask(path=str(EXAMPLE), distro="debian-12", gzip="true")
    packed = timepolicy("render", str(EXAMPLE), "--distro", "debian-12", "--gzip").stdout
    assert (base64.b64decode(result["user_data_base64"]), result["user_data"]) == (packed, "")
    assert int(result["size"]) == len(packed)


def test_other_user_data_is_joined_as_render_does(tmp_path: Path) -> None:
    texts = ["#cloud-config\nbootcmd: [echo]\n", base64.b64encode(b"#!/bin/sh\n").decode()]
    withs = []
    for number, text in enumerate(texts):
        (tmp_path / str(number)).write_text(text)
        withs += ["--with", str(tmp_path / str(number))]
    result = ask(path=str(EXAMPLE), distro="debian-12", **{"with": json.dumps(texts)})
    assert result["user_data"].encode() == timepolicy("render", str(EXAMPLE), "--distro", "debian-12", *withs).stdout
    assert result["format"] == "mime"
    assert ask(path=str(EXAMPLE), distro="debian-12", **{"with": "[]"})["format"] == "cloud-config"


def test_findings_about_other_user_data_are_in_the_result_or_stop_it() -> None:
    query = {"path": str(EXAMPLE), "distro": "debian-12"}
    include = json.dumps(["#include\nhttps://example.org/x\n"])
    done = timepolicy("terraform", text=json.dumps(query | {"with": include}))
    assert (done.returncode, b"note[TP328]" in done.stderr) == (0, True)
    assert json.loads(done.stdout)["findings"].startswith("with[0]:1:1: note TP328 ")
    packages = json.dumps(["#!/bin/sh\n", "#cloud-config\npackages: [openntpd]\n"])
    warned = timepolicy("terraform", text=json.dumps(query | {"with": packages}))
    assert warned.returncode == 0
    assert "with[1]:2:12: warning TP325 " in json.loads(warned.stdout)["findings"]
    strict = timepolicy("terraform", text=json.dumps(query | {"with": packages, "strict": "true"}))
    assert (strict.returncode, strict.stdout) == (1, b"")
    assert b"error[TP325]" in strict.stderr


def test_a_policy_of_any_size_is_judged_as_such() -> None:
    """JSON may make six bytes of one."""
    text = POLICY + "# " + "\u00fc" * 400_000 + "\n"
    assert ask(policy=text, distro="debian-12")["release"] == "debian-12"
    done = timepolicy("terraform", text=json.dumps({"policy": text * 3}))
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"TP002" in done.stderr


WARNED = UNGATED


def test_warnings_are_in_the_result_and_with_strict_stop_it() -> None:
    query = {"policy": WARNED, "distro": "talos"}
    done = timepolicy("terraform", text=json.dumps(query))
    assert done.returncode == 0
    assert " warning TP311 " in json.loads(done.stdout)["findings"].replace(":", " ").replace("  ", " ")
    done = timepolicy("terraform", text=json.dumps(query | {"strict": "true"}))
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"error[TP311]" in done.stderr


WRONG: dict[str, tuple[str, bytes]] = {
    "no JSON": ("{", b"no JSON"),
    "bytes that are no text": ('{"path": "\udcff"}', b"JSON"),
    "half a character": ('{"policy": "\\ud800"}', b"no JSON"),
    "a deep list": ("[" * 100000, b"no JSON"),
    "a list": ("[]", b"object of strings"),
    "a number": ('{"path": 1}', b"object of strings"),
    "an unknown key": ('{"paht": "x"}', b"`paht`"),
    "no policy": ('{"distro": "debian-12"}', b"either `path` or `policy`"),
    "two policies": ('{"path": "x", "policy": "y"}', b"either `path` or `policy`"),
    "an unknown role": (json.dumps({"path": str(EXAMPLE), "distro": "debian-12", "role": "king"}), b"`king`"),
    "an unknown format": (json.dumps({"path": str(EXAMPLE), "distro": "debian-12", "format": "x"}), b"cloud-config"),
    "an unknown release": (json.dumps({"path": str(EXAMPLE), "distro": "debian-21"}), b"debian-"),
    "no release": (json.dumps({"path": str(EXAMPLE)}), b"--distro"),
    "neither true nor false": (json.dumps({"path": str(EXAMPLE), "gzip": "1"}), b"`gzip` is true or false"),
    "other user-data that is no list": (
        json.dumps({"path": str(EXAMPLE), "distro": "debian-12", "with": "#cloud-config"}),
        b"`with` is no JSON",
    ),
    "other user-data that is no text": (
        json.dumps({"path": str(EXAMPLE), "distro": "debian-12", "with": "[1]"}),
        b"`with` has to be a JSON list of strings",
    ),
    "other user-data in another format": (
        json.dumps({"path": str(EXAMPLE), "distro": "debian-12", "format": "script", "with": '["#!/bin/sh"]'}),
        b"--with: other user-data is joined in the format mime only",
    ),
    "gzip for a script": (
        json.dumps({"path": str(EXAMPLE), "distro": "debian-12", "format": "script", "gzip": "true"}),
        b"script stays compressed",
    ),
}


@pytest.mark.parametrize(("query", "reason"), WRONG.values(), ids=WRONG)
def test_a_wrong_query_says_why(query: str, reason: bytes) -> None:
    done = timepolicy("terraform", text=query.encode(errors="surrogateescape"))
    assert (done.returncode, done.stdout) == (2, b"")
    assert reason in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_wrong_policy_and_a_missing_one() -> None:
    done = timepolicy("terraform", text=json.dumps({"policy": "timezone: 7\n", "distro": "debian-12"}))
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"policy:1:11" in done.stderr
    done = timepolicy("terraform", text=json.dumps({"path": "/no/such", "distro": "debian-12"}))
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"cannot read /no/such" in done.stderr
