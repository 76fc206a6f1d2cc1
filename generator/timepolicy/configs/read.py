"""Files in, settings and findings out: the importer as a whole."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from timepolicy.configs.chrony_access import read_access
from timepolicy.configs.chrony_files import ChronyReader
from timepolicy.configs.chrony_rules import ChronyConfiguration, judge
from timepolicy.configs.chrony_settings import settings_of
from timepolicy.configs.files import LARGEST_TEXT, Kind, Tree, kind_of
from timepolicy.configs.ntpd import read_ntpd
from timepolicy.configs.paths import judge_name, judge_paths
from timepolicy.configs.report import Report
from timepolicy.configs.settings import Settings
from timepolicy.configs.timesyncd import in_order, read_timesyncd
from timepolicy.distros.release import DaemonName, Release
from timepolicy.findings.register.imports import FILE_TOO_LARGE, NO_SUCH_DAEMON, TWO_DAEMONS, UNKNOWN_KIND
from timepolicy.source import Source

DAEMONS: dict[Kind, str] = {
    Kind.CHRONY: DaemonName.CHRONY,
    Kind.CHRONY_SOURCES: DaemonName.CHRONY,
    Kind.TIMESYNCD: DaemonName.TIMESYNCD,
    Kind.NTPD: "ntpd",
}

DROP_IN_DIRECTORIES = ("etc", "run", "usr/local/lib", "usr/lib")
"""Where systemd looks for drop-ins, the first that has a name wins (systemd-system.conf.d(5))."""


def read_files(sources: list[Source], tree: Tree, release: Release | None, report: Report) -> Settings | None:
    """Return the settings of the daemon whose file comes first; None where no file is a daemon's."""
    kinds = [(source, kind) for source in sources if (kind := _kind(source, report))]
    if not kinds:
        return None
    first, daemon = kinds[0][0], DAEMONS[kinds[0][1]]
    own = list(_of_one_daemon(kinds, first, daemon, report))
    _judge_availability(first, daemon, release, report)
    match daemon:
        case DaemonName.CHRONY:
            return _chrony(own, tree, release, report)
        case DaemonName.TIMESYNCD:
            return read_timesyncd(_with_drop_ins([source for source, _ in own], tree), report)
    return read_ntpd([source for source, _ in own], release, report)


def _kind(source: Source, report: Report) -> Kind | None:
    report.opened(source)
    if len(source.text) > LARGEST_TEXT:
        report.whole(source, FILE_TOO_LARGE, limit="1 MiB")
    kind = kind_of(source)
    if kind is None:
        report.whole(source, UNKNOWN_KIND)
    return kind


def _of_one_daemon(
    kinds: list[tuple[Source, Kind]], first: Source, daemon: str, report: Report
) -> Iterator[tuple[Source, Kind]]:
    for source, kind in kinds:
        if DAEMONS[kind] == daemon:
            yield source, kind
        else:
            report.whole(source, TWO_DAEMONS, other=DAEMONS[kind], place=first.name, daemon=daemon)


def _judge_availability(first: Source, daemon: str, release: Release | None, report: Report) -> None:
    lacks_chrony = release is not None and release.chrony is None and daemon == DaemonName.CHRONY
    if release and (lacks_chrony or (release.timesyncd is None and daemon == DaemonName.TIMESYNCD)):
        report.whole(first, NO_SUCH_DAEMON, release=release.key, daemon=daemon)


def _chrony(files: Iterable[tuple[Source, Kind]], tree: Tree, release: Release | None, report: Report) -> Settings:
    reader, statements, mains = ChronyReader(tree, release, report), [], []
    for source, kind in files:
        if kind is Kind.CHRONY:
            mains.append(source)
            judge_name(source, release, report)
        read = reader.configuration if kind is Kind.CHRONY else reader.sources
        statements += list(read(source))
    configuration = ChronyConfiguration(
        main=mains[0] if mains else next(iter(report))[0],
        statements=statements,
        names=reader.names,
        is_complete=reader.is_complete and bool(mains),
        release=release,
    )
    judge(configuration, report)
    judge_paths(configuration, report)
    settings = settings_of(configuration, report)
    settings.networks = read_access(statements, report)
    return settings


def _with_drop_ins(sources: list[Source], tree: Tree) -> list[Source]:
    """The files, and below a root the drop-ins that systemd reads beside them."""
    known = {Path(source.name) for source in sources}
    chosen: dict[str, Path] = {}
    for directory in DROP_IN_DIRECTORIES if tree.root else ():
        for path in tree.matching(f"/{directory}/systemd/timesyncd.conf.d/*.conf"):
            chosen.setdefault(path.name, path)
    return in_order([*sources, *(tree.read(path) for path in chosen.values() if path not in known)])
