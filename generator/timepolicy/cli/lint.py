"""`timepolicy lint`."""

from timepolicy.cli.import_commands import lint

__all__ = ["lint"]
