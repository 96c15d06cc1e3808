"""What follows from a decision, carried out in the transaction that saves it: a function for each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ill_broker.services.requests import posting, telling_requesters
from ill_broker.storage import events as event_rows
from ill_broker.storage import inbox, outbox, tallies
from ill_broker.storage import policies as policy_rows
from ill_broker.storage import requests as request_rows
from ill_broker.storage.events import Recorded
from workflows.actors import Actor
from workflows.citation import work_key
from workflows.decisions.consequences import Decision
from workflows.requests.request import Request

#: what else belongs into the transaction that saves a request
Also = Callable[[Connection, Request], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """A decision on its way into the database."""

    conn: Connection
    decision: Decision
    actor: Actor
    now: datetime
    #: when we heard of what happened at *now*; None if that was at once
    heard_at: datetime | None = None
    also: Also | None = None

    @property
    def heard(self) -> datetime:
        return self.heard_at or self.now

    @property
    def was_version(self) -> int:
        """The version that was decided upon; 0 of a new request."""
        return self.decision.request.version - len(self.decision.events)


def carry_out(saving: Saving) -> None:
    """Save a decision and carry out all that follows from it; where nothing has happened, nothing does.

    :raises LimitHit: if a limit is reached
    :raises Stale: if another decision was saved first
    """
    for consequence in CONSEQUENCES if saving.decision.events else (_also,):
        consequence(saving)


def _slots(saving: Saving) -> None:
    for key in saving.decision.slots.given_back:
        tallies.give_back(saving.conn, key)
    tallies.take(saving.conn, saving.decision.slots.taken)


def _request(saving: Saving) -> None:
    request = saving.decision.request
    if saving.was_version:
        request_rows.save(saving.conn, request, was_version=saving.was_version)
    else:
        request_rows.insert(saving.conn, request, work_key(request.citation))


def _events(saving: Saving) -> None:
    recorded = [
        Recorded(seq=seq, received_at=saving.heard, actor=saving.actor, event=event)
        for seq, event in enumerate(saving.decision.events, saving.was_version + 1)
    ]
    event_rows.append(saving.conn, saving.decision.request.id, recorded)


def _effects(saving: Saving) -> None:
    request = saving.decision.request
    ordered = (outbox.orders(request, effect, saving.now) for effect in saving.decision.effects)
    outbox.add(saving.conn, [entry for entries in ordered for entry in entries])


def _terms(saving: Saving) -> None:
    if saving.decision.terms is not None:
        policy_rows.keep(saving.conn, saving.decision.terms)


def _bookings(saving: Saving) -> None:
    posting.book(saving.conn, saving.decision.bookings, saving.actor, now=saving.now)


def _lender_ids(saving: Saving) -> None:
    request_rows.note_lender_ids(saving.conn, saving.decision.request.id, saving.decision.lender_ids)


def _early_messages(saving: Saving) -> None:
    """Let what partners said too early be tried again, under whatever name they used."""
    conn, request = saving.conn, saving.decision.request
    if not saving.was_version:
        return
    inbox.release(conn, request.id)
    for entry in request.rota:
        if entry.lender_request_id is not None:
            inbox.release(conn, request.id, library=entry.lender, lender_request_id=entry.lender_request_id)


def _also(saving: Saving) -> None:
    if saving.also is not None:
        saving.also(saving.conn, saving.decision.request)


def _news(saving: Saving) -> None:
    # behind what the caller adds: that may be the link by which the system is told
    if saving.decision.news is not None:
        telling_requesters.tell(saving.conn, saving.decision.request, saving.decision.news, now=saving.heard)


#: in the order in which they are carried out: limits refuse first, before anything is written
CONSEQUENCES: tuple[Callable[[Saving], None], ...] = (
    _slots,
    _request,
    _events,
    _effects,
    _terms,
    _bookings,
    _lender_ids,
    _early_messages,
    _also,
    _news,
)
