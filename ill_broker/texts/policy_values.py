"""What stands in policy files, as people say it: values, names of rows, lengths of time."""

import re
from collections.abc import Iterable, Mapping
from functools import reduce

from ill_broker.texts.catalogue import knows, say, say_count
from workflows.policies.document import PERIOD_UNITS

_TERM = re.compile(r"[a-z_]+")


def spoken(value: object, language: str) -> str:
    """Return a value of a policy file as it is said."""
    match value:
        case None:
            return say("value.unstated", language)
        case bool():
            return translated("true" if value else "false", language)
        case dict():
            return _section(value, language)
        case list():
            return joined("value.several", (spoken(row, language) for row in value), language)
        case str() if _TERM.fullmatch(value):
            return translated(value, language)
        case _:
            return str(value)


def translated(text: str, language: str) -> str:
    """Return names of rows and single values with the words of the files in the reader's language."""
    return _TERM.sub(lambda found: _term(found[0], language), text)


def joined(how: str, parts: Iterable[str], language: str) -> str:
    """Return the parts of a list in one sentence, as *how* joins two of them."""
    several = list(parts)
    if not several:
        return say("value.empty", language)
    return reduce(lambda first, second: say(how, language, {"first": first, "second": second}), several)


def _section(section: Mapping[str, object], language: str) -> str:
    if len(section) == 1:
        ((key, value),) = section.items()
        if key in PERIOD_UNITS and isinstance(value, int):
            return say_count(f"count.{key}", language, value)
    parts = (f"{translated(key, language)} {_part(key, value, language)}" for key, value in section.items())
    return joined("value.parts", parts, language)


def _part(key: str, value: object, language: str) -> str:
    # a rule without a condition fits everything
    return translated("everything", language) if key == "when" and not value else spoken(value, language)


def _term(word: str, language: str) -> str:
    return say(f"term.{word}", language) if knows(f"term.{word}") else word
