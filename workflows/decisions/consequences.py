"""What follows from a decision, all of it as data: whoever saves the decision carries it out.

A new consequence is a field here, and one function in the service's ``carrying_out``.
"""

from dataclasses import dataclass, field

from workflows.decisions.charges import Booking, bookings
from workflows.decisions.draft import Draft
from workflows.ids import LibraryCode
from workflows.policies.book import Edition
from workflows.requests.commands import Command, Report
from workflows.requests.effects import Effect
from workflows.requests.events import CancellationRequested, Event, HandedOver
from workflows.requests.limits import Turnover, turnover
from workflows.requests.request import Request
from workflows.requests.requester_messages import News, news


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a request has become, what has happened, and what must be done because of it."""

    request: Request
    #: nothing has happened where there are none, and nothing follows
    events: tuple[Event, ...] = ()
    #: what is done outside, later
    effects: tuple[Effect, ...] = ()
    #: what is taken of limits and given back
    slots: Turnover = field(default_factory=Turnover)
    #: what comes to the patron's account, or off it
    bookings: tuple[Booking, ...] = ()
    #: the version of the lender's terms that the loan begins under
    terms: Edition | None = None
    #: what lenders have begun to call the request
    lender_ids: tuple[tuple[LibraryCode, str], ...] = ()
    #: what the system is told that made the request
    news: News | None = None


def concluded(draft: Draft, command: Command | None) -> Decision:
    """Return the decision that was drafted, with all that follows from it.

    :param command: None where the request itself is new
    """
    if not draft.events:
        return Decision(request=draft.request)
    before = None if command is None else draft.before
    after, book = draft.request, draft.known.book
    return Decision(
        request=after,
        events=tuple(draft.events),
        effects=tuple(draft.effects),
        slots=turnover(
            before, after, book, forced=isinstance(command, Report), libraries=draft.known.libraries
        ),
        bookings=bookings(draft.before, after, draft.events, book, now=draft.now),
        terms=_terms(draft),
        lender_ids=tuple(one for one in _names(after) if one not in _names(draft.before)),
        news=_news(draft, before, command),
    )


def _terms(draft: Draft) -> Edition | None:
    """Return what the loan keeps, so that it is there when another version is in force."""
    lender = draft.request.lender
    begins = any(isinstance(event, HandedOver) for event in draft.events)
    return draft.known.book.edition(lender, draft.now) if begins and lender is not None else None


def _names(request: Request) -> tuple[tuple[LibraryCode, str], ...]:
    """Return what each lender calls the request, as far as it has said so."""
    named = ((entry.lender, entry.lender_request_id) for entry in request.rota)
    return tuple((lender, theirs) for lender, theirs in named if theirs is not None)


def _news(draft: Draft, before: Request | None, command: Command | None) -> News | None:
    if not draft.request.by_partner:
        return None
    known = draft.known
    cancels_now = any(isinstance(event, CancellationRequested) for event in draft.events)
    return news(
        before,
        draft.request,
        changed=draft.now,
        asked=command.step if command is not None and known.by_requester else None,
        cancels=known.by_requester if cancels_now else known.requester_cancels,
    )
