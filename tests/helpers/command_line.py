"""The command line in tests. In this process it takes a tenth of the time of a process of its own."""

import os
import subprocess
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from tests.helpers.cases import ROOT
from timepolicy.cli.main import main

MINIMAL = "timezone: UTC\nupstreams: [ntp1.example.org, ntp2.example.org, ntp3.example.org]\n"

Done = subprocess.CompletedProcess[bytes]


def timepolicy(*arguments: str, text: str | bytes = b"", folder: Path = ROOT, **environment: str) -> Done:
    """Run the program in `folder`, with `text` on standard input; unhandled exceptions fail the test."""
    output, errors = BytesIO(), BytesIO()
    streams = {"stdout": TextIOWrapper(output, "utf-8"), "stderr": TextIOWrapper(errors, "utf-8", "backslashreplace")}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["timepolicy", *arguments])
        patch.setattr(sys, "stdin", TextIOWrapper(BytesIO(_bytes(text)), "utf-8"))
        for name, stream in streams.items():
            patch.setattr(sys, name, stream)
        for name, value in environment.items():
            patch.setenv(name, value)
        status = _status_of_main()
    for stream in streams.values():
        stream.flush()
    return subprocess.CompletedProcess(["timepolicy", *arguments], status, output.getvalue(), errors.getvalue())


def _status_of_main() -> int:
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)


def timepolicy_process(*arguments: str, text: str | bytes = b"", **environment: str) -> Done:
    """Run the program as a user starts it: for what depends on the interpreter, such as a locale."""
    command = [sys.executable, "-m", "timepolicy", *arguments]
    return subprocess.run(
        command, input=_bytes(text), capture_output=True, check=False, env=os.environ | environment, cwd=ROOT
    )


def policy_file(folder: Path, text: str | bytes) -> str:
    path = folder / "policy.yaml"
    path.write_bytes(_bytes(text))
    return str(path)


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text
