"""What cloud-init's own code makes of user-data: its parts, and what of them takes effect on a node."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.helpers.programs import need, run

READER = """
import json, os, sys
from cloudinit import sources, stages, subp, util
from cloudinit.helpers import ConfigMerger, Paths
from cloudinit.user_data import UserDataProcessor

class DataSource(sources.DataSource):
    dsname = "Test"
    def get_instance_id(self): return "i-1"

def parts_of(blob, folder):
    found = []
    for part in UserDataProcessor(Paths({"cloud_dir": folder, "run_dir": folder})).process(blob).walk():
        if not part.is_multipart():
            text = util.fully_decoded_payload(part)  # bytes, if the type is not text
            text = text.decode("utf-8", "surrogateescape") if isinstance(text, bytes) else text
            found.append([part.get_content_type(), part.get_filename(), text, dict(part)])
    return found

def effects_of(user_data, vendor_data, folder, cloud_cfg):
    started = []
    subp.subp = lambda words, **_: started.append(open(words[0]).read())  # a boothook of ours would set up this machine
    init = stages.Init()
    init._cfg = util.mergemanydict([{"system_info": {
        "paths": {"cloud_dir": folder + "/cloud", "run_dir": folder + "/run"}, "distro": "debian",
    }}, util.get_builtin_cfg()])
    init._initialize_filesystem()
    init.datasource = DataSource({}, init.distro, init.paths)
    init._paths = None  # anew, of this data source
    paths = init.paths
    init.datasource.userdata_raw, init.datasource.vendordata_raw = user_data, vendor_data
    os.makedirs(folder + "/cloud/instances/i-1")
    os.symlink(folder + "/cloud/instances/i-1", folder + "/cloud/instance")
    util.write_file(paths.get_runpath("instance_data_sensitive"), json.dumps({"v1": {"local_hostname": "n1"}}))
    init.consume_data("always")
    base = util.read_conf_with_confd(cloud_cfg) if cloud_cfg else {}
    scripts = [
        open(os.path.join(root, name)).read()
        for root, _, names in sorted(os.walk(folder + "/cloud")) if "/scripts" in root for name in sorted(names)
    ]
    return {"config": ConfigMerger(paths=paths, base_cfg=base).cfg, "hooks": started, "scripts": scripts}

job = json.load(open(sys.argv[1]))
blobs = [bytes.fromhex(blob) for blob in job["blobs"]]
if job["task"] == "parts":
    print(json.dumps([parts_of(blob, sys.argv[2]) for blob in blobs]))
else:
    print(json.dumps(effects_of(*blobs, sys.argv[2], job["cloud_cfg"]), default=str))
"""


@dataclass(frozen=True)
class Part:
    """A part as cloud-init finds it; `headers` are those that its handler gets."""

    content_type: str
    filename: str
    text: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Effects:
    """What takes effect: the merged cloud-config, the boothooks in their order, the scripts to run later."""

    config: dict[str, Any]
    hooks: list[str]
    scripts: list[str]


def parts_of(blobs: Sequence[bytes], folder: Path) -> list[list[Part]]:
    """Return cloud-init's parts of each user-data."""
    return [[Part(*fields) for fields in parts] for parts in _ask("parts", blobs, folder)]


def effects_of(user_data: bytes, folder: Path, vendor_data: bytes = b"", cloud_cfg: Path | None = None) -> Effects:
    """Return what takes effect on a node with this user-data and this vendor-data.

    `cloud_cfg` is the image's cloud.cfg, beside which there may be a folder cloud.cfg.d.
    """
    return Effects(**_ask("effects", [user_data, vendor_data], folder, cloud_cfg))


def _ask(task: str, blobs: Sequence[bytes], folder: Path, cloud_cfg: Path | None = None) -> Any:
    unpacked = Path(need("cloud-init")).parents[1] / "cloud-init/usr/lib/python3/dist-packages"
    packages = unpacked if unpacked.is_dir() else Path("/usr/lib/python3/dist-packages")
    folder.mkdir(exist_ok=True)
    job = {"task": task, "blobs": [blob.hex() for blob in blobs], "cloud_cfg": str(cloud_cfg or "")}
    (folder / "job").write_text(json.dumps(job))
    program = f"import sys; sys.path.insert(0, {str(packages)!r})\n{READER}"
    done = run([sys.executable, "-W", "ignore", "-c", program, folder / "job", folder / "cloud-init"])
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
