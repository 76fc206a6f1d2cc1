"""A chrony configuration as chronyd reads it."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from timepolicy.configs.chrony.access_list import AccessList
from timepolicy.configs.file_findings import FileFinding
from timepolicy.configs.statement import Statement
from timepolicy.distros.release import Release
from timepolicy.source import Source


@dataclass(frozen=True, kw_only=True, slots=True)
class ChronyConfiguration:
    """The statements that chronyd applies, in their order.

    `mains` are the files that were given as chrony.conf, without drop-ins. `sources` are all files in the order in
    which chronyd opens them. `names` are the directives of all lines, also of those that chronyd rejects. `is_complete`
    if there is a chrony.conf and all included files could be read. `access` has the lines that say who is answered.
    `findings` say which lines and files chronyd rejects or ignores.
    """

    mains: tuple[Source, ...]
    sources: tuple[Source, ...]
    statements: tuple[Statement, ...]
    names: AbstractSet[str]
    is_complete: bool
    access: AccessList
    findings: tuple[FileFinding, ...]
    release: Release | None

    def lacks(self, name: str) -> bool:
        """Return whether no file has the directive, not even in a line with a mistake; False if a file is unread."""
        return self.is_complete and name not in self.names

    def all(self, *names: str) -> list[Statement]:
        """Return the statements of these names."""
        return [statement for statement in self.statements if statement.name in names]

    def last(self, name: str) -> Statement | None:
        """Return the statement that takes effect, of a directive whose last value overrides the others."""
        return next(iter(self.all(name)[::-1]), None)
