"""What is too much is refused in 3 s and 200 MB, whatever it is: measured on the program as it is started.

The seconds are the processor's, so that a busy machine is no finding; it takes about one, and 1.3 on a slow machine.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helpers.cases import ROOT

SECONDS, MEGABYTES = 3.0, 200
MIB = 1 << 20
HEAD = "timezone: UTC\nupstreams: [ntp.example.org]\n"

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(ord(above) + 1)}: &{chr(ord(above) + 1)} [{', '.join(['*' + above] * 9)}]\n" for above in "abcdefghij"
)
"""The billion laughs: each alias stands for nine of the one above."""

BAD: dict[str, Callable[[], str]] = {
    "50 MB of policy": lambda: HEAD + "# comment\n" * 5_000_000,
    "50 MB on one line": lambda: "timezone: " + "U" * 50_000_000,
    "50 MB of NUL": lambda: "\0" * 50_000_000,
    "a million brackets": lambda: "[" * (MIB - 1),
    "a million braces": lambda: "{" * (MIB - 1),
    "a million keys in keys": lambda: "? " * (MIB // 2),
    "a million entries in entries": lambda: "- " * (MIB // 2 - 1) + "x",
    "deep nesting by indentation": lambda: "".join(" " * depth + f"k{depth}:\n" for depth in range(1400)),
    "deep nesting behind a policy": lambda: HEAD + "gate: " + "[" * 10_000 + "]" * 10_000,
    "a billion laughs": lambda: LAUGHS,
    "a list of aliases": lambda: "a: &a UTC\ntimezone: [" + "*a, " * 250_000 + "]",
    "a merge key of itself": lambda: "a: &a\n  <<: *a\ntimezone: UTC\n",
    "a million anchors": lambda: "".join(f"&a{number} x: 1\n" for number in range(70_000)),
    "a hundred thousand keys": lambda: "".join(f"key{number}: 1\n" for number in range(70_000)),
    "one key a hundred thousand times": lambda: "timezone: UTC\n" * 70_000,
    "a hundred thousand documents": lambda: "---\n" * 260_000,
    "a hundred thousand sources": lambda: "timezone: UTC\nupstreams:\n" + "  - a.example.org\n" * 55_000,
    "as many sources as are read": lambda: (
        "timezone: UTC\nupstreams:\n" + "".join(f"  - a{n}\n" for n in range(49_000))
    ),
    "as many overrides as are read": lambda: HEAD + "overrides:\n" + "  - {match: {}, set: {}}\n" * 9_000,
    "as many keys as are read": lambda: "".join(f"key{n}: 1\n" for n in range(24_000)),
    "a key of a million letters": lambda: "k" * (MIB - 20) + ": 1\n",
    "a host of a million letters": lambda: 'timezone: UTC\nupstreams: ["' + "a." * (MIB // 2 - 40) + '"]\n',
    "a number of a million digits": lambda: "timezone: UTC\nupstreams: [{server: a, port: " + "9" * (MIB - 60) + "}]\n",
    "a version of a million digits": lambda: "version: " + "1" * (MIB - 60) + "\n",
    "a million percent signs": lambda: "%" * (MIB - 1),
    "a tag of a million letters": lambda: "timezone: !" + "a" * (MIB - 40) + " UTC\n",
    "a quoted escape a hundred thousand times": lambda: 'timezone: "' + "\\u0041" * 170_000 + '"\n',
    "a million carriage returns": lambda: "\r" * (MIB - 1),
    "a million tabs": lambda: HEAD + "\t" * (MIB - 100),
    "a million quotes": lambda: HEAD + "'" * (MIB - 101),
}


MEASURE = """
import json, resource, subprocess, sys
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([status, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""
"""A process of its own, because a program's peak includes that of the process that it was forked from."""


@dataclass(frozen=True)
class Done:
    """How a run ended, what it wrote to standard error, and what it took."""

    status: int
    errors: str
    seconds: float
    megabytes: float


def validate(path: str) -> Done:
    command = [sys.executable, "-ISc", MEASURE, sys.executable, "-m", "timepolicy", "validate", path]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT)
    status, seconds, megabytes = json.loads(done.stdout)
    return Done(status, done.stderr.decode(), seconds, megabytes)


def assert_within_limits(done: Done) -> None:
    assert "Traceback" not in done.errors
    assert len(done.errors) < MIB
    assert done.seconds < SECONDS, f"{done.seconds:.2f} s"
    assert 10 < done.megabytes < MEGABYTES, f"{done.megabytes:.0f} MB"


def assert_refused(done: Done) -> None:
    assert done.status == 1, done.errors[-2000:]
    assert re.match(r"error\[TP\d\d\d\]: ", done.errors)
    assert_within_limits(done)


@pytest.mark.parametrize("make", BAD.values(), ids=BAD)
def test_too_much_is_refused_soon(tmp_path: Path, make: Callable[[], str]) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(make())
    assert_refused(validate(str(path)))


def test_an_endless_file_is_refused_soon() -> None:
    assert_refused(validate("/dev/zero"))


def test_a_pattern_that_would_backtrack_is_matched_soon(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(HEAD + 'overrides: [{match: {distro: "' + "*a" * 30 + '"}, set: {timezone: UTC}}]\n')
    done = validate(str(path))
    assert (done.status, "TP043" in done.errors) == (0, True)
    assert_within_limits(done)
