"""Frozen records as JSON and back: the one converter."""

import json
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, TypeVar, get_args

from cattrs import Converter
from cattrs.strategies import configure_tagged_union

from ill_broker.storage.failures import Unreadable
from workflows.cards.card import CardEvent
from workflows.eligibility.privileges import PrivilegeEvent
from workflows.requests.commands import Command
from workflows.requests.effects import Effect
from workflows.requests.events import Event

_T = TypeVar("_T")

#: names the class of a record that is one of several
TAG = "type"

_UNIONS = (Event, Effect, Command, CardEvent, PrivilegeEvent)
_UNION_OF: dict[type, Any] = {cls: union for union in _UNIONS for cls in get_args(union)}


def to_dict(record: Any) -> dict[str, Any]:
    """Return *record* as plain values. Fields that have their default are left out."""
    written: dict[str, Any] = _converter().unstructure(
        record, unstructure_as=_UNION_OF.get(type(record), type(record))
    )
    return written


def from_dict(cls: type[_T], values: Any) -> _T:
    """Return the record that *values* describe; *cls* may be a union of events, effects or commands.

    :raises Unreadable: if they describe none
    """
    try:
        return _converter().structure(values, cls)
    except _MISFITS as error:
        raise Unreadable(f"{cls}: {error!r}") from error


def to_json(record: Any) -> str:
    """Return *record* as JSON text."""
    return json.dumps(to_dict(record), separators=(",", ":"))


def from_json(cls: type[_T], text: str) -> _T:
    """Return the record that *text* holds.

    :raises Unreadable: if it holds none
    """
    try:
        values = json.loads(text)
    except ValueError as error:
        raise Unreadable(f"{cls}: no JSON") from error
    return from_dict(cls, values)


#: what cattrs and the constructors of our records raise at values that do not fit
_MISFITS = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError)


@cache
def _converter() -> Converter:
    converter = Converter(omit_if_default=True, detailed_validation=False)
    converter.register_unstructure_hook(datetime, _write_instant)
    converter.register_structure_hook(datetime, lambda text, _: _read_instant(text))
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_structure_hook(date, lambda text, _: date.fromisoformat(text))
    for union in _UNIONS:
        configure_tagged_union(union, converter, tag_name=TAG, tag_generator=_name)
    return converter


def _name(cls: type) -> str:
    return cls.__name__


def _write_instant(instant: datetime) -> str:
    if instant.tzinfo is None:
        raise ValueError(f"naive instant: {instant.isoformat()}")
    return instant.astimezone(UTC).isoformat()


def _read_instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"naive instant: {text}")
    return instant.astimezone(UTC)
