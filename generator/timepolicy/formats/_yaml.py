"""YAML in a readable layout, by a serialiser, so that no format quotes anything itself."""

from typing import Any

import yaml


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as a literal block, and may indent by one, which PyYAML does not offer."""

    def __init__(self, *arguments: Any, indent: int, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.best_indent = indent


def _literal(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _literal)
_Dumper.add_multi_representer(str, _literal)  # the types of tokens


def as_yaml(document: dict[str, Any], indent: int = 1) -> str:
    """Return `document` with its keys in their order, and unfolded. An `indent` of 1 keeps user-data small."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=2**31, allow_unicode=True, indent=indent)
