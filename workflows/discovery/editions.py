"""Editions: works that are one book with another ISBN, another year or another volume, under one of them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from workflows.citation import PERIODICALS
from workflows.discovery.words import words
from workflows.discovery.works import Work

#: of a volume; the tenth comes behind the second
_NUMBER = re.compile(r"[0-9]{1,9}")


def book_of(work: Work) -> str:
    """Return what the editions of one book have in common: title and author, both of which have to be known.

    A periodical has no editions.
    """
    citation = work.citation
    title, author = "".join(words(citation.title)), "".join(words(citation.author or ""))
    if not (title and author) or citation.item_type in PERIODICALS:
        return work.id
    return f"{title}/{author}"


def first_of_each(found: Iterable[tuple[int, Work]]) -> Iterator[tuple[int, Work]]:
    """Return of the editions of each book the first one, with its place."""
    shown: set[str] = set()
    for place, work in found:
        if (book := book_of(work)) not in shown:
            shown.add(book)
            yield place, work


def editions(found: Iterable[Work]) -> Mapping[str, tuple[Work, ...]]:
    """Return the editions of each book, the newest first, and the volumes of one year in their order."""
    books: defaultdict[str, list[Work]] = defaultdict(list)
    for work in found:
        books[book_of(work)].append(work)
    return {book: tuple(sorted(works, key=_place)) for book, works in books.items()}


def _place(work: Work) -> tuple[object, ...]:
    citation = work.citation
    volume = citation.volume or ""
    number = _NUMBER.search(volume)
    return -(citation.year or 0), int(number[0]) if number else 0, volume, citation.isbn or "", work.id
