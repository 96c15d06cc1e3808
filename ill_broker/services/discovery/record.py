"""A search over all members: what has come so far, in memory and as it is stored."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Self

from ill_broker.services.discovery.fan_out import Member, MemberState
from ill_broker.storage import searches as rows
from ill_broker.storage.records import from_dict, to_dict
from workflows.citation import Hit, Query
from workflows.discovery.union_catalogue import together
from workflows.discovery.works import Work, works

#: the fields of a search that hold what was found
_HITS = ("hits", "remembered")


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
    members: tuple[Member, ...] = ()
    hits: tuple[Hit, ...] = ()
    #: what the union catalogue has of the works that are shown
    remembered: tuple[Hit, ...] = ()
    #: works that fit, by the union catalogue, and are not among those found here
    beyond: int = 0

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None

    def works(self) -> tuple[Work, ...]:
        """Return what was found so far, the best match first; what members tell now goes before the rest."""
        return self._works

    @property
    def works_total(self) -> int:
        """How many works there are, found here or only counted."""
        return len(self._works) + self.beyond

    @cached_property
    def _works(self) -> tuple[Work, ...]:
        # Once for all who look at it: this is most of what an answer costs.
        return works(together(self.hits, self.remembered), self.query)

    def heard(self, member: Member, hits: tuple[Hit, ...]) -> Self:
        """Return the search with one member's answer."""
        members = tuple(member if one.library == member.library else one for one in self.members)
        return replace(self, members=members, hits=self.hits + hits)

    def with_beside(self, remembered: Iterable[Hit]) -> Self:
        """Return the search with what the union catalogue has beside of works that members told of."""
        known = set(self.remembered)
        new = tuple(hit for hit in remembered if hit not in known)
        return replace(self, remembered=self.remembered + new)

    def seen_at(self, now: datetime) -> Self:
        """Return the search as it is *now*: over when its time is up, whatever became of its process."""
        return self.finished(self.ends_by) if not self.is_finished and now >= self.ends_by else self

    def finished(self, at: datetime) -> Self:
        """Return the search at its end: who is still waited for was slow."""
        members = tuple(
            replace(one, state=MemberState.SLOW) if one.state is MemberState.WAITING else one
            for one in self.members
        )
        return replace(self, members=members, finished_at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What the row keeps of a search beside its own columns and the hits."""

    ends_by: datetime
    finished_at: datetime | None = None
    members: tuple[Member, ...] = ()
    beyond: int = 0


def state_of(
    search: Search, hits: Sequence[dict[str, Any]], remembered: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """Return what is stored of a search, whose hits are plain values already."""
    kept = _Kept(
        ends_by=search.ends_by,
        finished_at=search.finished_at,
        members=search.members,
        beyond=search.beyond,
    )
    return {**to_dict(kept), "hits": list(hits), "remembered": list(remembered)}


def row_of(search: Search) -> rows.Search:
    """Return the row of a search that begins."""
    return rows.Search(
        id=search.id,
        owner=search.owner,
        query=search.query,
        state=state_of(search, (), [to_dict(hit) for hit in search.remembered]),
        created_at=search.started_at,
        expires_at=search.expires_at,
    )


def from_row(row: rows.Search) -> Search:
    kept = from_dict(_Kept, {name: value for name, value in row.state.items() if name not in _HITS})
    return Search(
        id=row.id,
        owner=row.owner,
        query=row.query,
        started_at=row.created_at,
        ends_by=kept.ends_by,
        expires_at=row.expires_at,
        finished_at=kept.finished_at,
        members=kept.members,
        beyond=kept.beyond,
        **{name: tuple(from_dict(Hit, hit) for hit in row.state.get(name, ())) for name in _HITS},
    )
