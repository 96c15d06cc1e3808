"""Works in an order that stays: what is listed keeps its place, and what comes later stands behind it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from workflows.discovery.works import Work
from workflows.ids import LibraryCode


@dataclass(frozen=True, slots=True)
class Listing:
    """Works by their places; a place is never given to another work, though its work may go."""

    works: Mapping[int, Work] = field(default_factory=dict)
    #: the place of each id that a work was ever listed under
    places: Mapping[str, int] = field(default_factory=dict)

    def grown(self, found: Iterable[Work]) -> "Listing":
        """Return the list with these works, which are all there are now, the best first.

        A work keeps its place, also under the name that it has since it was found to be the same as
        another; new ones stand behind all others in their own order.
        """
        works: dict[int, Work] = {}
        unplaced: list[Work] = []
        for work in found:
            place = self.places.get(work.id)
            if place is None or place in works:
                unplaced.append(work)
            else:
                works[place] = work
        records = {name: place for place, work in self.works.items() for name in _records(work)}
        free = 1 + max(self.places.values(), default=0)
        for work in unplaced:
            known = {records[name] for name in _records(work) if name in records}
            place = min(known.difference(works), default=free)
            free = max(free, place + 1)
            works[place] = work
        places = {**self.places, **{work.id: place for place, work in works.items()}}
        return Listing(dict(sorted(works.items())), places)

    def behind(self, place: int) -> Iterator[tuple[int, Work]]:
        """Yield the works behind a place, each with its own."""
        return ((at, work) for at, work in self.works.items() if at > place)

    def named(self, work_id: str) -> Work | None:
        """Return the work that is, or once was, listed under that id."""
        return self.works.get(self.places.get(work_id, 0))


def _records(work: Work) -> set[tuple[LibraryCode, str]]:
    return {(copy.library, copy.record_id) for copy in work.holdings if copy.record_id}
