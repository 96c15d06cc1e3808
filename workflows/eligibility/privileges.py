"""What libraries allow one patron beside their policies: suspensions, permissions, categories, card, agents.

It is a list of what desks have recorded, only ever added to; what holds now is read from it.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import TypeVar

from workflows.errors import InvalidCase
from workflows.ids import LibraryCode, PrivilegeId, RequestId
from workflows.losses.compensation import suspended_until
from workflows.policies.book import PolicyBook
from workflows.policies.policy import Policy
from workflows.requests.request import Request

#: the case that suspends by itself, from the report until it is settled (R-SZUTL-17, R-SZUTL-21)
LOSS = "loss"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What every entry carries; who entered it is kept beside it."""

    id: PrivilegeId
    #: whose decision it is
    library: LibraryCode
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspensionImposed(Entered):
    case: str
    since: date
    #: the first free day; None: until it is lifted, or the loss is settled
    until: date | None = None
    #: the library's card is cancelled for good (R-SZUTL-33)
    card_cancelled: bool = False
    #: the request whose loss it comes of
    request: RequestId | None = None

    def holds_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionGiven(Entered):
    """The competent authority lets the patron have one work that is not lent otherwise (R-BHU-12)."""

    #: as :func:`workflows.citation.work_key` has it
    work: str
    title: str
    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRecorded(Entered):
    """The patron is another kind of reader to the library than those who come through the brokerage."""

    category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardNoted(Entered):
    """The home library says whether its card has loan functions (R-JN-1)."""

    lends: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentNamed(Entered):
    """The patron names who may fetch this one book; None takes that back (R-BHU-5)."""

    request: RequestId
    agent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivilegeEnded(Entered):
    """A suspension is lifted, a permission withdrawn; *id* is that of what ends."""


PrivilegeEvent = (
    SuspensionImposed | PermissionGiven | CategoryRecorded | CardNoted | AgentNamed | PrivilegeEnded
)
_Kind = TypeVar("_Kind", SuspensionImposed, PermissionGiven, CategoryRecorded, CardNoted, AgentNamed)


@dataclass(frozen=True, slots=True)
class Privileges:
    """All that was recorded of one patron, in order, and the losses that suspend by themselves."""

    events: tuple[PrivilegeEvent, ...] = ()
    losses: tuple[SuspensionImposed, ...] = ()

    def with_losses(self, requests: Iterable[Request], book: PolicyBook) -> "Privileges":
        """Return the same with what the losses among *requests* suspend."""
        return Privileges(self.events, tuple(_losses(requests, book)))

    @property
    def ended(self) -> frozenset[PrivilegeId]:
        return frozenset(event.id for event in self.events if isinstance(event, PrivilegeEnded))

    @property
    def suspensions(self) -> tuple[SuspensionImposed, ...]:
        """Every suspension, lifted or not."""
        return (*self._of(SuspensionImposed), *self.losses)

    @property
    def permissions(self) -> tuple[PermissionGiven, ...]:
        """Every permission, withdrawn or not."""
        return self._of(PermissionGiven)

    def running(self, day: date) -> tuple[SuspensionImposed, ...]:
        """Return what suspends the patron anywhere on a day."""
        return tuple(one for one in self.suspensions if one.id not in self.ended and one.holds_on(day))

    def suspended(self, library: LibraryCode, day: date) -> tuple[SuspensionImposed, ...]:
        """Return what suspends the patron at the library on a day."""
        return tuple(one for one in self.running(day) if one.library == library)

    def permits(self, library: LibraryCode, work: str) -> bool:
        """Tell whether the library has permitted this work."""
        return any(
            one.library == library and one.work == work and one.id not in self.ended
            for one in self.permissions
        )

    def category(self, policy: Policy) -> CategoryRecorded | None:
        """Return what was recorded last of the patron's category, if the policy still has it."""
        mine = (one for one in self._of(CategoryRecorded) if one.library == policy.id)
        last = next(reversed(tuple(mine)), None)
        return last if last is not None and last.category in policy.categories else None

    def category_at(self, policy: Policy) -> str:
        """Return the patron's category: the recorded one, else that of readers through the brokerage."""
        recorded = self.category(policy)
        return policy.default_category if recorded is None else recorded.category

    @property
    def card(self) -> CardNoted | None:
        return next(reversed(self._of(CardNoted)), None)

    @property
    def card_lends(self) -> bool:
        return self.card is None or self.card.lends

    def agents(self, request: RequestId) -> tuple[AgentNamed, ...]:
        """Return what was said of agents for a request, in order; the last one counts."""
        return tuple(one for one in self._of(AgentNamed) if one.request == request)

    def is_agent(self, request: RequestId, name: str) -> bool:
        """Tell whether this is the agent whom the patron has named for exactly this request."""
        named = self.agents(request)
        return bool(named) and named[-1].agent is not None and _folded(named[-1].agent) == _folded(name)

    def _of(self, kind: type[_Kind]) -> tuple[_Kind, ...]:
        return tuple(event for event in self.events if isinstance(event, kind))


def imposed(
    policy: Policy, case: str, months: int | None, *, id_: PrivilegeId, at: datetime, reason: str
) -> SuspensionImposed:
    """Return the suspension that staff decide on (R-SZUTL-32, R-SZUTL-33, R-SZUTL-34, R-BHU-16).

    :raises InvalidCase: ``case_not_covered``, also for what suspends by itself; ``months_out_of_range``
    """
    terms, since = policy.suspensions.get(case), policy.calendar.local_day(at)
    if terms is None or case == LOSS:
        raise InvalidCase("case_not_covered", case=case)
    if terms.months_min is not None:
        until = suspended_until(policy, case, since, months)
    elif months is not None:
        raise InvalidCase("months_out_of_range", "this case sets no months: it lasts until it is lifted")
    else:
        until = None
    return SuspensionImposed(
        id=id_,
        library=LibraryCode(policy.id),
        at=at,
        reason=reason,
        case=case,
        since=since,
        until=until,
        card_cancelled=terms.cancels_card,
    )


def same_suspension(one: SuspensionImposed, other: SuspensionImposed) -> bool:
    """Tell whether two suspensions say the same, whoever entered them."""
    says = attrgetter("library", "case", "since", "until")
    return bool(says(one) == says(other))


def _losses(requests: Iterable[Request], book: PolicyBook) -> Iterator[SuspensionImposed]:
    for request in requests:
        reported = request.instants.lost_reported
        if not request.is_missing or reported is None or request.lender is None:
            continue
        policy = book.policy(request.lender)
        loss = policy.compensation.get(LOSS)
        if LOSS in policy.suspensions or (loss is not None and loss.suspends):
            yield SuspensionImposed(
                id=PrivilegeId("sus_" + request.id.removeprefix("req_")),
                library=request.lender,
                at=reported,
                reason="loss reported, not settled yet",
                case=LOSS,
                since=policy.calendar.local_day(reported),
                request=request.id,
            )


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
