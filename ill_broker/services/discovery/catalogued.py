"""What a reader types, as records of the union catalogue write it: members are asked for that, too."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from connectors.writings import words, writings
from ill_broker.services.discovery.pinyin import LONGEST, read_as, runs, ways
from workflows.citation import Hit, Query
from workflows.discovery.relevance import SUBTITLE, relevance
from workflows.writing import fold, is_together, pieces

#: so many other ways to write a query are asked of each member, from so many records at most
MOST_OTHERS, _LOOKED_AT = 3, 30
_WORD = re.compile(r"[^\s\-‐–—:;,./()\[\]\"=]+")


def with_others(query: Query, hits: Iterable[Hit]) -> Query:
    """Return the query with other ways to write it that stand in records: by sound, parted, or romanised.

    A query for more than words is left as it is.
    """
    typed = tuple(text for text in (query.text, query.title, query.author) if text)
    if query != _asking(query.text, query.title, query.author) or any('"' in text for text in typed):
        return query
    known = {_plain(form) for text in typed for form in writings(text)}
    found: dict[Query, None] = {}
    for hit in list(hits)[:_LOOKED_AT]:
        for other in _others(query, hit):
            told = (text for text in (other.text, other.title, other.author) if text)
            if not known.issuperset(map(_plain, told)):
                found[other] = None
        if len(found) >= MOST_OTHERS:
            break
    return replace(query, also=tuple(found)[:MOST_OTHERS])


def _asking(text: str | None, title: str | None, author: str | None) -> Query:
    return Query(text=text or None, title=title or None, author=author or None)


def _plain(text: str) -> str:
    return " ".join(words(text)).casefold()


def _others(query: Query, hit: Hit) -> Iterator[Query]:
    titles = (hit.citation.title, *hit.details.titles)
    people = tuple(name for name in (hit.citation.author, *hit.details.contributors) if name)
    for by_sound in (True, False):
        text = _found(query.text, (*titles, *people), by_sound=by_sound)
        title = _found(query.title, titles, by_sound=by_sound)
        author = _found(query.author, people, by_sound=by_sound)
        if None not in (text, title, author):
            yield _asking(text, title, author)
            return
    level, _ = relevance(query, hit.citation, hit.details)
    if query.text and not query.author and not level:
        # Found as nobody would find it who goes by the letters: the title is what was meant, or nothing is.
        yield Query(text=SUBTITLE.split(hit.citation.title)[0])


def _found(typed: str | None, names: Sequence[str], *, by_sound: bool) -> str | None:
    """Return what of the names was typed, as they write it; None if something was not found."""
    told: list[str] = []
    for run in runs(pieces(typed or "")):
        if is_together(run[0]):
            spans = _written(run[0], names)
        else:
            spans = (by_sound and _spoken(run, names)) or _words(run, names)
        if not spans:
            return None
        # Syllables typed apart may be characters side by side.
        is_sound = by_sound and not is_together(run[0])
        if is_sound and told and _span(fold(told[-1] + spans[0]), names):
            told[-1] += spans.pop(0)
        told += spans
    return _as_it_stands(told, names) or " ".join(told)


def _as_it_stands(told: Sequence[str], names: Sequence[str]) -> str | None:
    """Return words side by side in a name with the marks between: 1926.9-1987.10 is one word to some."""
    if all(map(is_together, told)):
        return None
    side_by_side = re.compile(r"[\W_]*".join(map(re.escape, told)))
    return next((found[0] for name in names if (found := side_by_side.search(name))), None)


def _written(run: str, names: Sequence[str]) -> list[str]:
    """Return a run of characters as it is in one name, or in two that were typed without a space."""
    for cut in range(len(run), 0 if len(run) <= LONGEST else len(run) - 1, -1):
        parts = [_span(part, names) for part in (run[:cut], run[cut:]) if part]
        if all(parts):
            return [part for part in parts if part]
    return []


def _span(run: str, names: Sequence[str]) -> str | None:
    for name in names:
        letters = _characters(name)
        at = "".join(folded for _, folded in letters).find(run)
        if at >= 0:
            return "".join(letter for letter, _ in letters[at : at + len(run)])
    return None


def _spoken(run: list[str], names: Sequence[str]) -> list[str]:
    """Return the characters of a name that sound as was typed."""
    for way in ways(run):
        for name in names:
            letters = _characters(name)
            read = [read_as(folded) for _, folded in letters]
            for at in range(len(letters) - len(way) + 1):
                if all(sound in read[at + place] for place, sound in enumerate(way)):
                    return ["".join(letter for letter, _ in letters[at : at + len(way)])]
    return []


def _words(run: list[str], names: Sequence[str]) -> list[str]:
    known = {fold(word): word for name in names for word in _WORD.findall(name)}
    told = [known.get(word, "") for word in run]
    return told if all(told) else []


@lru_cache(maxsize=1_024)
def _characters(name: str) -> tuple[tuple[str, str], ...]:
    """Return the characters of a name that are written without spaces, each with what it is folded to."""
    every = ((letter, fold(letter)) for letter in name)
    return tuple((letter, folded) for letter, folded in every if len(folded) == 1 and is_together(folded))
