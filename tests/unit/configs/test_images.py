"""Files below --root: links lead where they lead on the node, masks hide, and a file is read once."""

from pathlib import Path

import pytest
import yaml

from tests.helpers.config_import import Imported, import_sources
from timepolicy.source import Source

REST = "makestep 1 3\nrtcsync\n"


def image(folder: Path, files: dict[str, str]) -> Path:
    """An image with files by their paths on the node; `-> TARGET` is a link."""
    root = folder / "image"
    for path, text in files.items():
        file = root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        if text.startswith("-> "):
            file.symlink_to(text.removeprefix("-> "))
        else:
            file.write_text(text)
    return root


def imported(root: Path, *names: str) -> Imported:
    return import_sources([Source(name=str(root / name), text=(root / name).read_text()) for name in names], root)


def hosts(found: Imported) -> list[str]:
    """The servers of the policy."""
    return [] if found.policy is None else list(yaml.safe_load(found.policy)["upstreams"])


CHRONY = "etc/chrony.conf"
MAIN = "confdir /etc/conf.d\n" + REST
SERVER = "server a.example.org iburst\n"

LINKS = {
    "an absolute link to a file": {"/etc/conf.d/a.conf": "-> /opt/a.conf", "/opt/a.conf": SERVER},
    "a relative link to a file": {"/etc/conf.d/a.conf": "-> ../../opt/a.conf", "/opt/a.conf": SERVER},
    "a link that would leave the root": {"/etc/conf.d/a.conf": "-> ../../../../opt/a.conf", "/opt/a.conf": SERVER},
    "an absolute link to a directory": {"/etc/conf.d": "-> /opt/d", "/opt/d/a.conf": SERVER},
    "links to links": {
        "/etc/conf.d": "-> /opt/d",
        "/opt/d": "-> ../srv/d",
        "/srv/d/a.conf": "-> /srv/a.conf",
        "/srv/a.conf": SERVER,
    },
}


@pytest.mark.parametrize("files", LINKS.values(), ids=LINKS)
def test_links_lead_to_files_of_the_image(tmp_path: Path, files: dict[str, str]) -> None:
    found = imported(image(tmp_path, {CHRONY: MAIN, **files}), CHRONY)
    assert (hosts(found), found.codes) == (["a.example.org"], [])


def test_no_link_leads_to_a_file_of_this_host(tmp_path: Path) -> None:
    (tmp_path / "host.conf").write_text("server host.example.org iburst\n")
    files = {CHRONY: SERVER + MAIN, "/etc/conf.d/b.conf": f"-> {tmp_path}/host.conf"}
    found = imported(image(tmp_path, files), CHRONY)
    assert (hosts(found), found.codes) == (["a.example.org"], ["TP214"])


NOWHERE = {
    "no such file": {"/etc/conf.d/b.conf": "-> /opt/b.conf"},
    "a loop": {"/etc/conf.d/b.conf": "-> c.conf", "/etc/conf.d/c.conf": "-> b.conf"},
}


@pytest.mark.parametrize("files", NOWHERE.values(), ids=NOWHERE)
def test_a_link_that_leads_nowhere_is_reported(tmp_path: Path, files: dict[str, str]) -> None:
    found = imported(image(tmp_path, {CHRONY: SERVER + MAIN, **files}), CHRONY)
    assert hosts(found) == ["a.example.org"]
    assert set(found.codes) == {"TP214"}
    assert len(found.codes) == len(files)


def test_a_link_to_dev_null_is_an_empty_file(tmp_path: Path) -> None:
    files = {
        CHRONY: SERVER + "confdir /etc/conf.d /usr/conf.d\n" + REST,
        "/etc/conf.d/b.conf": "-> /dev/null",
        "/usr/conf.d/b.conf": "server b.example.org iburst\n",
    }
    found = imported(image(tmp_path, files), CHRONY)
    assert (hosts(found), found.codes) == (["a.example.org"], [])


