"""Keeping pods off a node until its clock is proven: a condition of the node, and the taint that waits for it."""

from typing import Any

CONDITION = "ClockUnproven"
TAINT = "readiness.k8s.io/clock-unproven"
SCRIPT = "timepolicy-clock.sh"
MONITOR = "timepolicy-clock.json"


def custom_plugin_monitor() -> dict[str, Any]:
    """Return node-problem-detector's configuration of the script: exit status 0 right, 1 a problem, 2 unknown.

    Through `sh`, since files of a ConfigMap are not executable. The first 80 bytes of output become the message.
    """
    return {
        "plugin": "custom",
        "pluginConfig": {"invoke_interval": "10s", "timeout": "5s", "max_output_length": 80, "concurrency": 1},
        "source": "timepolicy-clock",
        "conditions": [{"type": CONDITION, "reason": "ClockIsProven", "message": "the clock is proven"}],
        "rules": [
            {
                "type": "permanent",
                "condition": CONDITION,
                "reason": "ClockIsNotProven",
                "path": "/bin/sh",
                "args": [f"/config/{SCRIPT}"],
                "timeout": "5s",
            }
        ],
    }


def node_readiness_rule() -> dict[str, Any]:
    """Return the rule of node-readiness-controller: new nodes have the taint until the condition is False."""
    return {
        "apiVersion": "readiness.node.x-k8s.io/v1alpha1",
        "kind": "NodeReadinessRule",
        "metadata": {"name": "timepolicy-clock"},
        "spec": {
            "conditions": [{"type": CONDITION, "requiredStatus": "False"}],
            "taint": {"key": TAINT, "effect": "NoSchedule"},
            "enforcementMode": "bootstrap-only",
            "nodeSelector": {"matchLabels": {"kubernetes.io/os": "linux"}},
        },
    }
