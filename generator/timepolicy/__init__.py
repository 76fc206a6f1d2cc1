"""timepolicy: one policy in, everything that a node needs to boot with the right time out."""

__version__ = "0.1.0"
