"""The changes of a policy file in words, for the people who read and those who lend."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from workflows.languages import Language
from workflows.policies.document import PERIOD_UNITS, minor
from workflows.policy_diff.diff import Change, Path
from workflows.policy_diff.field_texts import FIELDS, NOTHING, Both, Field
from workflows.policy_diff.vocabulary import ONE, SENTENCES, TERMS, WORDS

_TERM = re.compile(r"[a-z_]+")
#: what a field is called that nobody has named
UNNAMED = Field(NOTHING)


def difference_words(changes: Sequence[Change], language: Language) -> Iterator[str]:
    """Yield one line for each change, and a last one for what it means for loans that have begun."""
    other_money = any(change.path == ("currency",) for change in changes)
    for change in changes:
        yield _line(change, language, other_money=other_money)
    yield _word("begun" if changes else "no_change", language)


def _line(change: Change, language: Language, *, other_money: bool) -> str:
    field, names, rest = _field(change.path)
    called = _said(field.label, language).format(*(_translated(name, language) for name in names))
    label = " ".join(filter(None, (called, *(_translated(name, language) for name in rest))))
    sentence = _said(SENTENCES[change.kind], language).format(
        label=label, old=spoken(change.old, language), new=spoken(change.new, language)
    )
    meaning = NOTHING
    if change.kind not in ("stated", "unstated") and not (other_money and minor(change.new) is not None):
        meaning = _meaning(field, change)
    between = " " if language == "en" else ""
    return between.join(filter(None, (sentence, _said(meaning, language))))


def _field(path: Path) -> tuple[Field, list[str], Path]:
    """Return the nearest named field with the names in its path, and what of the path is left."""
    for length in range(len(path), 0, -1):
        for pattern, field in FIELDS.items():
            names = _fitting(pattern.split("."), path[:length])
            if names is not None:
                return field, names, path[length:]
    return UNNAMED, [], path


def _fitting(pattern: list[str], path: Path) -> list[str] | None:
    if len(pattern) != len(path) or any(
        part not in ("*", name) for part, name in zip(pattern, path, strict=True)
    ):
        return None
    return [name for part, name in zip(pattern, path, strict=True) if part == "*"]


def _meaning(field: Field, change: Change) -> Both:
    if isinstance(change.new, str | int) and change.new in field.values:
        return field.values[change.new]
    direction = _direction(change, unlimited=field.unlimited)
    found = {1: field.up, -1: field.down}.get(direction, NOTHING)
    return field.other if found == NOTHING else found


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


def spoken(value: object, language: Language) -> str:
    """Return a value of a policy file as it is said."""
    match value:
        case None:
            return _word("none", language)
        case bool():
            return _word("true" if value else "false", language)
        case dict():
            return _section(value, language)
        case list():
            return _and(language).join(spoken(row, language) for row in value) or _word("nothing", language)
        case str() if _TERM.fullmatch(value):
            return _translated(value, language)
        case _:
            return str(value)


def _section(section: Mapping[str, object], language: Language) -> str:
    if not section:
        return _word("nothing", language)
    ((key, value), *others) = section.items()
    if not others and key in PERIOD_UNITS and isinstance(value, int):
        return ONE[key] if language == "en" and value == 1 else _word(key, language).format(value)
    return ("; " if language == "en" else "；").join(
        f"{_translated(key, language)} {_part(key, value, language)}" for key, value in section.items()
    )


def _part(key: str, value: object, language: Language) -> str:
    # a rule without a condition fits everything
    return _word("everything", language) if key == "when" and not value else spoken(value, language)


def _translated(text: str, language: Language) -> str:
    """Return names of rows and single values with the words of the files in the reader's language."""
    return _TERM.sub(lambda found: _said(TERMS.get(found[0], (found[0], found[0])), language), text)


def _and(language: Language) -> str:
    return ", " if language == "en" else "、"


def _word(name: str, language: Language) -> str:
    return _said(WORDS[name], language)


def _said(both: Both, language: Language) -> str:
    return both[language == "zh"]
