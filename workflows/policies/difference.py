"""What a new version of a policy file changes, field by field, as facts without words."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from workflows.policies.forms import Field, Form
from workflows.policies.policy import POLICY

Path = tuple[str, ...]
Kind = Literal["changed", "added", "removed", "reordered", "stated", "unstated"]
Document = Mapping[str, Any]


def fields(form: Form, above: Path = ()) -> Iterator[tuple[Path, Field]]:
    """Yield every field of a form, with the path to it, in which "*" stands for a name or a row."""
    for name, one in form.fields.items():
        path = (*above, name)
        yield path, one
        if one.kind.form is not None:
            yield from fields(one.kind.form, (*path, "*") if one.kind.has_several else path)


#: what holds where a section says nothing of it
DEFAULTS: Mapping[Path, object] = {
    path: one.unsaid for path, one in fields(POLICY) if isinstance(one.unsaid, str | int) and not one.required
}
#: sections whose keys are names, not fields: one that comes or goes is told as a whole
NAMED: frozenset[Path] = frozenset((name,) for name, one in POLICY.fields.items() if one.kind.is_named)
#: what tells the rows of a list apart, by the name of the list
ROW_NAMES: Mapping[str, tuple[str, ...]] = {
    path[-1]: one.kind.told_by for path, one in fields(POLICY) if one.kind.told_by
}
#: what a row without a condition is called
EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class Change:
    """One field with what it said and says; None stands for nothing said.

    ``stated`` and ``unstated`` are fields that only now, or no longer, write out what holds anyway.
    """

    path: Path
    kind: Kind
    old: Any = None
    new: Any = None


def difference(old: Document, new: Document) -> tuple[Change, ...]:
    """Return what *new* changes in *old*, both as written, in the order of the fields.

    A section that a file leaves to the one it inherits from is compared as unsaid, as a whole.
    """
    inherits = old.get("inherits") is not None or new.get("inherits") is not None
    changes: list[Change] = []
    for key in _keys(old, new):
        if inherits and (key in old) != (key in new):
            changes.append(_come_or_gone((key,), old.get(key), new.get(key)))
        else:
            changes += _compared((key,), old.get(key), new.get(key))
    return tuple(changes)


def _compared(path: Path, old: object, new: object) -> Iterator[Change]:
    if _same(old, new):
        return
    if path[:-1] in NAMED and (old is None or new is None):
        yield _come_or_gone(path, old, new)
    elif _are(dict, old, new):
        yield from _sections(path, old or {}, new or {})
    elif path[-1] in ROW_NAMES and _are(list, old, new):
        yield from _lists(path, old or [], new or [])
    else:
        yield _value(path, old, new)


def _are(kind: type, old: object, new: object) -> bool:
    """Tell whether both sides are of a kind, where one may be missing."""
    return (old is None or isinstance(old, kind)) and (new is None or isinstance(new, kind))


def _sections(path: Path, old: Any, new: Any) -> Iterator[Change]:
    if _is_whole(path):
        if old or new:
            yield _value(path, old or None, new or None)
        return
    for key in _keys(old, new):
        yield from _compared((*path, key), old.get(key), new.get(key))


def _is_whole(path: Path) -> bool:
    """Tell whether a section is one value: a condition, or a length of time."""
    return path[-1] == "when" or path[-1].endswith("period")


def _lists(path: Path, old: Any, new: Any) -> Iterator[Change]:
    before, after = _rows(path[-1], old), _rows(path[-1], new)
    for key in _keys(before, after):
        if key in before and key in after:
            yield from _compared((*path, key), before[key], after[key])
        else:
            yield _come_or_gone((*path, key), before.get(key), after.get(key))
    was, now = [key for key in before if key in after], [key for key in after if key in before]
    if was != now:
        yield Change(path, "reordered", was, now)


def _rows(name: str, rows: list[Any]) -> dict[str, Any]:
    """Return the rows by what tells them apart, those that are alike by their number."""
    found: dict[str, Any] = {}
    for row in rows:
        key = _row_name(name, row)
        found[key if key not in found else f"{key} #{len(found) + 1}"] = row
    return found


def _row_name(name: str, row: object) -> str:
    said = [row.get(field) for field in ROW_NAMES[name]] if isinstance(row, dict) else [row]
    return " ".join(_plain(value) for value in said if value is not None)


def _plain(value: object) -> str:
    match value:
        case dict():
            return ", ".join(f"{key} {_plain(row)}" for key, row in value.items()) or EVERYTHING
        case list():
            return "/".join(map(_plain, value))
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)


def _value(path: Path, old: object, new: object) -> Change:
    default = DEFAULTS.get(path)
    if default is not None and _same(default if old is None else old, default if new is None else new):
        return Change(path, "stated" if old is None else "unstated", old, new)
    return Change(path, "changed", default if old is None else old, default if new is None else new)


def _come_or_gone(path: Path, old: object, new: object) -> Change:
    return Change(path, "added" if old is None else "removed", old, new)


def _same(one: object, other: object) -> bool:
    return _canonical(one) == _canonical(other)


def _canonical(value: object) -> str:
    # in JSON 1 is not true, and the order of keys can be settled
    return json.dumps(value, sort_keys=True, default=str)


def _keys(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return [*old, *(key for key in new if key not in old)]
