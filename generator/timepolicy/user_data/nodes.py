"""What YAML in user-data says: the root, and of a node its place, its scalars and its entries."""

import yaml

from timepolicy.document.parse import LOADER
from timepolicy.source import Span

UNREADABLE = (yaml.YAMLError, ValueError, RecursionError)
"""What root_of raises; cloud-init ignores such a part."""


def root_of(text: str) -> yaml.Node | None:
    """Return the document in `text`, None where it is empty, with its merge keys resolved; raise UNREADABLE.

    Its values are also constructed, as cloud-init does: a list as a key, an unknown tag or an impossible date is wrong.
    """
    loader = LOADER(text)
    try:
        root: yaml.Node | None = loader.get_single_node()
        if root is not None:
            loader.construct_document(root)
    finally:
        loader.dispose()
    return root


def span_of(node: yaml.Node) -> Span:
    """Return the lines and columns of a node; of a block, only its first character."""
    begin, end = node.start_mark, node.end_mark
    if end.line != begin.line:
        return Span(line=begin.line + 1, column=begin.column + 1, end_line=begin.line + 1, end_column=begin.column + 2)
    return Span(
        line=begin.line + 1,
        column=begin.column + 1,
        end_line=end.line + 1,
        end_column=max(end.column, begin.column) + 1,
    )


def scalars_of(node: yaml.Node) -> list[tuple[str, str]]:
    """Return the scalars of a mapping, booleans as YAML 1.1 writes them: `false` for `no` and `off` too."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    scalars = [(key.value, value.value) for key, value in pairs if isinstance(value, yaml.ScalarNode)]
    return [(key, "false" if value.lower() in ("no", "off", "false") else value) for key, value in scalars]


def entries_of(node: yaml.Node) -> list[yaml.Node]:
    """Return the entries of a list; none for anything else."""
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []
