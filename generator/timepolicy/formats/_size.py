"""How large a product is, and which files make it so."""

import gzip
from collections.abc import Sequence

from timepolicy.facts.clouds import Cloud
from timepolicy.plan.files import File
from timepolicy.plan.types import NodePlan

MOST_PARTS = 3


def compressed(content: bytes) -> bytes:
    """Return `content` in gzip (RFC 1952) without a time; cloud-init knows it by its first bytes and unpacks it."""
    return gzip.compress(content, compresslevel=9, mtime=0)


def fits(content: bytes, cloud: Cloud) -> bool:
    """Whether the cloud takes so much."""
    return len(content) <= cloud.raw_limit


def largest_parts(plans: Sequence[NodePlan]) -> list[tuple[str, int]]:
    """Return the files that need most room, with about so many bytes of it as they stand in a document."""
    sizes = {str(file.path): _size(file) for plan in plans for file in plan.files}
    return sorted(sizes.items(), key=lambda part: -part[1])[:MOST_PARTS]


def _size(file: File) -> int:
    return len(file.packed) * 4 // 3 if file.packed else len(file.content.encode())
