"""The command line: as a process of its own, or for many calls in this process."""

import os
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from tests.helpers.cases import ROOT
from timepolicy.cli.main import cli

MINIMAL = "timezone: UTC\nupstreams: [ntp1.example.org, ntp2.example.org, ntp3.example.org]\n"


def timepolicy(*words: str, text: str | bytes | None = None, **environment: str) -> subprocess.CompletedProcess[bytes]:
    data = text.encode() if isinstance(text, str) else text
    command = [sys.executable, "-m", "timepolicy", *words]
    return subprocess.run(
        command, input=data or b"", capture_output=True, check=False, env=os.environ | environment, cwd=ROOT
    )


def policy_file(folder: Path, text: str | bytes) -> str:
    path = folder / "policy.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


def invoke(*words: str, text: bytes = b"") -> Result:
    """Run a command in this process, in the current directory; an exception that it does not handle is raised."""
    done = CliRunner().invoke(cli, words, input=text)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done