TIMESYNCD = "etc/systemd/timesyncd.conf"
DROP_IN = "[Time]\nNTP=b.example.org\n"

MASKS = {
    "masked": ({"/etc/systemd/timesyncd.conf.d/b.conf": "-> /dev/null"}, ["a.example.org"], []),
    "masked by a relative link": (
        {"/etc/systemd/timesyncd.conf.d/b.conf": "-> ../../../dev/null"},
        ["a.example.org"],
        [],
    ),
    "emptied": ({"/etc/systemd/timesyncd.conf.d/b.conf": ""}, ["a.example.org"], []),
    "masked where it hides nothing": ({"/usr/local/lib/systemd/timesyncd.conf.d/c.conf": "-> /dev/null"}, None, None),
    "broken": ({"/etc/systemd/timesyncd.conf.d/b.conf": "-> /opt/b.conf"}, ["a.example.org"], ["TP214"]),
}


@pytest.mark.parametrize(("files", "servers", "codes"), MASKS.values(), ids=MASKS)
def test_systemds_masks(
    tmp_path: Path, files: dict[str, str], servers: list[str] | None, codes: list[str] | None
) -> None:
    main = {TIMESYNCD: "[Time]\nNTP=a.example.org\n", "/usr/lib/systemd/timesyncd.conf.d/b.conf": DROP_IN}
    found = imported(image(tmp_path, main | files), TIMESYNCD)
    both = ["a.example.org", "b.example.org"]
    assert hosts(found) == (both if servers is None else servers)
    assert found.codes == (["TP241"] if codes is None else codes)


NAMED = {
    "a drop-in of chrony": (
        [CHRONY, "etc/conf.d/a.conf"],
        {CHRONY: MAIN + "allow 10/8\n", "/etc/conf.d/a.conf": SERVER},
    ),
    "the drop-in first": (["etc/conf.d/a.conf", CHRONY], {CHRONY: MAIN + "allow 10/8\n", "/etc/conf.d/a.conf": SERVER}),
    "a drop-in with an access list": (
        [CHRONY, "etc/conf.d/a.conf"],
        {CHRONY: "deny all\n" + MAIN + "allow 10/8\n", "/etc/conf.d/a.conf": SERVER + "deny all\n"},
    ),
    "an included file": (
        ["etc/more.conf", CHRONY],
        {CHRONY: "include /etc/more.conf\n" + REST + "allow 10/8\n", "/etc/more.conf": SERVER},
    ),
    "a file of sources": (
        [CHRONY, "etc/s.d/a.sources"],
        {CHRONY: "sourcedir /etc/s.d\n" + REST + "allow 10/8\n", "/etc/s.d/a.sources": SERVER},
    ),
}


@pytest.mark.parametrize(("names", "files"), NAMED.values(), ids=NAMED)
def test_a_file_that_is_named_and_included_is_read_once(
    tmp_path: Path, names: list[str], files: dict[str, str]
) -> None:
    found = imported(image(tmp_path, files), *names)
    assert (hosts(found), found.codes) == (["a.example.org"], ["TP252"])


def test_a_named_drop_in_of_timesyncd_is_read_once(tmp_path: Path) -> None:
    drop_in = "etc/systemd/timesyncd.conf.d/b.conf"
    found = imported(image(tmp_path, {TIMESYNCD: "[Time]\n", drop_in: DROP_IN}), TIMESYNCD, drop_in)
    assert (hosts(found), found.codes) == (["b.example.org"], [])


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    root = image(tmp_path, {CHRONY: SERVER + REST, "/etc/conf": "-> /etc/chrony.conf"})
    names = [f"{root}/etc/chrony.conf", f"{root}/etc/../etc/chrony.conf"]
    found = import_sources([Source(name=name, text=SERVER + REST) for name in names])
    assert (hosts(found), found.codes) == (["a.example.org"], [])
