"""The parts of a user-data as cloud-init's own code finds them."""

import json
import sys
from pathlib import Path

from tests.helpers.programs import need, run

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
