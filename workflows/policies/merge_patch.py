"""JSON merge patch (RFC 7396)."""

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
