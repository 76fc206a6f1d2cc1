"""The report in Prometheus's text format, for node_exporter's textfile collector; docs/verification.md explains it."""

from typing import Any

STATES = ("answers", "unsynchronised", "refused", "no answer", "does not resolve")
"""As in the texts of problems. A text may have several, as "no answer (Connection refused)": the last one counts."""


def labels(**values: str) -> str:
    escaped = {key: value.replace("\\", "\\\\").replace('"', '\\"') for key, value in values.items()}
    return "{%s}" % ",".join('%s="%s"' % row for row in escaped.items())


def state_of(problem: str | None) -> str:
    """In which of STATES a source is, by the problem of its answer."""
    return next((state for state in reversed(STATES) if state in (problem or "answers")), "answers")


def metrics(report: dict[str, Any], gate: dict[str, Any], daemon: str, running: int) -> str:
    """`gate` are the facts of GateState, `running` is how many time daemons run."""
    identity = {key: report[key] for key in ("policy", "digest", "release", "role")}
    states = [state_of(row["problem"]) for row in report["sources"]]
    offsets = {labels(source=row["source"], address=row["address"]): row["offset"] for row in report["sources"]}
    families = [
        ("info", "The node.", {labels(daemon=daemon, **identity): 1}),
        ("pass", "All checks pass.", {"": int(report["verdict"] == "pass")}),
        (
            "check_pass",
            "The check passes.",
            {labels(check=row["id"]): int(row["verdict"] == "pass") for row in report["checks"]},
        ),
        ("verification_time_seconds", "When, in Unix time.", {"": report["time"]}),
        (
            "offset_seconds",
            "The clock minus the sources.",
            {"": -gate["offset"]} if "offset" in gate else {},
        ),
        ("offset_error_seconds", "Its error at most.", {"": gate["error"]} if "error" in gate else {}),
        ("source_offset_seconds", "The clock minus a source.", {k: v for k, v in offsets.items() if v is not None}),
        ("sources", "Answers by state.", {labels(state=name): states.count(name) for name in STATES}),
        ("daemons_running", "Running daemons.", {"": running}),
        ("gate_open", "Units may start.", {labels(by=gate.get("opened") or ""): int("opened" in gate)}),
        ("gate_wait_seconds", "Seconds until it opened.", {"": gate.get("waited", 0)}),
        ("clock_step_seconds", "Steps of this boot.", {"": gate.get("stepped", 0)}),
        ("holdover_bound_seconds", "The clock's error at most.", {"": gate.get("holdover", 0)}),
    ]
    lines = []
    for name, text, rows in families:
        lines += ["# HELP timepolicy_%s %s" % (name, text), "# TYPE timepolicy_%s gauge" % name] if rows else []
        lines += ["timepolicy_%s%s %s" % (name, label, value) for label, value in rows.items()]
    return "\n".join(lines) + "\n"
