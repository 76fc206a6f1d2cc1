"""Which policy a node has: the document, and over it each override that matches, in order."""

from fnmatch import fnmatchcase

from timepolicy.document.tree import Entry, Value


def policy_for(document: Value, release: str | None, role: str) -> Value:
    """Return `document` with every matching override merged in; no override on the release matches None.

    The overrides themselves are left out: each node would carry those of all others, releases times overrides.
    """
    merged = document
    if isinstance(document.data, dict):
        merged = Value(document.span, {key: entry for key, entry in document.data.items() if key != "overrides"})
    for override in overrides(document):
        if _matches(override.at(("match",)), release, role):
            merged = _merge(merged, override.at(("set",)))
    return merged


def overrides(document: Value) -> list[Value]:
    """Return the document's overrides, in order."""
    return document.entries("overrides")


def _matches(match: Value, release: str | None, role: str) -> bool:
    conditions = match.plain()
    assert isinstance(conditions, dict), "the schema has been checked"
    pattern = conditions.get("distro")
    return conditions.get("role", role) == role and (
        pattern is None or (release is not None and fnmatchcase(release, str(pattern)))
    )


def _merge(below: Value, above: Value) -> Value:
    """Mappings are merged; anything else replaces what was there."""
    if not (isinstance(below.data, dict) and isinstance(above.data, dict)):
        return above
    entries = dict(below.data)
    for key, entry in above.data.items():
        old = entries.get(key)
        entries[key] = Entry(entry.key_span, _merge(old.value, entry.value)) if old else entry
    return Value(below.span, entries)
