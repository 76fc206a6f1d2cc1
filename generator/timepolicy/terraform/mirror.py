"""Where Terraform finds the provider without a registry: a filesystem mirror, in its unpacked layout.

developer.hashicorp.com/terraform/cli/config/config-file, Provider Installation.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

ADDRESS = "terraform.local/timepolicy/timepolicy"
"""The provider's source address. Its host is no registry, so that no other program can replace it."""

PROGRAM = "terraform-provider-timepolicy"

PLATFORMS = ("darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64")

SCRIPT = """\
#!/bin/sh
# The provider is a program in Python. What it says on standard output before it serves, Terraform shows.
command -v {program} >/dev/null || {{
  echo "{program} is not in PATH: pip install 'timepolicy[terraform]', or use the zip of a release instead of this file"
  exit 127
}}
exec {program} {version}
"""


def mirror_files(version: str) -> Iterator[tuple[PurePosixPath, bytes]]:
    """Yield the programs of a mirror of this version, by their paths in it.

    Each is the same script on every machine, so that a dependency lock file has one hash for a whole team. It finds the
    provider by PATH, and passes the version that the provider must have.
    """
    content = SCRIPT.format(program=PROGRAM, version=version).encode()
    for platform in PLATFORMS:
        yield PurePosixPath(ADDRESS, version, platform, f"{PROGRAM}_v{version}"), content
