"""What the compiler and the agent must agree on."""

CONTRACT = "/etc/timepolicy/node.json"
SEAL_COMMAND = "/usr/local/sbin/timepolicy-seal"
FIREWALL_COMMAND = "/usr/local/sbin/timepolicy-firewall"
UNIT_FOLDER = "/etc/systemd/system"
APPLY_UNIT = "timepolicy-apply.service"
GATE_UNIT = "timepolicy-gate.service"
VERIFY_INTERVAL = 50
"""Seconds between two verifications while all checks pass."""
