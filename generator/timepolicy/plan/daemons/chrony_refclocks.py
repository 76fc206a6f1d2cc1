"""Hardware clocks for chrony: found at each boot, since chronyd does not start with one that is not there."""

from typing import Any

from timepolicy.facts.refclocks import HardwareClock, clock_at
from timepolicy.plan.files import UNIT_FOLDER, File
from timepolicy.plan.snippets import render_snippet
from timepolicy.policy.model import Policy
from timepolicy.tokens import AbsolutePath, Token, UnitName, Verbatim

SCRIPT = AbsolutePath("/usr/local/sbin/timepolicy-refclocks")

UNIT = UnitName("timepolicy-refclocks.service")

FILE = "chrony.refclocks"
"""What chrony.conf includes from its own folder."""


def files(policy: Policy, folder: AbsolutePath) -> tuple[File, ...]:
    """Return the script that writes the clocks' lines into `folder`, and the unit that runs it before apply."""
    if not policy.clocks:
        return ()
    clocks = [_values(clock_at(clock.device)) for clock in policy.clocks]
    contents = {
        SCRIPT: render_snippet("shell/refclocks.sh.j2", clocks=clocks, file=AbsolutePath(f"{folder}/{FILE}")),
        AbsolutePath(f"{UNIT_FOLDER}/{UNIT}"): render_snippet(f"systemd/{UNIT}.j2", script=SCRIPT),
    }
    return tuple(
        File(path=path, content=content, mode=0o755 if path == SCRIPT else 0o644) for path, content in contents.items()
    )


def units(policy: Policy) -> tuple[UnitName, ...]:
    """Return the unit, where the policy has a clock."""
    return (UNIT,) if policy.clocks else ()


def _values(clock: HardwareClock) -> dict[str, Any]:
    return {
        "device": AbsolutePath(clock.device),
        "options": Verbatim(clock.options),
        "name": Verbatim(clock.name),
        "module": Token(clock.module) if clock.module else None,
    }
