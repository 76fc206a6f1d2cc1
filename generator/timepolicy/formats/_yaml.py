"""YAML as people write it; by a serialiser, so that quoting is never ours."""

from typing import Any

import yaml


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as literal blocks; indented by one, since clouds limit the size."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.best_indent = 1


def _literal(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _literal)
_Dumper.add_multi_representer(str, _literal)  # our types of text


def as_yaml(document: dict[str, Any]) -> str:
    """Return `document`, its keys in their own order; no line is folded."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=2**31, allow_unicode=True)
