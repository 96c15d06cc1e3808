"""What the contract says of a timeline: the shape of each kind of event, made from the event's own record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints

from workflows.requests.events import Event

if TYPE_CHECKING:
    from collections.abc import Callable

Shape = dict[str, Any]

#: what of an event stands beside its facts in an entry
_BESIDE = ("at", "because")
_PLAIN: Mapping[Any, Shape] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    Decimal: {"type": "string"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    NoneType: {"type": "null"},
}


def typed_entries(entry: Shape, meaning: Callable[[str], str]) -> dict[str, Shape]:
    """Return the schema of an entry for each kind of event, by its name in the contract.

    What has its default is left out of the facts, so that none of them is required.

    :param entry: the schema of any entry
    :param meaning: what a member is called by people, "" if it has no word
    """
    return {f"{kind.__name__}Entry": _entry(entry, kind, meaning) for kind in get_args(Event)}


def one_of(names: list[str]) -> Shape:
    """Return the schema that is one of these entries, told apart by the event."""
    refs = {name.removesuffix("Entry"): f"#/components/schemas/{name}" for name in names}
    return {
        "oneOf": [{"$ref": ref} for ref in refs.values()],
        "discriminator": {"propertyName": "event", "mapping": refs},
    }


def _entry(entry: Shape, kind: type, meaning: Callable[[str], str]) -> Shape:
    event = {**entry["properties"]["event"], "enum": [kind.__name__]}
    facts = {
        "type": "object",
        "description": meaning(f"{kind.__name__}Entry.facts"),
        **_record(kind, meaning, without=_BESIDE),
    }
    return {**entry, "properties": {**entry["properties"], "event": event, "facts": facts}}


def _record(kind: type, meaning: Callable[[str], str], without: tuple[str, ...] = ()) -> Shape:
    hints = get_type_hints(kind)
    properties = {
        field.name: _with_words(_shape(hints[field.name], meaning), meaning(field.name))
        for field in fields(kind)
        if field.name not in without
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _with_words(shape: Shape, words: str) -> Shape:
    return {**shape, "description": words} if words else shape


def _shape(kind: Any, meaning: Callable[[str], str]) -> Shape:
    """Return the schema of what a field of this type looks like on the wire."""
    kind = getattr(kind, "__supertype__", kind)
    inside = get_args(kind)
    match get_origin(kind):
        case origin if origin in {Union, UnionType}:
            return {"anyOf": [_shape(one, meaning) for one in inside]}
        case origin if origin is Literal:
            return {"enum": list(inside)}
        case origin if origin is tuple:
            return {"type": "array", "items": _shape(inside[0], meaning)}
        case origin if origin is not None and issubclass(origin, Mapping):
            return {"type": "object", "additionalProperties": _shape(inside[1], meaning)}
    if is_dataclass(kind) and isinstance(kind, type):
        return _record(kind, meaning)
    if issubclass(kind, StrEnum):
        return {"type": "string", "enum": [str(each) for each in kind]}
    return dict(_PLAIN[kind])
