"""Under which terms a record of the union catalogue is found.

Both databases index the same words of our own making, folded: characters that are written without spaces by
pairs of neighbours (there is no dictionary to disagree about) and by sound; all other writing by words.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, groupby, pairwise

from ill_broker.services.discovery.pinyin import BETWEEN, LONGEST, sounds
from workflows.citation import Citation
from workflows.writing import is_together, pieces

#: these marks never stand in a word: what follows is a whole title, or part of an author's name
TITLE, AUTHOR = "=", "@"
#: terms of one record beyond these are left out
MOST_TERMS = 600
#: by which rules terms and works' numbers are made; with one more, all that is stored is made anew
EDITION = 1

_SUBTITLE = re.compile(r"\s*[:：=/;]")


def terms_of(citation: Citation) -> tuple[str, ...]:
    """Return the terms of a record, each once."""
    by_author = list(_words(citation.author or ""))
    found = chain(
        _numbers(citation),
        (TITLE + whole for title in _titles(citation.title) if (whole := whole_title(title))),
        _run_together(_titles(citation.title), [citation.author or ""]),
        by_author,
        (AUTHOR + term for term in by_author),
        _words(citation.title),
    )
    return tuple(dict.fromkeys(found))[:MOST_TERMS]


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
    """Return words as they are, and runs of characters by single ones, by pairs and by their sound."""
    for run in _runs(text):
        if is_together(run):
            yield from run
            yield from pairs(run)
            yield from sounds(run)
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
        seam = first[-1][-1] + second[0][0]
        yield seam
        yield from (term for term in sounds(seam) if BETWEEN in term)
