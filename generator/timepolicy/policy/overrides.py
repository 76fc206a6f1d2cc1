"""Which settings apply to a node: those of the document, and over them each override that matches, in order."""

from fnmatch import fnmatchcase

from timepolicy.document.tree import Entry, Value


def policy_for(document: Value, release: str | None, role: str) -> Value:
    """Return `document` with every matching override merged in, and without its overrides.

    For `release` None, only overrides without a `distro` pattern match. With the overrides kept, the documents of all
    nodes would grow with releases times overrides.
    """
    merged = document
    if isinstance(document.data, dict):
        merged = Value(document.span, {key: entry for key, entry in document.data.items() if key != "overrides"})
    for override in overrides(document):
        match = override.at(("match",)).plain()
        assert isinstance(match, dict), "the schema has been checked"
        has_role = match.get("role", role) == role
        has_release = "distro" not in match or (release is not None and fnmatchcase(release, str(match["distro"])))
        if has_role and has_release:
            merged = _merge(merged, override.at(("set",)))
    return merged


def overrides(document: Value) -> list[Value]:
    """Return the document's overrides, in order."""
    return document.entries("overrides")


def _merge(below: Value, above: Value) -> Value:
    """Merge mappings key by key; anything else replaces what was there."""
    if not (isinstance(below.data, dict) and isinstance(above.data, dict)):
        return above
    entries = dict(below.data)
    for key, entry in above.data.items():
        old = entries.get(key)
        entries[key] = Entry(entry.key_span, _merge(old.value, entry.value)) if old else entry
    return Value(below.span, entries)
