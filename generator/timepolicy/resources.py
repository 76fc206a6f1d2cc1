"""Where schemas/, snippets/ and rules/ are: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_ROOT = _PACKAGE if (_PACKAGE / "schemas").is_dir() else _PACKAGE.parents[1]

SCHEMAS = _ROOT / "schemas"
SNIPPETS = _ROOT / "snippets"
RULE_PAGES = _ROOT / "rules"
AGENT = _PACKAGE / "agent" / "timepolicy_node.py"
SERVER_AGENT = AGENT.with_name("timepolicy_server.py")
AUTHENTIC_AGENT = AGENT.with_name("timepolicy_authentic.py")
PACKED_AGENT, PACKED_SERVER_AGENT = AGENT.with_suffix(".py.gz"), SERVER_AGENT.with_suffix(".py.gz")
PACKED_AUTHENTIC_AGENT = AUTHENTIC_AGENT.with_suffix(".py.gz")
PACKED_AUTHENTIC_SERVER_AGENT = AGENT.with_name("timepolicy_authentic_server.py.gz")
"""All in gzip, packed once: what a machine's own zlib makes of it differs from version to version."""
