"""Paths of keys and certificates that a policy can have, and the key file of a distribution."""

import re

from timepolicy.configs.file_findings import FileFinding, FilePlace, loss
from timepolicy.configs.statement import Statement
from timepolicy.distros.release import Release
from timepolicy.findings.finding import warning

KEY_FILE_ASSUMED = warning(
    "TP258",
    "sources have keys, but {reason}: the policy has {path}",
    "write the path of the key file on the nodes as `authentication.keys_file`",
)

KEY_FILES = {"/etc/chrony/chrony.conf": "/etc/chrony/chrony.keys", "/etc/chrony.conf": "/etc/chrony.keys"}
"""Where packages of chrony have the key file, by where they have the configuration."""

PLAIN_PATH = r"(/[A-Za-z0-9_][A-Za-z0-9._-]*)+"
"""A path of a policy (file_path of its schema)."""

LONGEST_PATH = 255


def policy_path(statement: Statement | None) -> str | None:
    """Return the file that a statement has as its only argument, if a policy can have it."""
    text = statement.texts[0] if statement and len(statement.texts) == 1 else ""
    return text if re.fullmatch(PLAIN_PATH, text) and len(text) <= LONGEST_PATH else None


def is_readable(path: str, release: Release | None) -> bool:
    """Return whether chronyd of the release can read a key file there; True for any release."""
    chrony = release.chrony if release else None
    return chrony is None or (path.startswith(chrony.readable) and path != chrony.config)


def default_key_file(release: Release | None, config: str | None = None) -> str:
    """Return the key file of the release's package, or else of the distributions with chrony's file `config`."""
    chrony = release.chrony if release else None
    return KEY_FILES[chrony.config if chrony else config or "/etc/chrony/chrony.conf"]


def assumed(place: FilePlace, path: str, reason: str) -> FileFinding:
    """Return the finding about a policy that has `path` and not what the files name."""
    return loss(place, KEY_FILE_ASSUMED, reason=reason, path=path)
