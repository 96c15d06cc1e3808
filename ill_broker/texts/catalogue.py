"""Says a sentence in a language; the catalogues are read at first use, so that no build step lies between."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: the languages of the catalogues, the default first
LANGUAGES = ("zh", "en")
DEFAULT = LANGUAGES[0]


def say(message: str, language: str, facts: Mapping[str, object] | None = None) -> str:
    """Return the sentence called *message*, with its facts.

    :raises KeyError: if there is no such sentence, or a fact is missing
    """
    return sentences(language)[message].format_map(facts or {})


def knows(message: str) -> bool:
    """Tell whether there is such a sentence."""
    return message in sentences(DEFAULT)


def language_of(wanted: Iterable[str], otherwise: str = DEFAULT) -> str:
    """Return the first of the *wanted* language tags that is spoken here, whatever its region or script.

    ``zh-TW``, ``zh-Hans`` and ``zh_CN`` are Chinese, ``en-GB`` is English (RFC 4647, by primary tag).
    """
    primary = (tag.replace("_", "-").partition("-")[0].lower() for tag in wanted)
    return next((tag for tag in primary if tag in LANGUAGES), otherwise)


@cache
def sentences(language: str) -> dict[str, str]:
    """Return every sentence of a language by its name."""
    # Babel costs a quarter of what the command line may take to start.
    from babel.messages.pofile import read_po  # noqa: PLC0415

    path = files("ill_broker.texts").joinpath("catalogues", f"{language}.po")
    with path.open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file) if one.id}
