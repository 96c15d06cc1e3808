"""JSON merge patch (RFC 7396), and a change that is carried over into a document which is to follow."""

from collections.abc import Mapping
from typing import Any


def patched(target: object, patch: object) -> Any:
    """Return *target* as *patch* changes it: objects are merged, null removes, all else replaces."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = patched(result.get(key), value)
    return result


#: what stands for a name that a mapping does not have
_ABSENT = object()


def carried(before: object, after: object, later: object, *, sets: bool = False) -> Any:
    """Return *later* with what was changed from *before* to *after*; what it says otherwise itself stays.

    :param sets: whether lists are sets, so that entries of both come together; else a list is one value
    """
    if later == before:
        return after
    if isinstance(before, Mapping) and isinstance(after, Mapping) and isinstance(later, Mapping):
        names = [*later, *(name for name in after if name not in later)]
        told = ((name, (each.get(name, _ABSENT) for each in (before, after, later))) for name in names)
        merged = {name: carried(*values, sets=sets) for name, values in told}
        return {name: value for name, value in merged.items() if value is not _ABSENT}
    if sets and isinstance(before, list) and isinstance(after, list) and isinstance(later, list):
        kept = [entry for entry in later if entry in after or entry not in before]
        return kept + [entry for entry in after if entry not in before and entry not in later]
    return later
