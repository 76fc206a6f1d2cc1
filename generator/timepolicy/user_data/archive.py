"""The entries of a cloud-config-archive, as cloud-init's `_explode_archive` finds them."""

from collections.abc import Iterator

import yaml

from timepolicy.user_data.extract import Extract
from timepolicy.user_data.nodes import root_of, span_of
from timepolicy.user_data.parts import ARCHIVE, CLOUD_CONFIG, INCLUDES, Part, type_of

OF_THE_ENTRY = ("content", "type", "filename", "content-disposition", "content-type", "number-attachments")
"""Keys that are no headers of the part."""

NOT_INSIDE = (*INCLUDES, ARCHIVE)
"""Types that cloud-init resolves in a file or a MIME document only."""


def entries(part: Part) -> list[Part]:
    """Return the parts in an archive; raise UNREADABLE where cloud-init cannot read it."""
    root = root_of(part.extract.text)
    found = list[Part]()
    for node in root.value if isinstance(root, yaml.SequenceNode) else []:
        pairs = {key.value: value for key, value in node.value} if isinstance(node, yaml.MappingNode) else {}
        content = pairs.get("content", node)
        if isinstance(content, yaml.ScalarNode):
            found.append(_part(part.extract, content, pairs))
    return found


def _part(archive: Extract, content: yaml.ScalarNode, pairs: dict[str, yaml.Node]) -> Part:
    given = {key.lower(): value.value for key, value in pairs.items() if isinstance(value, yaml.ScalarNode)}
    data = content.value.encode()
    content_type = given.get("type") or type_of(data) or CLOUD_CONFIG
    return Part(
        content_type=f"{content_type} in an archive" if content_type in NOT_INSIDE else content_type,
        filename=given.get("filename"),
        headers=tuple((key, value) for key, value in given.items() if key not in OF_THE_ENTRY),
        content=data,
        extract=_extract(archive, content),
    )


def _extract(archive: Extract, content: yaml.ScalarNode) -> Extract:
    """A literal block has the lines of the text below its own first line, with an indentation."""
    begin = content.start_mark.line
    if content.style == "|":
        lines = archive.text.split("\n")
        for number, text in _visible(content.value):
            line = lines[begin + number] if begin + number < len(lines) else ""
            if line.endswith(text):
                return archive.inside(content.value, begin + 1, len(line) - len(text))
    return archive.quoted(content.value, span_of(content))


def _visible(text: str) -> Iterator[tuple[int, str]]:
    """The lines of `text` that are not empty, counted from 1."""
    return ((number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip())
