"""`timepolicy import`."""

from timepolicy.cli.import_commands import import_

__all__ = ["import_"]
