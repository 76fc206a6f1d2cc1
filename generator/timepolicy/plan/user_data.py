"""Whether a cloud accepts a product as user-data, and which files make it large."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from timepolicy.facts.clouds import Cloud
from timepolicy.findings.finding import Finding, error
from timepolicy.plan.files import File
from timepolicy.plan.types import NodePlan
from timepolicy.policy.model import WHOLE_POLICY

LARGEST_PARTS = 3
"""How many files a finding names."""

USER_DATA_TOO_LARGE = error(
    "TP064",
    "the user-data has {size} bytes, and {cloud} takes {limit} at most; the largest parts: {parts}",
    "use --gzip (Terraform: `gzip = true`) where the cloud takes binary data, name fewer releases or sources, or bake "
    "an image; on servers, `firewall: {{backend: none}}` saves the firewall's program",
)


def too_large(
    content: bytes, plans: Sequence[NodePlan], cloud: Cloud, others: Mapping[str, int] = MappingProxyType({})
) -> Iterator[Finding]:
    """Yield an error where the cloud accepts less user-data than `content`, the product of `plans` as it is sent.

    `others` are the bytes of other user-data in it by the names of their files.
    """
    if len(content) <= cloud.limit_of(content):
        return
    sizes = {str(file.path): _size(file) for plan in plans for file in plan.files} | dict(others)
    largest = sorted(sizes.items(), key=lambda part: -part[1])[:LARGEST_PARTS]
    parts = ", ".join(f"{path} {size}" for path, size in largest)
    limit, size = str(cloud.limit_of(content)), str(len(content))
    yield USER_DATA_TOO_LARGE.at(WHOLE_POLICY, size=size, cloud=cloud.key, limit=limit, parts=parts)


def _size(file: File) -> int:
    """About how many bytes the file has in a document, where programs are packed."""
    return len(file.packed) * 5 // 4 if file.packed else len(file.content.encode())
