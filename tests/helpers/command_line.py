"""The command line as a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

from tests.helpers.cases import ROOT

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
