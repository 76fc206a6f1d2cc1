"""Which tests can see a change of which file; the quickest first, since the first failure decides."""

from fnmatch import fnmatch

UNIT = "tests/unit/agent"
AGENT = tuple(
    f"{UNIT}/test_{name}.py" for name in ("packets", "files", "commands", "serving", "authentication", "scenarios")
)
MEASURING = ("tests/native/agent/test_measure.py", "tests/native/agent/test_metrics.py")
UNITS = "tests/unit/plan/test_units.py"

GROUPS: dict[str, dict[str, tuple[str, ...]]] = {
    "agent": {
        "generator/timepolicy/agent/metrics.py": (MEASURING[1],),
        "generator/timepolicy/agent/verifier.py": (*AGENT, *MEASURING),
        "generator/timepolicy/agent/[!p_]*.py": AGENT,
    },
    "text": {
        "snippets/shell/firewall/*.j2": ("tests/native/test_firewall_packets.py",),
        "snippets/shell/seal.sh.j2": ("tests/native/test_seal.py",),
        "snippets/shell/doctor.sh.j2": ("tests/native/test_doctor.py",),
        "snippets/shell/install.sh.j2": ("tests/native/test_install_script.py",),
        "snippets/shell/dhcp-servers.sh.j2": ("tests/native/test_dhcp_servers.py",),
        "snippets/shell/refclocks.sh.j2": ("tests/native/agent/test_refclocks.py",),
        "snippets/shell/*.sh.j2": ("tests/native/test_user_data_script.py", "tests/native/test_several_releases.py"),
        "snippets/chrony/*.j2": (UNITS, "tests/native/test_rate_limit.py", "tests/native/test_chrony_options.py"),
        "snippets/systemd/*.j2": (UNITS, "tests/native/test_gated_units.py", "tests/native/test_node_trees.py"),
    },
    "rest": {
        "generator/timepolicy/plan/*.py": ("tests/unit/plan", "tests/unit/formats", "tests/unit/rules"),
        "generator/timepolicy/formats/*.py": ("tests/unit/formats", "tests/unit/cli/test_render_formats.py"),
        "generator/timepolicy/policy/*.py": ("tests/unit/policy", "tests/unit/plan", "tests/unit/rules"),
        "generator/timepolicy/rules/*.py": ("tests/unit/rules",),
        "generator/timepolicy/document/*.py": ("tests/unit/document", "tests/unit/rules"),
        "generator/timepolicy/configs/*.py": ("tests/unit/configs",),
        "generator/timepolicy/findings/*.py": ("tests/unit/findings", "tests/unit/cli/test_findings_options.py"),
        "generator/timepolicy/reports/*.py": ("tests/unit/reports",),
        "generator/timepolicy/distros/*.py": ("tests/unit/distros", "tests/unit/plan", "tests/unit/rules"),
    },
}
"""By group, {pattern of files: their judges}; the first pattern that fits counts."""

GOALS = {"agent": 95, "text": 90, "rest": 85}
"""Per cent of mutants that tests must notice, of issue 14; `text` is shell, units and chrony.conf."""


def judges(group: str, path: str) -> tuple[str, ...]:
    """The tests for a file; none if it is not of this group."""
    return next((tests for pattern, tests in GROUPS[group].items() if fnmatch(path, pattern)), ())
