"""Works: what the records of several libraries say of one book."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from operator import attrgetter

from workflows.citation import Citation, Hit, Holding, Query, work_key
from workflows.ids import LibraryCode
from workflows.writing import pieces

#: what cataloguers put between a title and the rest of it
_SUBTITLE = re.compile(r"\s*[:：=/;]")
_ID_DIGITS = 16
#: what catalogues write when they do not know the language
_NO_LANGUAGE = frozenset({"", "und", "mis", "zxx"})
#: the worth of a title that is the one asked for, begins with it, or has all its words
_SAME, _BEGINS, _CONTAINS = 4, 2, 1
_SAME_ISBN = 8
_facts = attrgetter(*(field.name for field in fields(Citation)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One work, the fullest description of it, and every copy that was found."""

    #: the same for the same work in every search
    id: str
    citation: Citation
    holdings: tuple[Holding, ...]

    @property
    def libraries(self) -> tuple[LibraryCode, ...]:
        """Who holds it, in alphabetical order."""
        return tuple(sorted({holding.library for holding in self.holdings}))

    @property
    def available(self) -> int:
        """How many copies are said to be in."""
        return sum(holding.available is True for holding in self.holdings)


def works(hits: Iterable[Hit], query: Query) -> tuple[Work, ...]:
    """Return the works that *hits* describe: the best match first, then the one with most copies in.

    The order in which libraries answered makes no difference.
    """
    found = [_work(key, group) for key, group in _groups(hits).items()]
    return tuple(sorted(found, key=lambda work: _place(work, query)))


def how_many(hits: Iterable[Hit]) -> int:
    """Return how many works *hits* describe."""
    return len(_groups(hits))


def copies(hits: Iterable[Hit], wanted: Citation) -> tuple[Holding, ...]:
    """Return every copy that satisfies a citation typed by hand.

    The ISBN decides; without one any edition will do that has the title, and the author, year and
    volume as far as they were typed.
    """
    query = Query(title=wanted.title, isbn=wanted.isbn)
    fitting = (work for work in works(hits, query) if _satisfies(work.citation, wanted))
    return tuple(copy for work in fitting for copy in work.holdings)


def _satisfies(found: Citation, wanted: Citation) -> bool:
    if _folded(wanted.volume or "") != _folded(found.volume or "") and (wanted.isbn or wanted.volume):
        return False
    if wanted.isbn:
        return wanted.isbn == found.isbn
    title = _folded(wanted.title)
    return (
        bool(title)
        and title in {_folded(found.title), _folded(_SUBTITLE.split(found.title)[0])}
        and (wanted.year is None or wanted.year == found.year)
        and (wanted.author is None or bool(_holds(found.author or "", wanted.author)))
    )


def _groups(hits: Iterable[Hit]) -> dict[str, list[Hit]]:
    """Return hits by work; one without an ISBN joins the only work of its title, author and year."""
    groups: defaultdict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        groups[work_key(hit.citation)].append(hit)
    numbered: defaultdict[str, set[str]] = defaultdict(set)
    for key, group in groups.items():
        for hit in group:
            if hit.citation.isbn:
                numbered[work_key(replace(hit.citation, isbn=None))].add(key)
    for plain, keys in numbered.items():
        if len(keys) == 1 and plain in groups:
            groups[next(iter(keys))] += groups.pop(plain)
    return groups


def _work(key: str, hits: Iterable[Hit]) -> Work:
    hits = list(hits)
    return Work(
        id=f"wrk_{sha256(key.encode(errors='surrogatepass')).hexdigest()[:_ID_DIGITS]}",
        citation=max((hit.citation for hit in hits), key=_fullness),
        holdings=_merged(holding for hit in hits for holding in hit.holdings),
    )


def _fullness(citation: Citation) -> tuple[object, ...]:
    """Return how much a citation tells; what is left to decide is decided by the letters alone."""
    facts = _facts(citation)
    known = sum(fact is not None for fact in facts) + (citation.language not in _NO_LANGUAGE)
    return citation.isbn is not None, known, len(citation.title), tuple(str(fact) for fact in facts)


def _merged(holdings: Iterable[Holding]) -> tuple[Holding, ...]:
    """Return each copy once; of two words about one copy the one that promises less."""
    kept = {_copy(holding): holding for holding in sorted(holdings, key=_promise, reverse=True)}
    return tuple(sorted(kept.values(), key=_shelf))


def _copy(holding: Holding) -> tuple[str | None, ...]:
    if holding.barcode:
        return holding.library, holding.barcode
    return holding.library, None, holding.record_id, holding.call_number, holding.collection


def _promise(holding: Holding) -> tuple[object, ...]:
    state = 2 if holding.available else 1 if holding.available is None else 0
    return state, *_shelf(holding)


def _shelf(holding: Holding) -> tuple[str, ...]:
    """Return what puts copies in one order for ever."""
    call_number, barcode = holding.call_number or "", holding.barcode or ""
    return holding.library, barcode, holding.collection, call_number, holding.record_id


def _place(work: Work, query: Query) -> tuple[object, ...]:
    title = " ".join(pieces(work.citation.title))
    return -match(query, work.citation), -work.available, title, work.id


def match(query: Query, citation: Citation) -> int:
    """Return how well a citation fits what was looked for; 0 if only the catalogue knows why it was found."""
    title, author = citation.title, citation.author or ""
    worth = _SAME_ISBN if query.isbn and query.isbn == citation.isbn else 0
    if query.title:
        worth += _likeness(query.title, title)
    if query.author:
        worth += _holds(author, query.author)
    if query.text:
        worth += max(_likeness(query.text, title), _holds(f"{title} {author}", query.text))
    return worth


def _likeness(wanted: str, title: str) -> int:
    mine, theirs = _folded(wanted), _folded(title)
    if mine == theirs:
        return _SAME
    return _BEGINS if mine and theirs.startswith(mine) else _holds(title, wanted)


def _holds(text: str, wanted: str) -> int:
    folded, words = _folded(text), pieces(wanted)
    return _CONTAINS if words and all(word in folded for word in words) else 0


def _folded(text: str) -> str:
    return "".join(pieces(text))
