"""The --distro of every command that is about one release."""

import click

from timepolicy.catalogue import targets
from timepolicy.catalogue.release import Release
from timepolicy.catalogue.targets import Target
from timepolicy.compiler import unknown_release
from timepolicy.text.source import START


def target_named(key: str) -> Target:
    """Return what --distro names; else the command line is wrong."""
    target = targets.find(key)
    if target is None:
        finding = unknown_release(key, START, "")
        hint = f"did you mean {finding.suggestion}?" if finding.suggestion else finding.hint
        raise click.UsageError(f"--distro: {finding.message}; {hint}")
    return target


def release_named(key: str) -> Release:
    """Return the release that --distro names, which has files of a time daemon; else the command line is wrong."""
    target = target_named(key)
    if not isinstance(target, Release):
        raise click.UsageError(f"--distro: {target.name} has no files that a time daemon reads")
    return target
