"""The one door: whatever moves a request comes in here. Gather, decide, save; no rule lives here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ill_broker.services.members.directory import Directory
from ill_broker.services.refusals import Unknown
from ill_broker.services.requests import telling_requesters
from ill_broker.services.requests.carrying_out import Also, Saving, carry_out
from ill_broker.services.requests.gathering import gather, open_requests
from ill_broker.services.requests.refused import RefusedCounts
from ill_broker.services.transaction import decided, insist
from ill_broker.storage import events as event_rows
from ill_broker.storage import requests as request_rows
from ill_broker.storage.events import Recorded
from ill_broker.storage.limit_reports import Refused
from ill_broker.storage.store import Store
from workflows.actors import Actor
from workflows.citation import work_key
from workflows.decisions import submission
from workflows.decisions.consequences import Decision
from workflows.decisions.decide import decide
from workflows.decisions.draft import Known
from workflows.home_cards import HomeCard
from workflows.ids import LibraryCode, RequestId
from workflows.patrons import Patron
from workflows.refusals import NotAllowed, NotEligible
from workflows.requests.commands import (
    AnswerConditions,
    Command,
    CorrectItem,
    HandOver,
    Renew,
    Report,
    RevokeAmendment,
    Ring,
)
from workflows.requests.measures import refused_by
from workflows.requests.message_commands import RecordUndeliverable
from workflows.requests.permissions import may_take, relations
from workflows.requests.request import Request, known_until

#: commands after which the next lender may have its turn
_MAY_ASK = (Report, RecordUndeliverable, Ring, AnswerConditions, CorrectItem)


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
        self._refused = RefusedCounts(store)

    def submit(
        self,
        new: Request,
        patron: Patron,
        actor: Actor,
        *,
        now: datetime,
        home_card: HomeCard | None = None,
        chosen: LibraryCode | None = None,
        also: Also | None = None,
    ) -> Request:
        """Save a new request, or return the open one that the patron has for the same work.

        :param home_card: what the home library says of the patron's card, if it could be asked
        :param chosen: the lender that a desk has chosen to be asked first
        :raises NotEligible: with every reason
        """
        key = work_key(new.citation)

        def work(conn: Connection) -> Request:
            mine = open_requests(conn, new.patron)
            same = next((one for one in mine if work_key(one.citation) == key), None)
            if same is None:
                known = gather(conn, new, self._directory, now=now, asks=True, mine=mine)
                decision = submission.submit(new, patron, replace(known, home_card=home_card), chosen=chosen)
            else:
                decision = Decision(request=same)
            carry_out(Saving(conn=conn, decision=decision, actor=actor, now=now, also=also))
            return decision.request

        self._directory.libraries(now)
        try:
            return decided(self._store, work)
        except NotEligible as refusal:
            self._refused.note(self._stood_against(new.home, refusal, now))
            raise

    def _stood_against(self, home: LibraryCode, refusal: NotEligible, now: datetime) -> Iterator[Refused]:
        day = f"{self._directory.book.policy(home).calendar.local_day(now):%Y-%m-%d}"
        facts: Any = refusal.facts
        for lender, reason in refused_by(facts["reasons"], facts["lenders"]):
            yield Refused(day, home, lender, reason)

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
            # a clock that was set back puts no step before what has happened already
            at = now if heard_at is not None else max(now, known_until(before))
            decision = decide(before, command, self._known(conn, before, command, actor, at))
            carry_out(
                Saving(conn=conn, decision=decision, actor=actor, now=now, heard_at=heard_at, also=also)
            )
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

    def _known(
        self, conn: Connection, request: Request, command: Command, actor: Actor, now: datetime
    ) -> Known:
        """Return what may be known about a request when *command* is decided."""
        known = gather(
            conn,
            request,
            self._directory,
            now=now,
            asks=isinstance(command, _MAY_ASK),
            lends=isinstance(command, HandOver),
            renews=isinstance(command, Renew),
            revokes=isinstance(command, RevokeAmendment),
        )
        if not request.by_partner:
            return known
        cancels = telling_requesters.waits_for_answer(conn, request)
        return replace(
            known, by_requester=telling_requesters.moves(actor, request), requester_cancels=cancels
        )


def _visible(conn: Connection, request_id: RequestId, actor: Actor) -> Request:
    request = request_rows.load(conn, request_id)
    if request is None or not relations(actor, request):
        raise Unknown
    return request
