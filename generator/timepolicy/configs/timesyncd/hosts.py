"""Which words of `NTP=` are hosts, and what is meant by the others."""

from collections.abc import Iterator
from itertools import takewhile

from timepolicy.configs.settings import (
    is_host,
)
from timepolicy.configs.statement import Word
from timepolicy.configs.timesyncd.configuration import Assignment


def hosts(assignment: Assignment) -> Iterator[Word]:
    """Return the words of a value up to what is meant as a comment."""
    return takewhile(lambda word: not word.text.startswith(("#", ";")), assignment.values)


def host_before_port(text: str) -> str | None:
    """Return the host of `host:port`; None for anything else, and for hosts of a policy, such as IPv6 addresses."""
    host, colon, port = text.rpartition(":")
    return host.strip("[]") if colon and port.isdigit() and not is_host(text) else None


def misread(text: str) -> tuple[str, str] | None:
    """Return why a word is no host, and what is meant; None for a host, and for what has no likely meaning."""
    plain = text.strip("\"'")
    if plain != text:
        return "quotes are part of the name", plain
    if "," in text:
        return "servers are separated by spaces", " ".join(filter(None, text.split(",")))
    scheme, sign, host = text.partition("://")
    return (f"`{scheme}://` is part of the name", host.rstrip("/")) if sign else None
