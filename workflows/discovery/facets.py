"""Facets: how many works are of each library, language, year and so on, and which fit a choice of them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from workflows.discovery.editions import book_of
from workflows.discovery.works import Work


class Facet(StrEnum):
    """By what works can be told apart."""

    LIBRARY = "library"
    #: whether a copy is said to be in
    AVAILABLE = "available"
    LANGUAGE = "language"
    YEAR = "year"
    KIND = "kind"
    AUTHOR = "author"
    SUBJECT = "subject"


#: values of facets; a work fits that has any of a facet's, for each facet
Choice = Mapping[Facet, frozenset[str]]
#: more values of a facet than this are not told
MOST_VALUES = 50


@dataclass(frozen=True, slots=True)
class Count:
    """A value of a facet and how many works have it."""

    value: str
    works: int


def values(work: Work, facet: Facet) -> frozenset[str]:
    """Return what a work has of a facet."""
    citation = work.citation
    match facet:
        case Facet.LIBRARY:
            return frozenset(work.libraries)
        case Facet.AVAILABLE:
            return frozenset({"yes" if work.available else "no"})
        case Facet.LANGUAGE:
            return frozenset({citation.language})
        case Facet.YEAR:
            return frozenset(() if citation.year is None else {str(citation.year)})
        case Facet.KIND:
            return frozenset({copy.item_type or citation.item_type for copy in work.holdings})
        case Facet.AUTHOR:
            main = () if citation.author is None else (citation.author,)
            return frozenset((*main, *work.details.contributors))
    return frozenset(work.details.subjects)


def fits(work: Work, choice: Choice) -> bool:
    """Tell whether a work has one of the chosen values of each facet."""
    return all(not wanted.isdisjoint(values(work, facet)) for facet, wanted in choice.items())


def counted(works: Iterable[Work], choice: Choice) -> dict[Facet, tuple[Count, ...]]:
    """Return how many works have each value, the most frequent first; editions of one book are one.

    A facet counts the works that fit what is chosen of the others: as many as choosing the value would show.
    """
    tallies: dict[Facet, Counter[str]] = {facet: Counter() for facet in Facet}
    known: dict[tuple[Facet, str], set[str]] = {}
    for work in works:
        book = book_of(work)
        has = {facet: values(work, facet) for facet in Facet}
        missed = [facet for facet, wanted in choice.items() if wanted.isdisjoint(has[facet])]
        for facet in Facet if not missed else missed if len(missed) == 1 else ():
            books = known.setdefault((facet, book), set())
            tallies[facet].update(has[facet] - books)
            books |= has[facet]
    return {facet: _first(tally) for facet, tally in tallies.items()}


def _first(tally: Counter[str]) -> tuple[Count, ...]:
    ranked = sorted(tally.items(), key=lambda counted: (-counted[1], counted[0]))
    return tuple(Count(value, works) for value, works in ranked[:MOST_VALUES])
