"""Says a sentence in a language; the catalogues are read at first use, so that no build step lies between."""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations
from importlib.resources import files
from io import BytesIO
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
    return unfilled(message, language).format_map(facts or {})


def unfilled(message: str, language: str) -> str:
    """Return the sentence called *message* as it stands in the catalogue.

    :raises KeyError: if there is no such sentence
    """
    return _known(message, _translations(language).gettext(message))


def say_count(message: str, language: str, count: int) -> str:
    """Return the sentence called *message* in the form that the language counts *count* with.

    :raises KeyError: if there is no such sentence
    """
    return _known(message, _translations(language).ngettext(message, message, count)).format(count=count)


def knows(message: str) -> bool:
    """Tell whether there is such a sentence."""
    return _translations(DEFAULT).gettext(message) != message


def language_of(wanted: Iterable[str], otherwise: str = DEFAULT) -> str:
    """Return the first of the *wanted* language tags that is spoken here, whatever its region or script.

    ``zh-TW``, ``zh-Hans`` and ``zh_CN`` are Chinese, ``en-GB`` is English (RFC 4647, by primary tag).
    """
    primary = (tag.replace("_", "-").partition("-")[0].lower() for tag in wanted)
    return next((tag for tag in primary if tag in LANGUAGES), otherwise)


def _known(message: str, found: str) -> str:
    # what gettext does not know it returns as it is
    if found == message:
        raise KeyError(message)
    return found


@cache
def _translations(language: str) -> GNUTranslations:
    # Babel costs a quarter of what the command line may take to start.
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - see above
    from babel.messages.pofile import read_po  # noqa: PLC0415 - see above

    path, compiled = files("ill_broker.texts").joinpath("catalogues", f"{language}.po"), BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return GNUTranslations(compiled)
