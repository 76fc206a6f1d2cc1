"""Everything that was collected, as one archive for somebody who helps; secrets are removed."""

import gzip
import io
import re
import tarfile
from collections.abc import Sequence

from timepolicy.doctor.node import Node

SECRETS = {
    r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)?": "[token removed]",
    r"(?i)(bearer|basic) [A-Za-z0-9+/=._~-]{8,}": r"\1 [removed]",
    r"(?i)((?:password|passwd|secret|token|apikey|api_key)[\"']?\s*[=:]\s*)\S+": r"\1[removed]",
    r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----": "[private key removed]",
    r"(?i)\b(HEX|ASCII):\S+": r"\1:[removed]",
}
"""Patterns of secrets, as logs and configurations may hold them; the collector itself reads no key and no token."""


def without_secrets(text: str) -> str:
    """Return the text with each secret replaced."""
    for pattern, replacement in SECRETS.items():
        text = re.sub(pattern, replacement, text)
    return text


def bundle(nodes: Sequence[Node], report: str) -> bytes:
    """Return a compressed tar archive: the report, and a file for each node with its probes."""
    buffer = io.BytesIO()
    with tarfile.TarFile(fileobj=buffer, mode="w") as archive:
        for name, text in [("report.txt", report), *((_file_name(node), _probes(node)) for node in nodes)]:
            content = without_secrets(text).encode("utf-8", "replace")
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(buffer.getvalue(), mtime=0)


def _file_name(node: Node) -> str:
    return "nodes/" + re.sub(r"[^A-Za-z0-9.@:-]", "_", node.host) + ".txt"


def _probes(node: Node) -> str:
    probes = node.examination.probes.items()
    return "\n".join(f"== {name} (exit status {probe.status})\n{probe.text}" for name, probe in probes)
