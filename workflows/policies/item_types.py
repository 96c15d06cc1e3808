"""What kind of thing a copy is: by its library's words for kinds, by the usual ones, or as the work."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter

from workflows.citation import Citation, Hit, Holding
from workflows.policies.conditions import Item

RESTRICTED, NEW = "restricted_label", "new_book"
#: folded signs, and what they mean: catalogues say the same of most copies
_KEPT = 8_192
#: what a sign may mean beside an item type: it says nothing of the type
FLAGS = (RESTRICTED, NEW)


class Sign(StrEnum):
    """By what a catalogue tells kinds of copies apart, the most telling first."""

    ITEM_TYPE = "item_type"
    #: what is stuck on the copy, or noted of it for readers
    LABEL = "label"
    CALL_NUMBER = "call_number"
    #: where it stands: a shelf, a room, a collection
    PLACE = "place"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """A library's words for kinds of copies: from a text to an item type, or to a flag."""

    #: the whole code
    item_types: Mapping[str, str] = field(default_factory=dict)
    #: a part of the text
    labels: Mapping[str, str] = field(default_factory=dict)
    #: the beginning, the longest first
    call_numbers: Mapping[str, str] = field(default_factory=dict)
    #: the whole name or code of a shelf, a room or a collection
    places: Mapping[str, str] = field(default_factory=dict)
    #: from the catalogue's code of a collection to what the library's policy calls it
    collections: Mapping[str, str] = field(default_factory=dict)


#: the words of a library that has said nothing of them
USUAL = Kinds()

_EVERYWHERE, _CODED = frozenset(Sign), frozenset({Sign.ITEM_TYPE, Sign.CALL_NUMBER})
_TOLD = _EVERYWHERE - {Sign.CALL_NUMBER}
#: words that mean the same in most catalogues, each with where it does. A note that a book comes with a
#: disc makes no disc of it; a reading room may lend.
_WORDS: tuple[tuple[re.Pattern[str], frozenset[Sign], str], ...] = tuple(
    (re.compile(pattern), signs, meaning)
    for pattern, signs, meaning in (
        (r"不外借|禁止外借|禁外借|禁借|not for loan|does not circulate|non-?circulating", _TOLD, RESTRICTED),
        (r"^(新书|new books?)\b", _TOLD, NEW),
        (r"\bthes[ei]s\b|(学位|硕士|博士)论文", _EVERYWHERE, "thesis"),
        (r"\bdissertations?\b", _EVERYWHERE, "dissertation"),
        (r"善本|线装|古籍|\brare books?\b", _EVERYWHERE, "rare_book"),
        (r"\bnewspapers?\b|报纸", _TOLD, "newspaper"),
        (r"现刊|\bcurrent (periodical|journal|issue)s?\b", _TOLD, "current_periodical"),
        (r"过刊|合订本|\bbound (periodical|journal|volume)s?\b", _TOLD, "bound_periodical"),
        (r"地方文献|\blocal (history|literature)\b", _TOLD, "local_literature"),
        (r"特色文献", _TOLD, "feature_literature"),
        (r"标准文献|^standards?$", _CODED | {Sign.PLACE}, "standard"),
        (r"^(dvds?|blu-?ray)\b", _CODED, "dvd"),
        (r"^(vhs|videos?|videocassettes?)\b", _CODED, "video"),
        (r"^(cds?|cd-roms?)$", frozenset({Sign.ITEM_TYPE}), "cd"),
        (r"^ref\b|\breference\b|参考书|工具书", _EVERYWHERE, "reference"),
        (r"(仅供|只供|馆内|室内)阅览|\b(library|in-library|reading room) use only\b", _TOLD, "reference"),
    )
)


#: where a library's words for a sign stand, and when one of them is meant by what a catalogue says
_OWN: Mapping[Sign, tuple[Callable[[Kinds], Mapping[str, str]], Callable[[str, str], bool]]] = {
    Sign.ITEM_TYPE: (attrgetter("item_types"), str.__eq__),
    Sign.LABEL: (attrgetter("labels"), str.__contains__),
    Sign.CALL_NUMBER: (attrgetter("call_numbers"), str.startswith),
    Sign.PLACE: (attrgetter("places"), str.__eq__),
}


def sorted_hit(hit: Hit, kinds: Mapping[str, Kinds]) -> Hit:
    """Return the record with the kind of each copy, by the words of the library whose copy it is."""
    work = hit.citation.item_type
    copies = (sorted_copy(copy, work, kinds.get(copy.library, USUAL)) for copy in hit.holdings)
    return replace(hit, holdings=tuple(copies))


def sorted_copy(copy: Holding, work: str, kinds: Kinds) -> Holding:
    """Return the copy with its kind, which is the work's where nothing is said of the copy alone."""
    meanings = tuple(_meanings(copy, kinds))
    return replace(
        copy,
        item_type=next((one for one in meanings if one not in FLAGS), copy.item_type or work),
        restricted_label=copy.restricted_label or RESTRICTED in meanings,
        new_book=copy.new_book or NEW in meanings,
        collection=_folded_keys(kinds.collections).get(_folded(copy.collection), copy.collection),
        signs=(),
    )


def item_of(citation: Citation, copy: Holding | None) -> Item:
    """Return the copy as a policy looks at it; of a copy that nobody knows, the work."""
    if copy is None:
        return Item(type=citation.item_type, language=citation.language)
    return Item(
        type=copy.item_type or citation.item_type,
        language=citation.language,
        collection=copy.collection,
        new_book=copy.new_book,
        restricted_label=copy.restricted_label,
    )


def _meanings(copy: Holding, kinds: Kinds) -> Iterator[str]:
    """Yield what the signs of a copy mean: the library's own words come first."""
    said = tuple(_said(copy))
    for sign, text in said:
        yield from _own(sign, text, kinds)
    for sign, text in said:
        yield from _usual(sign, text)


def _said(copy: Holding) -> Iterable[tuple[Sign, str]]:
    """Return the signs of a copy, the most telling first, folded so that width and case do not count."""
    signs = [(Sign(name), text) for name, text in copy.signs if name in _EVERYWHERE]
    if copy.call_number:
        signs.append((Sign.CALL_NUMBER, copy.call_number))
    if copy.collection != Holding.__dataclass_fields__["collection"].default:
        signs.append((Sign.PLACE, copy.collection))
    order = tuple(Sign)
    return sorted(((sign, _folded(text)) for sign, text in signs), key=lambda one: order.index(one[0]))


@lru_cache(maxsize=_KEPT)
def _usual(sign: Sign, text: str) -> tuple[str, ...]:
    return tuple(meaning for word, signs, meaning in _WORDS if sign in signs and _finds(word, sign, text))


def _own(sign: Sign, text: str, kinds: Kinds) -> Iterator[str]:
    words, fits = _OWN[sign]
    if not words(kinds):
        return
    # the space after "T " tells it from the class TP
    keeps_end = sign is Sign.CALL_NUMBER
    folded = {
        _folded(word) + (" " if keeps_end and word[-1:].isspace() else ""): meaning
        for word, meaning in words(kinds).items()
    }
    yield from (
        folded[word] for word in sorted(folded, key=len, reverse=True) if word.strip() and fits(text, word)
    )


def _finds(word: re.Pattern[str], sign: Sign, text: str) -> bool:
    # in the midst of a call number any letters may stand
    return (word.match(text) if sign is Sign.CALL_NUMBER else word.search(text)) is not None


def _folded_keys(words: Mapping[str, str]) -> dict[str, str]:
    return {_folded(word): meaning for word, meaning in words.items()}


@lru_cache(maxsize=_KEPT)
def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
