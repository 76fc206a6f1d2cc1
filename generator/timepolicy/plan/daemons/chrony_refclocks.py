"""Hardware clocks for chrony: searched for at each boot, since chronyd does not start if one is missing."""

from timepolicy.facts.refclocks import clock_at
from timepolicy.plan.files import UNIT_FOLDER, File
from timepolicy.plan.snippets import render_snippet
from timepolicy.policy.model import Policy
from timepolicy.tokens import AbsolutePath, Token, UnitName, Verbatim

SCRIPT = AbsolutePath("/usr/local/sbin/timepolicy-refclocks")

UNIT = UnitName("timepolicy-refclocks.service")

FILE = "chrony.refclocks"
"""What chrony.conf includes from its own folder."""


def files(policy: Policy, folder: AbsolutePath, systemd: int) -> tuple[File, ...]:
    """Return the script that writes the clocks' directives into `folder`, and the unit that runs it before apply."""
    if not policy.clocks:
        return ()
    clocks = [
        {
            "device": AbsolutePath(clock.device),
            "options": Verbatim(clock.options),
            "name": Verbatim(clock.name),
            "module": Token(clock.module) if clock.module else None,
        }
        for clock in (clock_at(clock.device) for clock in policy.clocks)
    ]
    script = render_snippet("shell/refclocks.sh.j2", clocks=clocks, file=AbsolutePath(f"{folder}/{FILE}"))
    unit = render_snippet(f"systemd/{UNIT}.j2", script=SCRIPT, systemd=systemd)
    return (
        File(path=SCRIPT, content=script, mode=0o755),
        File(path=AbsolutePath(f"{UNIT_FOLDER}/{UNIT}"), content=unit),
    )


def units(policy: Policy) -> tuple[UnitName, ...]:
    """Return the unit if the policy has a clock."""
    return (UNIT,) if policy.clocks else ()
