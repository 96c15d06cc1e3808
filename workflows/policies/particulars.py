"""What a library says of itself: read out of its policy and calendar, and written back as new ones."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workflows.languages import TAGS

Document = Mapping[str, Any]
#: a text in each language
Words = dict[str, str]

#: sections of a policy -> what a library says there, and how many values it may have; the rest of them stays
TEXTS: Mapping[str, Mapping[str, bool]] = {
    "contacts": {"phone": True, "email": True, "url": False, "address": False, "floor": False},
    "notices": {"reading_room": True, "not_lent": True, "borrowing": True},
    "registration": {"hints": True},
}
#: lists of a calendar -> which day of an entry is its last
DAYS: Mapping[str, str] = {"closures": "to", "extra_open": "date"}
#: what is written as it is, without a language
_PLAIN = frozenset({"phone", "email", "url"})


def particulars(policy: Document, calendar: Document, *, today: str) -> dict[str, Any]:
    """Return what a library says of itself, its texts in each language; of its calendar what is not over.

    :param policy: with everything that it inherits
    """
    texts = {
        section: {
            key: _read(_section(policy, section).get(key), key, many=many) for key, many in keys.items()
        }
        for section, keys in TEXTS.items()
    }
    hours = {day: list(stretches or ()) for day, stretches in policy["opening_hours"].items()}
    days = {name: [_dated(row) for row in _coming(calendar, name, today)] for name in DAYS}
    return texts | {"opening_hours": hours} | days


def with_texts_and_hours(policy: Document, resolved: Document, said: Document) -> dict[str, Any]:
    """Return a policy file that says this; what it inherits and is the same stays inherited.

    :param resolved: the same file with everything that it inherits
    """
    changed = dict(policy)
    for section, keys in TEXTS.items():
        before = _section(resolved, section)
        kept = {key: value for key, value in before.items() if key not in keys}
        told = {key: value for key, value in said[section].items() if value}
        if dict(before) != kept | told:
            changed[section] = kept | told
    if resolved["opening_hours"] != said["opening_hours"]:
        changed["opening_hours"] = said["opening_hours"]
        if "assumed" in changed:
            changed["assumed"] = [path for path in changed["assumed"] if path != "opening_hours"]
    return changed


def with_days(calendar: Document, said: Document, *, today: str) -> dict[str, Any]:
    """Return a calendar whose days from *today* on are as said; what is over stays."""
    changed = dict(calendar)
    for name in DAYS:
        told = [{key: value for key, value in row.items() if value is not None} for row in said[name]]
        kept = over(calendar, name, told, today=today)
        if [*kept, *told] != list(calendar.get(name) or ()):
            changed[name] = [*kept, *told]
    return changed


def over(
    calendar: Document, name: str, told: Sequence[Document] = (), *, today: str
) -> list[Mapping[str, Any]]:
    """Return what of a calendar's list is over and stays before what is *told*."""
    coming = _coming(calendar, name, today)
    return [row for row in calendar.get(name) or () if row not in coming and row not in told]


def said_in(said: Document, language: str) -> dict[str, Any]:
    """Return the same in one language."""
    spoken: dict[str, Any] = _each(said, lambda words: words[language])
    return spoken


def _each(value: Any, say: Callable[[Words], str]) -> Any:
    match value:
        case {"zh": _, "en": _}:
            return say(value)
        case dict():
            return {key: _each(inner, say) for key, inner in value.items()}
        case list():
            return [_each(inner, say) for inner in value]
        case _:
            return value


def _section(policy: Document, name: str) -> Mapping[str, Any]:
    found = policy.get(name)
    return found if isinstance(found, Mapping) else {}


def _read(value: object, key: str, *, many: bool) -> Any:
    """Return a value of a section, whatever stands there: it is free, and nobody has checked it."""
    rows = value if isinstance(value, list) else [value]
    read = [text for row in rows if (text := _plain(row) if key in _PLAIN else _words(row))]
    return read if many else next(iter(read), None)


def _plain(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _words(value: object) -> Words | None:
    """Return a text in each language; one that has none stands for both."""
    if isinstance(value, str) and value:
        return dict.fromkeys(TAGS, value)
    if isinstance(value, Mapping) and all(isinstance(value.get(tag), str) for tag in TAGS):
        return {tag: value[tag] for tag in TAGS}
    return None


def _coming(calendar: Document, name: str, today: str) -> list[Mapping[str, Any]]:
    return [row for row in calendar.get(name) or () if row[DAYS[name]] >= today]


def _dated(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "label": _words(row.get("label"))}
