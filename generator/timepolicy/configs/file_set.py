"""Which daemon a set of files belongs to, and whether the release has it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from timepolicy.configs.file_findings import FileFinding, TextRange, loss, report
from timepolicy.distros.release import DaemonName, Release
from timepolicy.findings.finding import error
from timepolicy.source import LARGEST_TEXT, Source

UNKNOWN_KIND = error(
    "TP200",
    "neither the name nor the text of this file belongs to chrony, systemd-timesyncd or ntpd: nothing in it is checked",
    "name it as its daemon does: chrony.conf, timesyncd.conf or ntp.conf; `timepolicy validate` is for policies",
)
NOT_READ_HERE = error(
    "TP262",
    "this file is for {daemon}, which timepolicy does not read: nothing in it is checked",
    "write a policy with the servers that the file names; `timepolicy init` prints one to start with",
)
TWO_DAEMONS = error(
    "TP236",
    "this file is for {other}, but {place} is for {daemon}: a node runs one time daemon, so this file is ignored",
    "keep the files of one daemon, and remove the others",
)
NO_SUCH_DAEMON = error(
    "TP237",
    "{release} does not have {daemon}: nothing on the node reads this file",
    "remove the file, or name the release that it is for with --distro",
)
FILE_TOO_LARGE = error(
    "TP257",
    "the file is larger than {limit}, and only its beginning is read: mistakes in the rest are not reported",
    "check that this is the right file; the configuration of a time daemon has a few kilobytes",
)

NTPD = "ntpd"
"""The daemon of ntp.conf, which timepolicy reads and never configures."""


class FileKind(StrEnum):
    """What a file is."""

    CHRONY = "chrony"
    CHRONY_SOURCES = "chrony's sources"
    TIMESYNCD = "systemd-timesyncd"
    NTPD = "ntpd"
    OPENNTPD = "OpenNTPD"
    NTPD_RS = "ntpd-rs"


NOT_READ = (FileKind.OPENNTPD, FileKind.NTPD_RS)
"""Kinds of files that are recognised, so that they are not taken for another daemon's."""


DAEMONS: dict[FileKind, str] = {
    FileKind.CHRONY: DaemonName.CHRONY,
    FileKind.CHRONY_SOURCES: DaemonName.CHRONY,
    FileKind.TIMESYNCD: DaemonName.TIMESYNCD,
    FileKind.NTPD: NTPD,
}

NAMES: dict[str, FileKind] = {
    "*.sources": FileKind.CHRONY_SOURCES,
    "*/timesyncd.conf": FileKind.TIMESYNCD,
    "*/timesyncd.conf.d/*": FileKind.TIMESYNCD,
    "*/ntp.d/*": FileKind.NTPD,
    "*/conf.d/*": FileKind.CHRONY,
    "*/chrony.d/*": FileKind.CHRONY,
    "*/openntpd/*": FileKind.OPENNTPD,
    "*/ntpd.conf": FileKind.OPENNTPD,
    "*/ntp.toml": FileKind.NTPD_RS,
    "*/ntp.conf": FileKind.NTPD,
    "*chrony*": FileKind.CHRONY,
}
"""Patterns over paths that begin with /; the first that matches decides."""

LINES: dict[str, FileKind] = {
    r"\[Time\]": FileKind.TIMESYNCD,
    r"(servers|sensor|listen on|constraints? from|query from)\b": FileKind.OPENNTPD,
    r"\[\[?(source|server|synchronization|observability)\]\]?": FileKind.NTPD_RS,
    r"(restrict|tinker|disable|enable|statsdir|statistics|includefile|fudge)\b": FileKind.NTPD,
    r"(server|pool|peer|driftfile|allow|makestep|rtcsync|confdir|local)\b": FileKind.CHRONY,
}
"""How a line begins, for files whose name does not decide. The first pattern that matches in the text decides."""


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A file and what it is."""

    source: Source
    kind: FileKind


@dataclass(frozen=True, slots=True)
class FileSet:
    """The files of one daemon, None if no file is one; `findings` are about all files."""

    daemon: str | None
    files: tuple[ConfigFile, ...]
    findings: tuple[FileFinding, ...]


def is_drop_in(name: str) -> bool:
    """Return whether a file is one of several in a directory that a main file includes, such as conf.d."""
    return PurePosixPath(name.replace("\\", "/")).parent.name.endswith(".d")


def kind_of(source: Source) -> FileKind | None:
    """Return what a file is, by its name or else by its text."""
    path = "/" + source.name.replace("\\", "/").lower()
    by_name = next((kind for pattern, kind in NAMES.items() if fnmatchcase(path, pattern)), None)
    if by_name is not None:
        return by_name
    flags = re.MULTILINE | re.IGNORECASE
    return next((kind for line, kind in LINES.items() if re.search(rf"^[ \t]*{line}", source.text, flags)), None)


def file_set(sources: Sequence[Source], release: Release | None) -> FileSet:
    """Return those of `sources` that belong to the daemon of the first file that has one."""
    findings: list[FileFinding] = []
    files: list[ConfigFile] = []
    for source in sources:
        kind = kind_of(source)
        if len(source.text.encode("utf-8", "surrogatepass")) > LARGEST_TEXT:
            findings.append(loss(TextRange(source), FILE_TOO_LARGE, limit="1 MiB"))
        if kind is None:
            findings.append(report(TextRange(source), UNKNOWN_KIND))
        elif kind in NOT_READ:
            findings.append(loss(TextRange(source), NOT_READ_HERE, daemon=kind))
        elif not files or DAEMONS[kind] == DAEMONS[files[0].kind]:
            files.append(ConfigFile(source, kind))
        else:
            main, daemon = files[0].source.name, DAEMONS[files[0].kind]
            findings.append(loss(TextRange(source), TWO_DAEMONS, other=DAEMONS[kind], place=main, daemon=daemon))
    if not files:
        return FileSet(None, (), tuple(findings))
    daemon = DAEMONS[files[0].kind]
    lacks_chrony = daemon == DaemonName.CHRONY and release is not None and release.chrony is None
    lacks_timesyncd = daemon == DaemonName.TIMESYNCD and release is not None and release.timesyncd is None
    if release and (lacks_chrony or lacks_timesyncd):
        findings.append(report(TextRange(files[0].source), NO_SUCH_DAEMON, release=release.key, daemon=daemon))
    return FileSet(daemon, tuple(files), tuple(findings))
