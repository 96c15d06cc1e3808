"""A search over all members: what has come so far, in memory and as it is stored."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Self

from ill_broker.services.discovery.fan_out import Member
from ill_broker.storage import searches as rows
from ill_broker.storage.records import from_dict, to_dict
from workflows.citation import Hit, Query
from workflows.discovery.editions import book_of, editions
from workflows.discovery.listing import Listing
from workflows.discovery.union_catalogue import together
from workflows.discovery.works import Sort, Work, ordered, works

#: how often members are asked for one search
MOST_ROUNDS = 20
#: works that are stored by themselves, so that a submission need not read the whole search
_CHOOSABLE = 100
#: where the release before kept the records: members' and remembered ones
_FORMERLY = ("hits", "remembered")


@dataclass(frozen=True, slots=True)
class Extent:
    """How much had come at some moment."""

    hits: int = 0
    remembered: int = 0


@dataclass(frozen=True, kw_only=True)
class Search:
    """One query over all members."""

    id: str
    #: who may see it
    owner: str
    query: Query
    started_at: datetime
    #: when it is over, even if whoever ran it has died
    ends_by: datetime
    #: until when it can be read and a work of it asked for
    expires_at: datetime
    finished_at: datetime | None = None
    #: how often members were asked
    round: int = 1
    #: how many searches there are to be let in before members are asked, this one among them; 0 when they are
    queue_place: int = 0
    members: tuple[Member, ...] = ()
    #: in the order in which they came
    hits: tuple[Hit, ...] = ()
    #: what the union catalogue has of the works that are shown
    remembered: tuple[Hit, ...] = ()
    #: works that fit, by the union catalogue, and are not among those found here
    beyond: int = 0
    #: what there was at the beginning, and at the end of each round
    extents: tuple[Extent, ...] = (Extent(),)
    #: titles that are almost what was looked for; where nothing was found
    suggestions: tuple[str, ...] = ()

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None

    @property
    def to_ask(self) -> dict[str, int]:
        """By library, how many places of its list are known of those that have told less than they have."""
        return {one.library: one.taken for one in self.members if one.has_more}

    @property
    def has_more(self) -> bool:
        """Tell whether another round may find something."""
        is_new = self.round == 1 or self.extents[-1] != self.extents[-2]
        return self.round < MOST_ROUNDS and bool(self.to_ask or (self.beyond and is_new))

    def works(self) -> tuple[Work, ...]:
        """Return what was found so far, the best match first; what members tell now goes before the rest."""
        return self._works

    @property
    def records_read(self) -> int:
        """How many records members have sent, or the union catalogue has shown of them."""
        return sum(member.hits for member in self.members)

    @property
    def records_total(self) -> int:
        """How many records members say they have."""
        return sum(member.total for member in self.members)

    @property
    def works_total(self) -> int:
        """How many works there are, found here or only counted."""
        return len(self._editions) + self.beyond

    def editions_of(self, work: Work) -> tuple[Work, ...]:
        """Return all editions of the same book that were found, the newest first; the work is one of them."""
        return self._editions.get(book_of(work), (work,))

    @cached_property
    def _editions(self) -> Mapping[str, tuple[Work, ...]]:
        return editions(self._works)

    def listing(self, seen: int | None = None, sort: Sort = Sort.RELEVANCE) -> Listing:
        """Return the works in an order that stays, whatever comes: first those of the first *seen* records.

        Behind them stand those of each round that is over, each sorted by itself.
        """
        first = len(self.hits) if seen is None else seen
        if (first, sort) not in self._listings:
            self._listings[first, sort] = self._listed(first, sort)
        return self._listings[first, sort]

    def _listed(self, first: int, sort: Sort) -> Listing:
        begun, *ends = self.extents
        if not ends or first < ends[0].hits:
            ends.insert(0, Extent(first, begun.remembered))
        listing = Listing()
        for end in ends:
            listing = listing.grown(ordered(self._works_of(end), sort))
        return listing

    @cached_property
    def _listings(self) -> dict[tuple[int, Sort], Listing]:
        # Once for all who look at it: this is most of what an answer costs.
        return {}

    @cached_property
    def _works(self) -> tuple[Work, ...]:
        return works(together(self.hits, self.remembered), self.query)

    def _works_of(self, extent: Extent) -> tuple[Work, ...]:
        if extent == self.extent:
            return self._works
        hits, remembered = self.hits[: extent.hits], self.remembered[: extent.remembered]
        return works(together(hits, remembered), self.query)

    @property
    def extent(self) -> Extent:
        return Extent(len(self.hits), len(self.remembered))

    def heard(self, part: Member, hits: tuple[Hit, ...]) -> Self:
        """Return the search with one member's answer."""
        members = tuple(one.then(part) if one.library == part.library else one for one in self.members)
        return replace(self, members=members, hits=self.hits + hits)

    def with_beside(self, remembered: Iterable[Hit]) -> Self:
        """Return the search with what the union catalogue has beside of works that members told of."""
        known = set(self.remembered)
        new = tuple(hit for hit in remembered if hit not in known)
        return replace(self, remembered=self.remembered + new) if new else self

    def seen_at(self, now: datetime) -> Self:
        """Return the search as it is *now*: over when its time is up, whatever became of its process."""
        return self.finished(self.ends_by) if not self.is_finished and now >= self.ends_by else self

    def finished(self, at: datetime) -> Self:
        """Return the search at the end of a round: who is still waited for was slow."""
        over = replace(
            self,
            members=tuple(one.given_up() for one in self.members),
            finished_at=at,
            queue_place=0,
            extents=(*self.extents, self.extent),
        )
        if "_works" in self.__dict__:
            over.__dict__["_works"] = self._works
        return over

    def resumed(self, ends_by: datetime, *, queue_place: int = 0) -> Self:
        """Return the search as members are asked for further records."""
        return replace(
            self,
            members=tuple(one.asked_again() for one in self.members),
            ends_by=ends_by,
            finished_at=None,
            round=self.round + 1,
            queue_place=queue_place,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What the row keeps of a search beside its own columns and the records."""

    ends_by: datetime
    finished_at: datetime | None = None
    members: tuple[Member, ...] = ()
    beyond: int = 0
    queue_place: int = 0
    extents: tuple[Extent, ...] = (Extent(),)
    suggestions: tuple[str, ...] = ()


def state_of(search: Search) -> dict[str, Any]:
    """Return what is stored of a search beside the records."""
    return to_dict(
        _Kept(
            ends_by=search.ends_by,
            finished_at=search.finished_at,
            members=search.members,
            beyond=search.beyond,
            queue_place=search.queue_place,
            extents=search.extents,
            suggestions=search.suggestions,
        )
    )


def choosable(search: Search) -> dict[str, dict[str, Any]]:
    """Return the works of a search that are stored by themselves."""
    listed = list(search.listing().works.values())
    return {work.id: to_dict(work) for work in listed[:_CHOOSABLE]}


def part_of(hits: Sequence[Hit], *, is_remembered: bool = False) -> rows.Part:
    return rows.Part([to_dict(hit) for hit in hits], is_remembered)


def row_of(search: Search) -> rows.Search:
    """Return the row of a search as it stands."""
    parts = [part_of(search.remembered, is_remembered=True), part_of(search.hits)]
    return rows.Search(
        id=search.id,
        owner=search.owner,
        query=search.query,
        state=state_of(search),
        round=search.round,
        parts=tuple(part for part in parts if part.hits),
        created_at=search.started_at,
        expires_at=search.expires_at,
    )


def from_row(row: rows.Search) -> Search:
    kept = from_dict(_Kept, {name: value for name, value in row.state.items() if name not in _FORMERLY})
    found: dict[bool, list[Hit]] = {False: [], True: []}
    for is_remembered, name in enumerate(_FORMERLY):
        found[bool(is_remembered)] += (from_dict(Hit, hit) for hit in row.state.get(name, ()))
    for part in row.parts:
        found[part.is_remembered] += (from_dict(Hit, hit) for hit in part.hits)
    return Search(
        id=row.id,
        owner=row.owner,
        query=row.query,
        started_at=row.created_at,
        ends_by=kept.ends_by,
        expires_at=row.expires_at,
        finished_at=kept.finished_at,
        round=row.round,
        members=kept.members,
        hits=tuple(found[False]),
        remembered=tuple(found[True]),
        beyond=kept.beyond,
        queue_place=kept.queue_place,
        extents=kept.extents,
        suggestions=kept.suggestions,
    )
