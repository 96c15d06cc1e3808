"""The one door: whatever moves a request comes in here. Gather, decide, save; no rule lives here."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from ill_broker.services.members.directory import Directory
from ill_broker.services.members.policy_versions import keep_terms
from ill_broker.services.refusals import Unknown
from ill_broker.services.requests import posting, telling_requesters
from ill_broker.services.requests.gathering import gather, open_requests
from ill_broker.services.transaction import decided, insist
from ill_broker.storage import events as event_rows
from ill_broker.storage import inbox, outbox, tallies
from ill_broker.storage import requests as request_rows
from ill_broker.storage.events import Recorded
from ill_broker.storage.store import Store
from workflows.actors import Actor
from workflows.citation import work_key
from workflows.decisions import submission
from workflows.decisions.charges import bookings
from workflows.decisions.decide import decide
from workflows.decisions.draft import Decision, Known
from workflows.home_cards import HomeCard
from workflows.ids import RequestId
from workflows.patrons import Patron
from workflows.refusals import NotAllowed
from workflows.requests.commands import (
    AnswerConditions,
    Command,
    CorrectItem,
    HandOver,
    RecordUndeliverable,
    Renew,
    Report,
    RevokeAmendment,
    Ring,
)
from workflows.requests.limits import Claim, ceiling, claims_of
from workflows.requests.permissions import may_take, relations
from workflows.requests.request import Request, known_until

#: commands after which the next lender may have its turn
_MAY_ASK = (Report, RecordUndeliverable, Ring, AnswerConditions, CorrectItem)

#: what else belongs into the transaction that saves a request
Also = Callable[[Connection, Request], None]


@dataclass(frozen=True, slots=True)
class Seen:
    """A request with all that has happened to it."""

    request: Request
    events: tuple[Recorded, ...]


class Requests:
    """Moves requests and shows them."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    def submit(
        self,
        new: Request,
        patron: Patron,
        actor: Actor,
        *,
        now: datetime,
        home_card: HomeCard | None = None,
        also: Also | None = None,
    ) -> Request:
        """Save a new request, or return the open one that the patron has for the same work.

        :param home_card: what the home library says of the patron's card, if it could be asked
        :raises NotEligible: with every reason
        """
        key = work_key(new.citation)

        def work(conn: Connection) -> Request:
            mine = open_requests(conn, new.patron)
            request = next((one for one in mine if work_key(one.citation) == key), None)
            decision: Decision | None = None
            if request is None:
                known = gather(conn, new, self._directory, now=now, asks=True, mine=mine)
                known = replace(known, home_card=home_card)
                decision = submission.submit(new, patron, known)
                request = decision.request
                _change_claims(conn, None, request, known, forced=False)
                request_rows.insert(conn, request, key)
                _record(conn, decision, actor, now, first=1)
            if also is not None:
                also(conn, request)
            if decision is not None:
                telling_requesters.tell(conn, None, request, actor, None, now=now)
            return request

        self._directory.libraries(now)
        return decided(self._store, work)

    def handle(
        self,
        request_id: RequestId,
        command: Command,
        actor: Actor,
        *,
        now: datetime,
        also: Also | None = None,
        expected: Callable[[int], None] = lambda _: None,
        heard_at: datetime | None = None,
    ) -> Request:
        """Apply a command to a request and return what it has become.

        :param expected: raises if the version at hand is not the one that is meant
        :param heard_at: when we heard of what happened at *now*; None if that was at once

        :raises Unknown: if it does not exist for *actor*
        :raises WorkflowError: if it is refused; nothing is changed then
        """

        def work(conn: Connection) -> Request:
            before = _visible(conn, request_id, actor)
            insist(before.version, expected)
            if not may_take(actor, before, command.step):
                raise NotAllowed(f"{actor.role} may not take the step {command.step}", step=command.step)
            lends = isinstance(command, HandOver)
            # a clock that was set back puts no step before what has happened already
            at = now if heard_at is not None else max(now, known_until(before))
            known = self._known(conn, before, command, at)
            decision = decide(before, command, known)
            if decision.events:
                forced = isinstance(command, Report)
                _change_claims(conn, before, decision.request, known, forced=forced)
                request_rows.save(conn, decision.request, was_version=before.version)
                _record(conn, decision, actor, now, first=before.version + 1, heard_at=heard_at)
                if lends:
                    keep_terms(conn, decision.request, known.book, now=at)
                owing = bookings(before, decision.request, decision.events, known.book, now=at)
                posting.book(conn, owing, actor, now=now)
                request_rows.note_lender_ids(conn, decision.request, known=before)
                _release(conn, decision.request)
            if also is not None:
                also(conn, decision.request)
            if decision.events:
                after = decision.request
                telling_requesters.tell(conn, before, after, actor, command, now=now, heard_at=heard_at)
            return decision.request

        self._directory.libraries(now)
        return decided(self._store, work)

    def see(self, request_id: RequestId, actor: Actor) -> Seen:
        """Return a request with its events.

        :raises Unknown: if it does not exist for *actor*
        """
        with self._store.reading() as conn:
            found = event_rows.with_request(conn, request_id)
        if found is None or not relations(actor, found[0]):
            raise Unknown
        return Seen(*found)

    def _known(self, conn: Connection, request: Request, command: Command, now: datetime) -> Known:
        """Return what may be known about a request when *command* is decided."""
        return gather(
            conn,
            request,
            self._directory,
            now=now,
            asks=isinstance(command, _MAY_ASK),
            lends=isinstance(command, HandOver),
            renews=isinstance(command, Renew),
            revokes=isinstance(command, RevokeAmendment),
        )


def _visible(conn: Connection, request_id: RequestId, actor: Actor) -> Request:
    request = request_rows.load(conn, request_id)
    if request is None or not relations(actor, request):
        raise Unknown
    return request


def _change_claims(
    conn: Connection, before: Request | None, after: Request, known: Known, *, forced: bool
) -> None:
    """Give back what the request no longer takes up, take what it does; what has happened is not refused."""
    had, has = claims_of(before), claims_of(after)
    for claim in _in_order(had - has):
        tallies.give_back(conn, claim.key)
    tallies.take(
        conn,
        {claim.key: None if forced else ceiling(claim, after, known.book) for claim in has - had},
    )


def _in_order(claims: frozenset[Claim]) -> list[Claim]:
    """Return claims in one order for everybody, so that two transactions never wait for each other."""
    return sorted(claims, key=lambda claim: claim.key)


def _release(conn: Connection, request: Request) -> None:
    """Let what partners said too early be tried again, under whatever name they used."""
    inbox.release(conn, request.id)
    for entry in request.rota:
        if entry.lender_request_id is not None:
            inbox.release(conn, request.id, library=entry.lender, lender_request_id=entry.lender_request_id)


def _record(
    conn: Connection,
    decision: Decision,
    actor: Actor,
    now: datetime,
    *,
    first: int,
    heard_at: datetime | None = None,
) -> None:
    request = decision.request
    recorded = [
        Recorded(seq=first + place, received_at=heard_at or now, actor=actor, event=event)
        for place, event in enumerate(decision.events)
    ]
    event_rows.append(conn, request.id, recorded)
    outbox.add(conn, [each for effect in decision.effects for each in outbox.orders(request, effect, now)])
