"""Under which field a change of a policy file is told, and what it means for a reader."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from workflows.policies.difference import Change, Path, fields
from workflows.policies.document import minor
from workflows.policies.forms import Meaning
from workflows.policies.policy import POLICY


def _meanings() -> Iterator[tuple[str, Meaning]]:
    for path, one in fields(POLICY):
        pattern = ".".join(path)
        if one.means or len(path) == 1:
            yield pattern, one.means or Meaning()
        if one.each:
            yield f"{pattern}.*", one.each


#: by path, which names what people call the field as well; "*" stands for a name, and a path that is not
#: here is told under the nearest above it
MEANINGS: Mapping[str, Meaning] = dict(_meanings())


@dataclass(frozen=True, slots=True)
class Reading:
    """How a change is told: its field with the names in the path, what of the path is left, its meaning."""

    field: str
    names: tuple[str, ...]
    rest: Path
    meaning: str


def reading(change: Change, *, other_money: bool) -> Reading:
    """Return how *change* is told; amounts in *other_money* are neither more nor less."""
    path, names = _nearest(change.path)
    meaning = ""
    if change.kind not in ("stated", "unstated") and not (other_money and minor(change.new) is not None):
        meaning = _meaning(MEANINGS.get(path, Meaning()), change)
    return Reading(path, names, change.path[path.count(".") + 1 if path else 0 :], meaning)


def _nearest(path: Path) -> tuple[str, tuple[str, ...]]:
    """Return the nearest named field with the names in its path, "" if nobody has named one."""
    for length in range(len(path), 0, -1):
        for pattern in MEANINGS:
            names = _fitting(pattern.split("."), path[:length])
            if names is not None:
                return pattern, names
    return "", ()


def _fitting(pattern: list[str], path: Path) -> tuple[str, ...] | None:
    if len(pattern) != len(path) or any(
        part not in ("*", name) for part, name in zip(pattern, path, strict=True)
    ):
        return None
    return tuple(name for part, name in zip(pattern, path, strict=True) if part == "*")


def _meaning(field: Meaning, change: Change) -> str:
    if isinstance(change.new, str | int) and change.new in field.values:
        return field.values[change.new]
    direction = _direction(change, unlimited=field.unlimited)
    return {1: field.up, -1: field.down}.get(direction, "") or field.other


def _direction(change: Change, *, unlimited: bool) -> int:
    """Return 1 if it is more or later now, -1 if less or earlier, 0 if that cannot be said."""
    if unlimited and (change.old is None or change.new is None):
        return 1 if change.new is None else -1
    old, new = _size(change.old), _size(change.new)
    if old is None or new is None or old[0] != new[0]:
        return 0
    if old[1] == new[1]:
        return 0
    return 1 if new[1] > old[1] else -1


def _size(value: Any) -> tuple[str, Any] | None:
    """Return what a value is measured in, and how much of it there is."""
    match value:
        case bool():
            return None
        case int():
            return "number", value
        case str() if minor(value) is not None:
            return "money", Decimal(value)
        case str():
            return "text", value
        case dict() if len(value) == 1:
            ((unit, count),) = value.items()
            return (str(unit), count) if isinstance(count, int) else None
        case _:
            return None
