"""systemd-timesyncd: timesyncd.conf(5) and its drop-ins."""

from timepolicy.configs.timesyncd.configuration import read
from timepolicy.configs.timesyncd.conversion import convert
from timepolicy.configs.timesyncd.mistakes import check

__all__ = ["check", "convert", "read"]
