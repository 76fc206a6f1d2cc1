"""What a node of YAML says: its place, its scalars, its entries."""

import yaml

from timepolicy.source import Span


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
