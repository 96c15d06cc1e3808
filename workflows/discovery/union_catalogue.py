"""Two words about one library's copies: what it tells now, and what the union catalogue remembers."""

from collections import Counter
from collections.abc import Iterable, Iterator

from workflows.citation import Hit, work_key
from workflows.ids import LibraryCode


def together(live: Iterable[Hit], remembered: Iterable[Hit]) -> tuple[Hit, ...]:
    """Return what libraries tell now, and what is remembered of those works of which they do not tell."""
    told = tuple(live)
    known = {name for hit in told for name in _names(hit)}
    return told + tuple(hit for hit in remembered if known.isdisjoint(_names(hit)))


def holders(hits: Iterable[Hit]) -> Counter[LibraryCode]:
    """Return how many of the records are of each library."""
    return Counter(library for hit in hits for library in {holding.library for holding in hit.holdings})


def _names(hit: Hit) -> Iterator[tuple[LibraryCode, str]]:
    """Return by what a library's record is the same as another: by the work, and by its number there."""
    work = work_key(hit.citation)
    for holding in hit.holdings:
        yield holding.library, work
        if holding.record_id:
            yield holding.library, f"record:{holding.record_id}"
