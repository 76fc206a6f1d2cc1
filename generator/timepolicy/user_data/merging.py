"""What is lost where several parts are cloud-config? cloud-init merges them (cloudinit/mergers).

A list or a mapping of a later part replaces that of an earlier one under the same key, if the later part does not say
otherwise (cloudinit/handlers/cloud_config.py).
"""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum

import yaml

from timepolicy.configs.file_findings import FileFinding, TextRange, report
from timepolicy.findings.finding import warning
from timepolicy.user_data.cloud_config import CloudConfig
from timepolicy.user_data.nodes import entries_of, scalars_of

DEFAULT = "dict(replace)+list()+str()"

SETTINGS = ("merge_how", "merge_type")
"""Keys that say how the part is merged; the first one counts."""

Mergers = dict[str, list[str]]
"""For each type, the options of its merger."""


class Kept(StrEnum):
    """What is left of two values of one key, in the words of the finding at the later one."""

    BOTH = "both"
    EARLIER = "it keeps only that one"
    LATER = "it keeps only this one"
    MIXED = "it replaces entry by entry"


LOST = warning(
    "TP327",
    "`{key}` is also in {earlier}, and cloud-init does not join the two: {kept}",
    "write one `{key}`, or `merge_how: list(append)+dict(no_replace,recurse_list)+str()` into this part",
)


def lost_values(configs: Sequence[CloudConfig]) -> Iterator[FileFinding]:
    """Yield each list or mapping of which cloud-init does not keep all, because another part has its key too."""
    holders: dict[str, tuple[TextRange, yaml.Node]] = {}
    for config in configs:
        mergers = _mergers(config)
        for key, value in config.root.value:
            place = config.at(key)
            if key.value in SETTINGS or isinstance(value, yaml.ScalarNode):
                continue
            if key.value in holders:
                earlier, other = holders[key.value]
                kept = _kept(mergers, other, value)
                if kept is not Kept.BOTH:
                    where = f"{earlier.source.name} (line {earlier.span.line})"
                    yield report(place, LOST, key=key.value, earlier=where, kept=kept)
                if kept is Kept.EARLIER:
                    continue
            holders[key.value] = (place, value)


def _kept(mergers: Mergers, earlier: yaml.Node, later: yaml.Node) -> Kept:
    options = mergers.get("dict")
    if options is None:
        return Kept.EARLIER  # nothing merges the documents, which are mappings
    if "replace" in options:
        return Kept.LATER
    if isinstance(later, yaml.MappingNode):
        return Kept.BOTH if isinstance(earlier, yaml.MappingNode) else Kept.EARLIER
    recurses = "recurse_array" in options or "recurse_list" in options
    of_lists = mergers.get("list")
    if not recurses or of_lists is None or not isinstance(earlier, yaml.SequenceNode):
        return Kept.EARLIER
    method = next((name for name in ("append", "prepend", "replace", "no_replace") if name in of_lists), "replace")
    if method in ("append", "prepend"):
        return Kept.BOTH
    return Kept.EARLIER if method == "no_replace" else Kept.MIXED


def _mergers(config: CloudConfig) -> Mergers:
    """The mergers of a part: those of its own setting come before those of its header."""
    values = {key.value: value for key, value in config.root.value}
    setting = next((values[name] for name in SETTINGS if name in values), None)
    found = _of_setting(setting) if setting is not None else {}
    for name, options in _of_text(config.merge_type or "").items():
        found.setdefault(name, options)
    return found or _of_text(DEFAULT)


def _of_setting(node: yaml.Node) -> Mergers:
    """A text, or a list of `{name, settings}` or of `[name, option, ...]`."""
    if isinstance(node, yaml.ScalarNode):
        return _of_text(node.value)
    found: Mergers = {}
    for entry in entries_of(node):
        if isinstance(entry, yaml.MappingNode):
            settings = next((entries_of(value) for key, value in entry.value if key.value == "settings"), [])
            words = [dict(scalars_of(entry)).get("name", ""), *(str(option.value) for option in settings)]
        else:
            words = [str(word.value) for word in entries_of(entry)]
        if words:
            found.setdefault(words[0].strip().removeprefix("m_"), words[1:])
    return found


def _of_text(text: str) -> Mergers:
    found: Mergers = {}
    for name, options in re.findall(r"([a-z_]\w*)\((.*?)\)", text.lower()):
        found.setdefault(name.removeprefix("m_"), [option.strip() for option in options.split(",")])
    return found
