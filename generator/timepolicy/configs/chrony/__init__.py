"""chrony: chrony.conf, what it includes, and .sources files. One module a subject; CHECKS lists what lint does."""

from collections.abc import Callable, Iterator

from timepolicy.configs.chrony.access import check_access
from timepolicy.configs.chrony.clock import check_flag, check_outdated, check_steps
from timepolicy.configs.chrony.command_port import check_command_port
from timepolicy.configs.chrony.configuration import ChronyConfiguration
from timepolicy.configs.chrony.conversion import convert
from timepolicy.configs.chrony.includes import read
from timepolicy.configs.chrony.overridden import check_overridden
from timepolicy.configs.chrony.paths import check_names, check_paths
from timepolicy.configs.chrony.selection import check_selection
from timepolicy.configs.chrony.sources import check_count, check_local, check_sources
from timepolicy.configs.file_findings import FileFinding

__all__ = ["check", "convert", "read"]

CHECKS: tuple[Callable[[ChronyConfiguration], Iterator[FileFinding]], ...] = (
    *(
        check_count,
        check_sources,
        check_selection,
        check_local,
        check_overridden,
        check_flag,
        check_steps,
        check_outdated,
    ),
    *(check_access, check_command_port, check_names, check_paths),
)


def check(configuration: ChronyConfiguration) -> Iterator[FileFinding]:
    """Yield what is wrong with a configuration, besides the lines that chronyd rejects or ignores."""
    for subject in CHECKS:
        yield from subject(configuration)
