"""The collector: the script that reads on a node what decides its time."""

from timepolicy.resources import SNIPPETS


def collector() -> bytes:
    """Return the script. `timepolicy-node doctor` has it in the program (agent/doctor_packer.py)."""
    return (SNIPPETS / "shell" / "doctor.sh.j2").read_bytes()
