"""Did you mean: titles of the union catalogue that are almost what was typed, where nothing was found."""

from collections.abc import Iterable, Iterator
from itertools import islice

from pypinyin import lazy_pinyin
from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import partial_ratio_alignment

from ill_broker.services.discovery.catalogue_terms import ends_of, pairs
from ill_broker.services.discovery.pinyin import SOUND, spoken, syllables
from workflows.citation import Hit, Query
from workflows.discovery.relevance import SUBTITLE
from workflows.writing import is_together, pieces

#: terms that must all be there
Way = tuple[str, ...]

#: titles that are proposed, and ways in which they are looked for
MOST_TITLES, MOST_WAYS = 5, 16
#: shorter than that, everything is like everything
_SHORTEST_RUN, _FEWEST_SYLLABLES = 3, 3
#: what is typed beyond that is not compared
_LONGEST = 60
#: so many letters may be off in a long text, and in a short one; a character counts for two letters
_FAR, _NEAR, _LONG = 2, 1, 6


def ways(query: Query) -> tuple[Way, ...]:
    """Return what to look for where one word, character or syllable is not as it should be."""
    words = pieces(query.title or query.text or "")
    found = (
        (*_written(words[:at]), *way, *_written(words[at + 1 :]))
        for at, word in enumerate(words)
        for way in (*_ways(word), *([()] if len(words) > 1 else ()))
    )
    return tuple(islice(dict.fromkeys(found), MOST_WAYS))


def near(query: Query, hits: Iterable[Hit]) -> tuple[str, ...]:
    """Return the titles that are almost what was typed, the nearest first."""
    typed = "".join(pieces(query.title or query.text or ""))[:_LONGEST]
    told: dict[str, tuple[int, str]] = {}
    for hit in hits:
        title = SUBTITLE.split(hit.citation.title)[0]
        off = min(_off(typed, text) for text in _texts(hit, title))
        folded = "".join(pieces(title))
        if folded != typed and off <= _most_off(typed):
            told[folded] = min(told.get(folded, (off, title)), (off, title))
    ranked = sorted((off, folded, title) for folded, (off, title) in told.items())
    return tuple(title for _, _, title in ranked[:MOST_TITLES])


def _written(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        yield from (pairs(word) if is_together(word) and len(word) > 1 else (word,))


def _ways(word: str) -> Iterator[Way]:
    if not is_together(word):
        yield from ((end,) for end in ends_of(word))
        for told in syllables(word)[:1]:
            yield from _without_one(told, SOUND) if len(told) >= _FEWEST_SYLLABLES else ()
        return
    if len(word) > 1:
        yield tuple(spoken(tuple(lazy_pinyin(word, errors="ignore", v_to_u=True))))
    if len(word) >= _SHORTEST_RUN:
        yield from _without_one(tuple(word), "")


def _without_one(parts: tuple[str, ...], mark: str) -> Iterator[Way]:
    """Return each time all parts but one, and what stands side by side away from it."""
    for gone in range(len(parts)):
        rest = [mark + part for at, part in enumerate(parts) if at != gone]
        runs = (parts[:gone], parts[gone + 2 :])
        beside = spoken if mark else (lambda run: list(pairs("".join(run))))
        yield tuple(dict.fromkeys([*rest, *(term for run in runs if len(run) > 1 for term in beside(run))]))


def _texts(hit: Hit, title: str) -> Iterator[str]:
    """Return what of a record is compared: its titles, with its author on either side, and by sound."""
    author = "".join(pieces(hit.citation.author or ""))
    for text in (title, hit.citation.title, *hit.details.titles):
        whole = "".join(pieces(text))
        yield whole
        yield whole + author
        yield author + whole
        if not whole.isascii():
            yield "".join(lazy_pinyin(whole, errors="ignore", v_to_u=True))


def _off(typed: str, text: str) -> int:
    """Return how many letters are between what was typed and the likest part of a text."""
    if len(text) > len(typed) + _FAR:
        found = partial_ratio_alignment(typed, text)
        text = text[found.dest_start : found.dest_end] if found else text
    return OSA.distance(typed, text) * (_FAR if any(map(is_together, text)) else 1)


def _most_off(typed: str) -> int:
    return _FAR if len(typed) >= _LONG or is_together(typed) else _NEAR
