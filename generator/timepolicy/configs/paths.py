"""Paths that one distribution's chrony reads and another's does not."""

from collections.abc import Iterator

from timepolicy.configs.chrony_rules import ChronyConfiguration
from timepolicy.configs.report import Report
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.distros.release import Release
from timepolicy.findings.register.imports import FOREIGN_NAME, FOREIGN_PATH
from timepolicy.source import Source

KEY_FILES = {"/etc/chrony/chrony.conf": "/etc/chrony/chrony.keys", "/etc/chrony.conf": "/etc/chrony.keys"}
"""Where the key file is, by where the configuration is."""


def judge_paths(configuration: ChronyConfiguration, report: Report) -> None:
    """Report paths of other distributions, where it is known for which one the files are."""
    config = _config_of(configuration)
    if config is None:
        return
    here = configuration.release.key if configuration.release else f"distributions with {config}"
    foreign = dict(_foreign_paths(config))
    for statement in configuration.statements:
        for word in statement.arguments:
            if word.text in foreign:
                other, right = foreign[word.text]
                values = {"path": word.text, "where": f"distributions with {other}", "here": here, "right": right}
                report.word(statement, word, FOREIGN_PATH, right, **values)


def judge_name(source: Source, release: Release | None, report: Report) -> None:
    """Report a file whose name is one that chronyd of `release` does not read."""
    if release is None or release.chrony is None:
        return
    named = _config_named(source.name)
    if named and named != release.chrony.config:
        report.whole(source, FOREIGN_NAME, release=release.key, path=named, right=release.chrony.config)


def _config_of(configuration: ChronyConfiguration) -> str | None:
    """The configuration file of the distribution: by the release, or else by the file's own path."""
    release = configuration.release
    if release is not None:
        return release.chrony.config if release.chrony else None
    return _config_named(configuration.main.name)


def _config_named(name: str) -> str | None:
    return next((config for config in KEY_FILES if f"/{name}".endswith(config)), None)


def _foreign_paths(config: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """For each path that only distributions with another configuration file have: that file, and what is right here."""
    own = next(row.chrony for row in AGENT_RELEASES.values() if row.chrony and row.chrony.config == config)
    for row in AGENT_RELEASES.values():
        if row.chrony and row.chrony.config != config:
            other = row.chrony.config
            yield KEY_FILES[other], (other, KEY_FILES[config])
            if row.chrony.drift_file != own.drift_file:
                yield row.chrony.drift_file, (other, own.drift_file)
