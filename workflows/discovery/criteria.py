"""Criteria: what a query asks of records, how much of it a catalogue can be asked, and which records fit."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from typing import Any

from workflows.citation import Citation, Details, Hit, Query
from workflows.discovery.words import has_phrase, has_words, words, words_of

#: so many phrases of a text are asked for as such: each is several words for a catalogue that knows none
MOST_PHRASES = 4
_QUOTED = re.compile(r'"([^"]*)"|“([^”]*)”')


class Index(StrEnum):
    """Where a catalogue can be asked to look."""

    TEXT = "text"
    TITLE = "title"
    AUTHOR = "author"
    SUBJECT = "subject"
    PUBLISHER = "publisher"
    ISBN = "isbn"
    ISSN = "issn"
    YEAR = "year"


#: these take words
WORDED = (Index.TEXT, Index.TITLE, Index.AUTHOR, Index.SUBJECT, Index.PUBLISHER)
NOTHING = Query()


@dataclass(frozen=True, slots=True)
class Abilities:
    """What one catalogue can be asked."""

    indexes: frozenset[Index]
    #: words side by side
    phrases: bool = False
    #: records without something
    exclusions: bool = True
    #: whether what it finds by text may stand anywhere in a record
    anywhere: bool = True


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that is asked for: words in any order, a phrase, a number, or years as they are written."""

    index: Index
    value: str
    is_phrase: bool = False


@dataclass(frozen=True, slots=True)
class All:
    parts: "tuple[Tree, ...]"


@dataclass(frozen=True, slots=True)
class Either:
    parts: "tuple[Tree, ...]"


@dataclass(frozen=True, slots=True)
class Without:
    wanted: "Tree"
    unwanted: "tuple[Tree, ...]"


Tree = Criterion | All | Either | Without


def asked(query: Query, able: Abilities) -> tuple[Tree | None, Query]:
    """Return what to ask a catalogue, and what of the query is left to look for in its answer.

    It is never asked for less than fits: what it cannot be asked for by name it is asked for anywhere, and
    what it cannot be asked for at all is left out. None where nothing can be asked.
    """
    if query.also:
        first, *others = (asked(one, able) for one in (replace(query, also=()), *query.also))
        trees = tuple(tree for tree, _ in (first, *others) if tree)
        return (_one(trees, Either) if trees else None), first[1]
    wanted, rest = _asked_flat(query, able)
    if query.any_of:
        each = [_asked_flat(one, able) for one in query.any_of]
        if all(parts for parts, _ in each):
            wanted.append(_one(tuple(_all(parts) for parts, _ in each), Either))
        if any(left != NOTHING for _, left in each):
            rest = replace(rest, any_of=query.any_of)
    unwanted: list[Tree] = []
    for one in query.none_of:
        parts, left = _asked_flat(one, able)
        if able.exclusions and parts and left == NOTHING:
            unwanted.append(_all(parts))
        else:
            rest = replace(rest, none_of=(*rest.none_of, one))
    if not wanted:
        return None, query
    return (Without(_all(wanted), tuple(unwanted)) if unwanted else _all(wanted)), rest


def _asked_flat(query: Query, able: Abilities) -> tuple[list[Tree], Query]:
    parts: list[Tree] = []
    left: dict[str, Any] = {}
    for index in WORDED:
        text = getattr(query, index) or ""
        for part, is_phrase in _parts(text):
            is_named, is_whole = index in able.indexes, able.phrases or not is_phrase
            if is_named or able.anywhere:
                parts.append(Criterion(index if is_named else Index.TEXT, part, is_phrase and able.phrases))
            if not (is_named and is_whole):
                left[index] = text
    if query.isbn and query.isbn.strip():
        parts.append(Criterion(Index.ISBN, query.isbn))
    if query.issn:
        is_named = Index.ISSN in able.indexes
        if is_named or able.anywhere:
            parts.append(Criterion(Index.ISSN if is_named else Index.TEXT, query.issn))
        left |= {} if is_named else {"issn": query.issn}
    if query.year and Index.YEAR in able.indexes:
        parts.append(Criterion(Index.YEAR, query.year))
    elif query.year:
        left["year"] = query.year
    return parts, replace(NOTHING, **left)


def _all(parts: Sequence[Tree]) -> Tree:
    return _one(tuple(parts), All)


def _one(parts: tuple[Tree, ...], kind: type[All | Either]) -> Tree:
    return parts[0] if len(parts) == 1 else kind(parts)


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Return the phrases of a text, and what stands around them; more phrases than a few are words."""
    for quoted in islice(_QUOTED.finditer(text), MOST_PHRASES):
        if words(phrase := quoted[1] or quoted[2] or ""):
            yield phrase, True
    rest = _QUOTED.sub(" ", text, count=MOST_PHRASES).replace('"', " ")
    if (around := " ".join(rest.split())) and words(around):
        yield around, False


def is_quoted(query: Query) -> bool:
    """Say whether the query asks for words side by side, whatever else it asks for."""
    flat = any(is_phrase for index in WORDED for _, is_phrase in _parts(getattr(query, index) or ""))
    return flat or any(map(is_quoted, (*query.any_of, *query.none_of)))


def years(text: str) -> tuple[int | None, int | None]:
    """Return the first and the last of the years that are meant, as far as they are told."""
    first, dash, last = text.partition("-")
    since = int(first) if first else None
    return since, (int(last) if last else None) if dash else since


def fitting(hits: Iterable[Hit], query: Query) -> tuple[Hit, ...]:
    """Return those of the hits that fit, as far as their records tell."""
    return tuple(hit for hit in hits if fits(query, hit.citation, hit.details))


def fits(query: Query, work: Citation, details: Details) -> bool:
    """Say whether a record has all that is asked for."""
    return (
        all(_has(getattr(query, index) or "", _texts(index, work, details)) for index in WORDED)
        and (query.isbn is None or query.isbn == work.isbn)
        and (query.issn is None or query.issn == work.issn)
        and (query.year is None or _is_of(query.year, work.year))
        and (not query.any_of or any(fits(one, work, details) for one in query.any_of))
        and not any(fits(one, work, details) for one in query.none_of)
    )


def _is_of(text: str, year: int | None) -> bool:
    first, last = years(text)
    return year is not None and (first or year) <= year <= (last or year)


def _has(text: str, there: Sequence[str | None]) -> bool:
    return all(
        any(has_phrase(words(each), words(part)) for each in there if each)
        if is_phrase
        else has_words(words_of(there), words(part))
        for part, is_phrase in _parts(text)
    )


def _texts(index: Index, work: Citation, details: Details) -> tuple[str | None, ...]:
    match index:
        case Index.TITLE:
            return work.title, *details.titles
        case Index.AUTHOR:
            return work.author, *details.contributors
        case Index.SUBJECT:
            return details.subjects
        case Index.PUBLISHER:
            return work.publisher, *details.publishers
        case _:
            named = (text for one in WORDED[1:] for text in _texts(one, work, details))
            numbers = (work.isbn, work.issn, str(work.year or ""))
            return (*named, *numbers, work.edition, work.volume, *details.series, *details.contents)
