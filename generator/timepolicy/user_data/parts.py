"""Which parts does a user-data have? As cloud-init decides it (cloudinit/user_data.py and handlers/__init__.py)."""

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from typing import Self

from timepolicy.configs.file_findings import FileFinding, TextRange, report
from timepolicy.findings.finding import error
from timepolicy.source import LARGEST_TEXT, Source

FIRST_LINES = {
    "#include-once": "text/x-include-once-url",
    "#include": "text/x-include-url",
    "#!": "text/x-shellscript",
    "#cloud-config-archive": "text/cloud-config-archive",
    "#cloud-config-jsonp": "text/cloud-config-jsonp",
    "#cloud-config": "text/cloud-config",
    "#part-handler": "text/part-handler",
    "#cloud-boothook": "text/cloud-boothook",
    "## template: jinja": "text/jinja2",
}
"""What a part begins with, and its type; of two that fit, the first one holds."""

NODEADM = "application/node.eks.aws"
"""The configuration of a node of EKS. nodeadm reads it from the same user-data, and cloud-init skips it."""

NODEADM_BEGINNING = re.compile(rb"\s*(---\s*)?apiVersion:\s*node\.eks\.aws/")

HAVE_NO_TYPE = ("text/plain", "text/x-not-multipart", "application/octet-stream")
"""Types of a part that only its first line can tell (TYPE_NEEDED)."""

GZIP = b"\x1f\x8b"

UNKNOWN_PART = error(
    "TP320",
    "cloud-init does not recognise this, and ignores it",
    "begin it with `#cloud-config`, `#!/bin/sh` or another first line from cloud-init's user-data formats",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One part of a user-data. `source` is its text, for findings; its name says which part of which file it is."""

    content_type: str
    filename: str | None
    content: bytes
    source: Source

    @classmethod
    def of(cls, content_type: str, filename: str, content: bytes) -> Self:
        """Return a part of our own."""
        source = Source.decode(filename, content)
        return cls(content_type=content_type, filename=filename, content=content, source=source)


def read_parts(name: str, data: bytes) -> tuple[list[Part], list[FileFinding]]:
    """Return the parts of the user-data in the file `name`; one that cloud-init would ignore is an error."""
    data = _unpacked(data)
    if b"mime-version:" in data[:4096].lower():
        leaves = [leaf for leaf in BytesParser().parsebytes(data.lstrip()).walk() if not leaf.is_multipart()]
        parts = [_part_of(leaf, f"{name}, part {number}") for number, leaf in enumerate(leaves, start=1)]
    else:
        parts = [_part(name, None, None, data)]
    return parts, [report(TextRange(part.source), UNKNOWN_PART) for part in parts if part.content_type in HAVE_NO_TYPE]


def _unpacked(data: bytes) -> bytes:
    """Undo base64 and gzip, in which user-data travels; at most LARGEST_TEXT bytes more than is accepted."""
    if re.fullmatch(rb"[A-Za-z0-9+/\s]+={0,2}\s*", data):
        try:
            decoded = base64.b64decode(b"".join(data.split()), validate=True)
        except binascii.Error:
            return data
        data = decoded if decoded.startswith(GZIP) or _type_of(decoded) or b"MIME-Version:" in decoded[:4096] else data
    if data.startswith(GZIP):
        try:
            data = zlib.decompressobj(wbits=31).decompress(data, LARGEST_TEXT + 1)
        except zlib.error:
            return data
    return data


def _part_of(leaf: Message, name: str) -> Part:
    payload = leaf.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    return _part(name, leaf.get_filename(), leaf.get_content_type(), _unpacked(content))


def _part(name: str, filename: str | None, stated_type: str | None, content: bytes) -> Part:
    stated = None if stated_type in HAVE_NO_TYPE else stated_type
    return Part(
        content_type=stated or _type_of(content) or "text/plain",
        filename=filename,
        content=content,
        source=Source.decode(name, content),
    )


def _type_of(content: bytes) -> str | None:
    text = content.lstrip()[:32].decode(errors="replace").lower()
    if NODEADM_BEGINNING.match(content):
        return NODEADM
    return next((content_type for line, content_type in FIRST_LINES.items() if text.startswith(line)), None)


def cloud_configs(parts: list[Part]) -> Iterator[Part]:
    """Yield the parts that are cloud-config, also those in an archive."""
    import yaml

    for part in parts:
        if part.content_type == "text/cloud-config":
            yield part
        elif part.content_type == "text/cloud-config-archive":
            try:
                entries = yaml.safe_load(part.source.text)
            except yaml.YAMLError:
                entries = None
            for number, entry in enumerate(entries if isinstance(entries, list) else [], start=1):
                content = entry.get("content") if isinstance(entry, dict) else entry
                stated = entry.get("type") if isinstance(entry, dict) else None
                inner = _part(f"{part.source.name}, entry {number}", None, stated, str(content or "").encode())
                yield from cloud_configs([inner])
