"""Works: what the records of several libraries say of one book."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from hashlib import sha256
from itertools import chain
from operator import attrgetter

from workflows.citation import NO_DETAILS, Citation, Details, Hit, Holding, Query, work_key
from workflows.discovery.relevance import SUBTITLE, relevance
from workflows.ids import LibraryCode
from workflows.writing import pieces

_ID_DIGITS = 16
#: what catalogues write when they do not know the language
_NO_LANGUAGE = frozenset({"", "und", "mis", "zxx"})
_DETAILS = tuple(field.name for field in fields(Details))
_told = attrgetter(*_DETAILS)
_facts = attrgetter(*(field.name for field in fields(Citation)))


class Sort(StrEnum):
    """In which order works are shown."""

    RELEVANCE = "relevance"
    YEAR = "year"
    TITLE = "title"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One work, the fullest description of it, and every copy that was found."""

    #: the same for the same work in every search
    id: str
    citation: Citation
    holdings: tuple[Holding, ...]
    #: what any record of it tells beside
    details: Details = NO_DETAILS

    @property
    def libraries(self) -> tuple[LibraryCode, ...]:
        """Who holds it, in alphabetical order."""
        return tuple(sorted({holding.library for holding in self.holdings}))

    @property
    def available(self) -> int:
        """How many copies are said to be in."""
        return sum(holding.available is True for holding in self.holdings)


def works(hits: Iterable[Hit], query: Query) -> tuple[Work, ...]:
    """Return the works that *hits* describe: what is meant first, then what more libraries have in.

    The order in which libraries answered makes no difference.
    """
    found = [_work(key, group) for key, group in _groups(hits).items()]
    return tuple(sorted(found, key=lambda work: _place(work, query)))


def ordered(found: Iterable[Work], sort: Sort) -> tuple[Work, ...]:
    """Return works, the most relevant of which come first, by year, the newest first, or by title."""
    if sort is Sort.YEAR:
        return tuple(sorted(found, key=lambda work: -(work.citation.year or 0)))
    return tuple(sorted(found, key=_letters) if sort is Sort.TITLE else found)


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
        and title in {_folded(found.title), _folded(SUBTITLE.split(found.title)[0])}
        and (wanted.year is None or wanted.year == found.year)
        and (wanted.author is None or _holds(found.author or "", wanted.author))
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
        details=_gathered({hit.details for hit in hits}),
    )


def _gathered(told: Collection[Details]) -> Details:
    """Return what several records tell, each thing once."""
    if len(told) == 1:
        return next(iter(told))
    texts = zip(*sorted(map(_told, told)), strict=True)
    gathered = (tuple(dict.fromkeys(chain.from_iterable(each))) for each in texts)
    return Details(**dict(zip(_DETAILS, gathered, strict=True)))


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
    level, fitting = relevance(query, work.citation, work.details)
    return -level, -fitting, -work.available, -len(work.libraries), _letters(work), work.id


def _letters(work: Work) -> bytes:
    """Return the place of a title: this encoding has most characters in the order of pinyin."""
    return _folded(work.citation.title).encode("gb18030", "replace")


def _holds(text: str, wanted: str) -> bool:
    folded, words = _folded(text), pieces(wanted)
    return bool(words) and all(word in folded for word in words)


def _folded(text: str) -> str:
    return "".join(pieces(text))
