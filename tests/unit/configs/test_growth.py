"""How much work `lint` and `import` do for files of twice the length: counted in steps of Python, not in seconds."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from timepolicy.configs.node_files import NodeFiles
from timepolicy.configs.pipeline import import_files
from timepolicy.findings.forms.text import render_text
from timepolicy.source import Source

TEXTS: dict[str, tuple[str, Callable[[int], str]]] = {
    "unknown directives": ("chrony.conf", lambda n: "".join(f"nonsense{i} 1\n" for i in range(n))),
    "equal unknown directives": ("chrony.conf", lambda n: "servr a.example.org\n" * n),
    "unknown options": ("chrony.conf", lambda n: "".join(f"server a{i} nonsense{i}\n" for i in range(n))),
    "sources": ("chrony.conf", lambda n: "".join(f"server a{i}.example.org\n" for i in range(n))),
    "equal sources": ("chrony.conf", lambda n: "server a.example.org iburst\n" * n),
    "networks": ("chrony.conf", lambda n: "".join(f"allow {network(i)}\n" for i in range(n))),
    "networks with a hole": (
        "chrony.conf",
        lambda n: "".join(f"allow 10.0.0.0/8\ndeny {network(i)}\n" for i in range(n)),
    ),
    "networks that are all undone": (
        "chrony.conf",
        lambda n: "".join(f"allow {network(i)}\n" for i in range(n)) + "deny all\n",
    ),
    "networks that are undone one by one": (
        "chrony.conf",
        lambda n: (
            "".join(f"allow {network(i)}\n" for i in range(n)) + "".join(f"deny {network(i)}\n" for i in range(n))
        ),
    ),
    "a line of words": ("chrony.conf", lambda n: f"server {'a ' * n}\n"),
    "source lines": ("a.sources", lambda n: "".join(f"server a{i} nonsense\n" for i in range(n))),
    "assignments": ("timesyncd.conf", lambda n: "[Time]\n" + "".join(f"NTP=a{i}:123\n" for i in range(n))),
    "one assignment": ("timesyncd.conf", lambda n: "[Time]\nNTP=" + " ".join(f"a{i}" for i in range(n)) + "\n"),
    "joined lines": ("timesyncd.conf", lambda n: "[Time]\nNTP=" + "".join(f"a{i} \\\n" for i in range(n))),
    "a time span": ("timesyncd.conf", lambda n: f"[Time]\nNTP=a\nPollIntervalMinSec={'1' * n}!\n"),
    "servers of ntpd": ("ntp.conf", lambda n: "".join(f"server a{i} nonsense\n" for i in range(n))),
    "restrictions": ("ntp.conf", lambda n: "".join(f"restrict {network(i)}\n" for i in range(n))),
    "options of one server of ntpd": ("ntp.conf", lambda n: f"server a {'nonsense ' * n}\n"),
}
"""For each kind of input the file's name, and its text with a size."""


def network(number: int) -> str:
    """Networks of which none is beside another, so that they do not join."""
    return f"10.{number >> 7}.{(number & 127) * 2}.0/24"


def steps(name: str, text: str) -> int:
    """Count the instructions of Python that an import takes, up to the text of its findings."""
    count = 0

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        for report in import_files([Source(name=name, text=text)], NodeFiles(None), None).reports:
            render_text(report.findings, report.source)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize(("name", "text"), TEXTS.values(), ids=TEXTS)
def test_twice_the_length_is_twice_the_work(name: str, text: Callable[[int], str]) -> None:
    steps(name, text(10))  # what is prepared once
    once, twice = steps(name, text(100)), steps(name, text(200))
    assert twice < 2.1 * once
