"""In which order lenders are asked, and why some are not asked at all."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from workflows.citation import Holding, likelihood
from workflows.eligibility.eligibility import Standing, comes_last, eligibility
from workflows.policies.conditions import Item
from workflows.policies.policy import Policy
from workflows.reasons import NotAsked, Refusal

#: reasons that lie with the reader, which nobody can have where none is known
_READERS = frozenset({Refusal.CATEGORY_NOT_ENTITLED, Refusal.LENDER_LIMIT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A copy that may be asked for, and all that counts for whether and when its library is asked."""

    policy: Policy
    #: the copy as the policy looks at it
    item: Item
    copy: Holding
    holds: bool = True
    is_readers_own: bool = False
    #: the library lends nothing at present
    rests: bool = False
    #: what its own desk has said against being asked for this now
    desk_says: tuple[NotAsked, ...] = ()
    #: the reader's with this library; None where no reader is known: then the default one counts
    category: str | None = None
    standing: Standing = field(default_factory=Standing)

    @property
    def prefers_others(self) -> bool:
        return comes_last(self.policy, self.item)

    def reasons(self, at: datetime) -> tuple[NotAsked, ...]:
        """Return every reason not to ask for this copy at *at*, in a fixed order."""
        lender, category = self.policy, self.category or self.policy.default_category
        candidates: tuple[NotAsked | None, ...] = (
            Refusal.OWN_LIBRARY if self.is_readers_own else None,
            Refusal.DOES_NOT_LEND_NOW if self.rests else None,
            *self.desk_says,
            None if self.holds else Refusal.NOT_HELD,
            Refusal.NOT_AVAILABLE if self.copy.available is False else None,
        )
        found = eligibility(lender, None, self.item, category=category, at=at, standing=self.standing).reasons
        if self.category is None:
            found = tuple(reason for reason in found if reason not in _READERS)
        return tuple(dict.fromkeys((*(reason for reason in candidates if reason is not None), *found)))


@dataclass(frozen=True, slots=True)
class Route:
    """Lenders in the order of asking; those left out, each with its first reason."""

    asked: tuple[Candidate, ...]
    excluded: tuple[tuple[Candidate, NotAsked], ...]


def route(candidates: Iterable[Candidate], *, at: datetime) -> Route:
    """Return who is asked, in the order given; who prefers foreign titles comes last for Chinese."""
    return _route([(one, _first(one, at)) for one in candidates])


def rota(copies: Iterable[Candidate], *, at: datetime) -> Route:
    """Return the route for a reader who waits, each library with the copy that is asked for.

    Copies said to be in come first, then the nearest lender, so that the reader waits least. Copies of one
    work differ: one may be bound for the reading room while another lends, so one that is lent is chosen.
    """
    best: dict[str, tuple[Candidate, NotAsked | None]] = {}
    for one in copies:
        judged = one, _first(one, at)
        best[one.policy.id] = min(best.get(one.policy.id, judged), judged, key=_promise)
    return _route(sorted(best.values(), key=_wait))


def _route(judged: Iterable[tuple[Candidate, NotAsked | None]]) -> Route:
    judged = tuple(judged)
    asked = (one for one, reason in judged if reason is None)
    return Route(
        tuple(sorted(asked, key=lambda one: one.prefers_others)),
        tuple((one, reason) for one, reason in judged if reason is not None),
    )


def _first(one: Candidate, at: datetime) -> NotAsked | None:
    return next(iter(one.reasons(at)), None)


def _promise(judged: tuple[Candidate, NotAsked | None]) -> tuple[bool, int]:
    one, reason = judged
    return reason is not None, likelihood(one.copy)


def _wait(judged: tuple[Candidate, NotAsked | None]) -> tuple[bool, int, str]:
    one, _ = judged
    return one.copy.available is not True, one.policy.clock.outbound_days, one.policy.id
