"""Which parts does a user-data have? As cloud-init decides it (cloudinit/user_data.py and handlers/__init__.py)."""

import base64
import binascii
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from gzip import GzipFile
from io import BytesIO

from timepolicy.configs.file_findings import FileFinding, report
from timepolicy.findings.finding import error
from timepolicy.source import LARGEST_TEXT, Source
from timepolicy.user_data.extract import Extract

SHELL_SCRIPT, CLOUD_CONFIG, ARCHIVE = "text/x-shellscript", "text/cloud-config", "text/cloud-config-archive"
JSON_PATCH, JINJA, PART_HANDLER = "text/cloud-config-jsonp", "text/jinja2", "text/part-handler"
INCLUDES = ("text/x-include-once-url", "text/x-include-url")

FIRST_LINES = {
    "#include-once": INCLUDES[0],
    "#include": INCLUDES[1],
    "#!": SHELL_SCRIPT,
    "#cloud-config-archive": ARCHIVE,
    "#cloud-config-jsonp": JSON_PATCH,
    "#cloud-config": CLOUD_CONFIG,
    "#part-handler": PART_HANDLER,
    "#cloud-boothook": "text/cloud-boothook",
    "## template: jinja": JINJA,
}
"""What a part begins with, and its type; of two that fit, the first one holds."""

NODEADM = "application/node.eks.aws"
"""The configuration of a node of EKS. nodeadm reads it from the same user-data, and cloud-init skips it."""

NODEADM_KIND = re.compile(rb"^apiVersion:\s*['\"]?node\.eks\.aws/", flags=re.MULTILINE)

KNOWN = {
    *FIRST_LINES.values(),
    *(f"{SHELL_SCRIPT}-per-{frequency}" for frequency in ("boot", "instance", "once")),
    NODEADM,
}
"""Types that somebody on a node reads, if no part handler brings more."""

HAVE_NO_TYPE = ("text/plain", "text/x-not-multipart")
"""Types of a part that only its first line can tell (TYPE_NEEDED)."""

COMPRESSED = {
    f"application/{name}"
    for name in ("gzip", "gzip-compressed", "gzipped", "x-compress", "x-compressed", "x-gunzip", "x-gzip")
} | {"application/x-gzip-compressed"}
"""Types of a part that cloud-init decompresses (DECOMP_TYPES); its first line then tells the type."""

OF_TRANSPORT = ("content-type", "content-transfer-encoding", "content-disposition", "mime-version")
"""Headers that a document has anew. The others, as Merge-Type and Launch-Index, are for the part's handler."""

GZIP = b"\x1f\x8b"

UNKNOWN_PART = error(
    "TP320",
    "cloud-init does not recognise {what}, and ignores it",
    "begin it with `#cloud-config`, `#!/bin/sh` or another first line from cloud-init's user-data formats; "
    "in a MIME document, give it the type text/plain or that of its format",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One part of a user-data. `headers` are for its handler; `extract` is its text, for findings."""

    content_type: str
    filename: str | None
    headers: tuple[tuple[str, str], ...] = ()
    content: bytes
    extract: Extract


class UserDataTooLargeError(ValueError):
    """A file is larger than any user-data."""


def read_parts(name: str, data: bytes) -> tuple[list[Part], list[FileFinding]]:
    """Return the parts of the user-data in the file `name`; one that cloud-init would ignore is an error.

    Raise UserDataTooLargeError where it has more than LARGEST_TEXT bytes, which no cloud accepts.
    """
    data = _unpacked(data)
    if len(data) > LARGEST_TEXT:
        raise UserDataTooLargeError(f"{name} has more than {LARGEST_TEXT} bytes, and no cloud accepts as much")
    source = Source.decode(name, data)
    if b"mime-version:" in data[:4096].lower():
        parts = _parts_of_document(source, data.lstrip())
    else:
        content_type = type_of(data) or (NODEADM if NODEADM_KIND.search(data) else "text/plain")
        parts = [Part(content_type=content_type, filename=None, content=data, extract=Extract.of(source))]
    return parts, unknown_parts(parts)


def unknown_parts(parts: Sequence[Part]) -> list[FileFinding]:
    """Return a finding for each part that nobody reads; a part handler may read any type."""
    has_handler = any(part.content_type == PART_HANDLER for part in parts)
    unknown = [part for part in parts if part.content_type not in KNOWN]
    return [
        report(part.extract.at(), UNKNOWN_PART, what=_what(part.content_type))
        for part in unknown
        if part.content_type in HAVE_NO_TYPE or not has_handler
    ]


def _what(content_type: str) -> str:
    return "this" if content_type in HAVE_NO_TYPE else f"the type {content_type}"


def _parts_of_document(source: Source, data: bytes) -> list[Part]:
    """The leaves of a MIME document. One whose text stands in it as it is has the lines of the document."""
    parts, position = list[Part](), 0
    leaves = [leaf for leaf in BytesParser().parsebytes(data).walk() if not leaf.is_multipart()]
    for number, leaf in enumerate(leaves, start=1):
        payload = leaf.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else b""
        stated = leaf.get_content_type()
        if stated in COMPRESSED:
            content, stated = _decompressed(content), "text/plain"
        text = content.decode(errors="replace")
        begin = _find_body(source.text, text, position)
        if begin is None:
            extract = Extract.of(Source.decode(f"{source.name}, part {number}", content))
        else:
            position = begin + len(text)
            extract = Extract.of(source).inside(text, source.text.count("\n", 0, begin), 0)
        looks_like = type_of(content) if stated in (*HAVE_NO_TYPE, SHELL_SCRIPT) else None
        parts.append(
            Part(
                content_type=looks_like or stated,
                filename=leaf.get_filename(),
                headers=_headers(leaf),
                content=content,
                extract=extract,
            )
        )
    return parts


def _find_body(document: str, text: str, position: int) -> int | None:
    """The index of `text` behind an empty line of `document`, at or after `position`."""
    for empty_line in ("\n\n", "\r\n\r\n"):
        found = document.find(empty_line + text, max(0, position - 4))
        if text and found >= 0:
            return found + len(empty_line)
    return None


def _headers(leaf: Message) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(value)) for name, value in leaf.items() if name.lower() not in OF_TRANSPORT)


def _unpacked(data: bytes) -> bytes:
    """Undo base64 and gzip, in which user-data travels; at most LARGEST_TEXT bytes more than is accepted."""
    if re.fullmatch(rb"[A-Za-z0-9+/\s]+={0,2}\s*", data):
        try:
            decoded = base64.b64decode(b"".join(data.split()), validate=True)
        except binascii.Error:
            return data
        is_meant = decoded.startswith(GZIP) or type_of(decoded) or NODEADM_KIND.search(decoded)
        data = decoded if is_meant or b"mime-version:" in decoded[:4096].lower() else data
    return _decompressed(data) if data.startswith(GZIP) else data


def _decompressed(data: bytes) -> bytes:
    """The content of gzip, cut one byte beyond LARGEST_TEXT; what is damaged comes back as it is, as in cloud-init."""
    try:
        return GzipFile(fileobj=BytesIO(data)).read(LARGEST_TEXT + 1)
    except (OSError, EOFError, zlib.error):
        return data


def type_of(content: bytes) -> str | None:
    """Return the type that the first line tells, or None."""
    text = content.lstrip()[:32].decode(errors="replace").lower()
    return next((content_type for line, content_type in FIRST_LINES.items() if text.startswith(line)), None)
