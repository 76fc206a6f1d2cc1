"""The --distro of every command that is about one release."""

import click

from timepolicy.catalogue import releases
from timepolicy.catalogue.release import Release
from timepolicy.compiler import unknown_release
from timepolicy.text.source import START


def release_named(key: str) -> Release:
    """Return the release that --distro names; else the command line is wrong."""
    release = releases.find(key)
    if release is None:
        finding = unknown_release(key, START, "")
        hint = f"did you mean {finding.suggestion}?" if finding.suggestion else finding.hint
        raise click.UsageError(f"--distro: {finding.message}; {hint}")
    return release
