"""Where schemas/, snippets/ and rules/ are: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_ROOT = PACKAGE if (PACKAGE / "schemas").is_dir() else PACKAGE.parents[1]

SCHEMAS = _ROOT / "schemas"
SNIPPETS = _ROOT / "snippets"
RULE_PAGES = _ROOT / "rules"
AGENT = PACKAGE / "agent"
"""The agent's source, and beside it a packed program for each kind of node."""
