"""ntpd, of ntp.org and of NTPsec: ntp.conf. What chrony can do too is converted, the rest is reported."""

from timepolicy.configs.ntpd.configuration import read
from timepolicy.configs.ntpd.conversion import convert
from timepolicy.configs.ntpd.mistakes import check

__all__ = ["check", "convert", "read"]
