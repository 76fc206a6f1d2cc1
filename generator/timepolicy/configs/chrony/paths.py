"""Paths that one distribution's chrony uses and another's does not."""

from collections.abc import Iterator

from timepolicy.configs.chrony.configuration import ChronyConfiguration
from timepolicy.configs.file_findings import FileFinding, TextRange, report
from timepolicy.configs.key_files import KEY_FILES
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.findings.finding import error, warning

FOREIGN_PATH = warning(
    "TP234",
    "{path} is a path of {where}, and does not exist on {here}: chronyd can neither read nor write it",
    "write {right}",
)
FOREIGN_NAME = error(
    "TP235",
    "chronyd on {release} does not read {path}: the node uses the sources of the distribution",
    "install the file as {right}",
)


def check_paths(configuration: ChronyConfiguration) -> Iterator[FileFinding]:
    """Yield paths of other distributions, if the release or the file's own path says which one the files are for."""
    release = configuration.release
    if release:
        config = release.chrony.config if release.chrony else None
    else:
        config = config_path(configuration.sources[0].name)
    if config is None:
        return
    here = release.key if release else f"distributions with {config}"
    foreign = _foreign_paths(config)
    for statement in configuration.statements:
        for word in statement.arguments:
            if word.text in foreign:
                other, right = foreign[word.text]
                values = {"path": word.text, "where": f"distributions with {other}", "here": here, "right": right}
                yield report(word, FOREIGN_PATH, right, **values)


def check_names(configuration: ChronyConfiguration) -> Iterator[FileFinding]:
    """Yield files whose path is that of another distribution's chrony.conf, which chronyd of the release ignores."""
    release = configuration.release
    if release is None or release.chrony is None:
        return
    right = release.chrony.config
    for source in configuration.mains:
        path = config_path(source.name)
        if path and path != right:
            yield report(TextRange(source), FOREIGN_NAME, release=release.key, path=path, right=right)


def config_path(name: str) -> str | None:
    """Return the path of a distribution's chrony.conf with which a file's name ends."""
    return next((config for config in KEY_FILES if f"/{name}".endswith(config)), None)


def _foreign_paths(config: str) -> dict[str, tuple[str, str]]:
    """For each path that only distributions with another configuration file have: that file, and what is right here."""
    chronys = [row.chrony for row in AGENT_RELEASES.values() if row.chrony]
    own = next(chrony for chrony in chronys if chrony.config == config)
    foreign: dict[str, tuple[str, str]] = {}
    for other in chronys:
        if other.config != config:
            foreign[KEY_FILES[other.config]] = (other.config, KEY_FILES[config])
            if other.drift_file != own.drift_file:
                foreign[other.drift_file] = (other.config, own.drift_file)
    return foreign
