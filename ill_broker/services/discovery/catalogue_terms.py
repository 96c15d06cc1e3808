"""Under which terms a record of the union catalogue is found.

Both databases index the same words of our own making, folded: characters that are written without spaces by
pairs of neighbours (there is no dictionary to disagree about) and by sound; all other writing by words.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain, groupby, pairwise

from ill_broker.services.discovery.pinyin import BETWEEN, LONGEST, sounds
from workflows.citation import NO_DETAILS, Citation, Details
from workflows.writing import is_together, pieces

#: these marks never stand in a word: what follows is a whole title, or part of an author's name,
TITLE, AUTHOR = "=", "@"
#: of a title, a subject, a publisher, or a year, its decade, its century; SQLite's index takes no other ASCII
TITLE_WORD, SUBJECT, PUBLISHER, YEAR = "¬", "§", "¶", "¤"
#: how a long word of a title begins and ends: by either it is found that was typed with a wrong letter
_BEGINNING, _ENDING = "‹", "›"
_END, _LONG_WORD = 4, 5
#: terms of one record beyond these are left out
MOST_TERMS = 800
#: so many titles of one record count, and so many authors
_MOST_NAMES = 12
#: by which rules terms and works' numbers are made; with one more, all that is stored is made anew
EDITION = 4

_SUBTITLE = re.compile(r"\s*[:：=/;]")


def terms_of(citation: Citation, details: Details = NO_DETAILS) -> tuple[str, ...]:
    """Return the terms of a record, each once."""
    whole = (citation.title, *details.titles)[:_MOST_NAMES]
    titles = list(dict.fromkeys(short for title in whole for short in _titles(title)))
    people = [name for name in (citation.author, *details.contributors)[:_MOST_NAMES] if name]
    by_author = [term for name in people for term in _words(name)]
    subjects = [term for text in details.subjects for term in _written(text)]
    publishers = [term for text in (citation.publisher or "", *details.publishers) for term in _written(text)]
    found = chain(
        _numbers(citation),
        year_terms(citation.year),
        (TITLE + joined for title in titles if (joined := whole_title(title))),
        _run_together(titles, people),
        by_author,
        (AUTHOR + term for term in by_author),
        (term for title in whole for term in _words(title)),
        (TITLE_WORD + term for title in whole for term in _written(title)),
        (end for title in whole for word in pieces(title) if not is_together(word) for end in ends_of(word)),
        subjects,
        (SUBJECT + term for term in subjects),
        publishers,
        (PUBLISHER + term for term in publishers),
        (term for text in (*details.series, *details.contents) for term in _written(text)),
    )
    return tuple(dict.fromkeys(found))[:MOST_TERMS]


def year_terms(year: int | None) -> Iterator[str]:
    """Return the terms by which a record of a year is found: the year, the decade, the century."""
    if year is not None:
        digits = f"{year:04}"
        yield from (YEAR + digits[:length] for length in (4, 3, 2))


def ends_of(word: str) -> tuple[str, ...]:
    """Return how a word begins and ends, unless it is too short to be told by that."""
    return (_BEGINNING + word[:_END], _ENDING + word[-_END:]) if len(word) >= _LONG_WORD else ()


def whole_title(text: str) -> str:
    """Return a title as one word, by which it is found as a whole."""
    return "".join(pieces(text))[:LONGEST]


def pairs(run: str) -> Iterator[str]:
    return (first + second for first, second in pairwise(run))


def _numbers(citation: Citation) -> Iterator[str]:
    if citation.isbn:
        yield citation.isbn
    if citation.issn:
        yield "".join(letter for letter in citation.issn.lower() if letter.isalnum())


def _titles(title: str) -> tuple[str, ...]:
    """Return a title as it is, and without what cataloguers put behind it."""
    return title, _SUBTITLE.split(title)[0]


def _words(text: str) -> Iterator[str]:
    """Return words as they are written, and runs of characters by their sound as well."""
    yield from _written(text)
    for run in _runs(text):
        if is_together(run):
            yield from sounds(run)


def _written(text: str) -> Iterator[str]:
    """Return words as they are, and runs of characters by single ones and by pairs."""
    for run in _runs(text):
        if is_together(run):
            yield from run
            yield from pairs(run)
        else:
            yield run[:LONGEST]


def _runs(text: str) -> Iterator[str]:
    """Return words, and characters as one run whatever stands between them: there, spaces mean nothing."""
    for together, group in groupby(pieces(text), is_together):
        if together:
            yield "".join(group)
        else:
            yield from group


def _run_together(titles: Iterable[str], authors: Iterable[str]) -> Iterator[str]:
    """Return the pairs that arise where title and author are typed without a space, in either order."""
    for title in titles:
        for author in authors:
            for first, second in ((title, author), (author, title)):
                yield from _seam(pieces(first), pieces(second))


def _seam(first: list[str], second: list[str]) -> Iterator[str]:
    if first and second and is_together(first[-1]) and is_together(second[0]):
        yield from _of_seam(first[-1][-1] + second[0][0])


@lru_cache(maxsize=8_192)
def _of_seam(seam: str) -> tuple[str, ...]:
    return (seam, *(term for term in sounds(seam) if BETWEEN in term))
