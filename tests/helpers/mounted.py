"""Commands that see a folder at another path, without a change of the machine."""

from pathlib import Path

from tests.helpers.programs import need, need_root

SCRIPT = """
mkdir "$1/machine" "$1/other"
mount --bind "$3" "$1/machine"
for file in "$3"/*; do [ "$file" = "$3/$4" ] || ln -s "$1/machine/${file##*/}" "$1/other/"; done
mkdir "$1/other/$4"
mount --bind "$2" "$1/other/$4"
mount --rbind "$1/other" "$3"
shift 4
exec "$@"
"""


def mounted(folder: Path, at: Path, scratch: Path) -> list[str]:
    """Return what starts a command that sees `folder` at `at`, which the machine need not have; needs root.

    `scratch` is an empty folder.
    """
    need_root()
    arguments = (str(scratch), str(folder), str(at.parent), at.name)
    return [need("unshare"), "--mount", "sh", "-euc", SCRIPT, "sh", *arguments]
