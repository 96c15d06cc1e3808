"""Empties the outbox: carries effects out through connectors and brings what comes of it back by the door."""

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypedDict, assert_never

import structlog
from sqlalchemy import Connection

from connectors import ports
from connectors.failures import PartnerFailure
from ill_broker.services.cards import notices
from ill_broker.services.delivery.back_off import MOST_ATTEMPTS, back_off
from ill_broker.services.delivery.local_systems import LocalSystems
from ill_broker.services.delivery.patron_messages import Messenger, NotNow
from ill_broker.services.discovery import wish_notices
from ill_broker.services.members.connector_health import PartnerHealth, call
from ill_broker.services.members.directory import Directory
from ill_broker.services.requests import telling_requesters, typed_notices
from ill_broker.services.requests.door import Requests
from ill_broker.storage import outbox
from ill_broker.storage import requests as request_rows
from ill_broker.storage.outbox import Entry
from ill_broker.storage.records import from_dict
from ill_broker.storage.store import Store
from workflows.actors import SYSTEM
from workflows.decisions import rota as asking
from workflows.ids import LibraryCode, MessageId, RequestId
from workflows.requests.commands import Command
from workflows.requests.effects import Tell, TellLender
from workflows.requests.lifecycle import Status
from workflows.requests.message_commands import (
    RecordDelivered,
    RecordLocally,
    RecordNotTold,
    RecordUndeliverable,
)
from workflows.requests.request import Request

#: how long a worker keeps what it has taken: twice the longest call
LEASE = timedelta(seconds=60)
#: what shows nothing of a member's own system
_NO_MACHINE = frozenset({"by_hand", "email"})
#: what became of a message: the lender had it already; it was no longer true
THERE, NOT_WANTED = "was there already", "not wanted any more"
#: by which a lender hears that its turn is over
_END_OF_TURN = frozenset({Tell.CANCEL, Tell.REJECT_CONDITIONS})
_log = structlog.get_logger()


class _Envelope(TypedDict):
    message_id: str
    request_id: str
    at: datetime
    lender_request_id: str | None
    note: str | None
    number: str


class Delivery:
    """Carries out what waits in the outbox."""

    def __init__(
        self,
        store: Store,
        requests: Requests,
        directory: Directory,
        registry: ports.Registry,
        mailer: ports.Mailer,
        *,
        owner: str,
        gateway: ports.SmsGateway | None = None,
        base_url: str = "",
        health: PartnerHealth | None = None,
    ) -> None:
        self._store = store
        self._requests = requests
        self._directory = directory
        self._registry = registry
        self._local_systems = LocalSystems(store, requests, registry)
        self._messenger = Messenger(store, directory, mailer, gateway, base_url=base_url)
        self._owner = owner
        self._health = health

    def claim(
        self, now: datetime, limit: int, *, not_for: Collection[LibraryCode | None] = ()
    ) -> list[Entry]:
        """Take what is due; nobody else has it until the lease ends."""
        with self._store.reading() as conn:
            due = outbox.next_due(conn)
        if due is None or due > now:
            return []
        with self._store.writing() as conn:
            return outbox.claim(conn, owner=self._owner, now=now, lease=LEASE, limit=limit, not_for=not_for)

    def deliver(self, entry: Entry, *, now: datetime) -> None:
        """Carry one entry out; a failure puts it off or, when waiting does not help, sets it aside."""
        try:
            result = self._carry_out(entry, now)
        except NotNow as rest:
            if _is_overdue(entry, now):
                self._failed(entry, PartnerFailure(entry.library or entry.kind, "rests", again=True), now)
                return
            with self._store.writing() as conn:
                outbox.wait(conn, entry.id, owner=self._owner, until=rest.until, now=now)
            return
        except PartnerFailure as failure:
            self._failed(entry, failure, now)
            return
        self._store.write(
            lambda conn: outbox.done(conn, [entry.id], owner=self._owner, now=now, result=result)
        )

    def broke_off(self, entry: Entry, error: Exception, *, now: datetime) -> None:
        """Put off what failed by a fault of ours; after as many attempts as any other it is given up."""
        failure = PartnerFailure(entry.library or entry.kind, type(error).__name__, again=True)
        self._failed(entry, failure, now)

    def _carry_out(self, entry: Entry, now: datetime) -> str | None:
        match entry.kind:
            case outbox.TELL:
                return self._tell(entry, now)
            case outbox.LOCAL:
                with self._watched(entry, self._local_systems.connector(entry), now):
                    return self._local_systems.tell(entry, now=now)
            case outbox.REQUESTER:
                telling_requesters.deliver(entry, self._registry)
            case "notice" | notices.KIND | wish_notices.KIND | typed_notices.KIND:
                return self._messenger.tell(entry, now=now)
            case "mail":
                self._messenger.mail(entry)
            case _:
                raise ValueError(entry.kind)
        return None

    @contextmanager
    def _watched(self, entry: Entry, connector: str | None, now: datetime) -> Iterator[None]:
        """Note how a call goes.

        :raises NotNow: if the connector rests, because it failed several times in a row
        """
        if self._health is None or entry.library is None or connector is None or connector in _NO_MACHINE:
            yield
            return
        until = self._health.rests_until(entry.library, connector, now)
        if until is not None:
            raise NotNow(until)
        began, told = time.monotonic(), partial(call, entry.library, connector)
        try:
            yield
        except PartnerFailure as failure:
            self._health.note([told(failure, milliseconds=_since(began))], now=now)
            raise
        self._health.note([told(milliseconds=_since(began))], now=now)

    def _tell(self, entry: Entry, now: datetime) -> str | None:
        """Tell a lender what is still true, and return what became of it."""
        effect = from_dict(TellLender, entry.body)
        request = self._request(entry)
        if not asking.is_wanted(effect, request) or self._has_heard_nothing(effect, request):
            has_answered = request.lender == effect.lender and request.status is not Status.CLOSED
            return THERE if effect.what is Tell.ASK and has_answered else NOT_WANTED
        if entry.after is not None:
            self._note_untold(entry.after, request, now)
        with self._watched(entry, self._registry.connectors(effect.lender).served_by.get("ask"), now):
            return self._said(effect, request, entry, now)

    def _said(self, effect: TellLender, request: Request, entry: Entry, now: datetime) -> str | None:
        connectors = self._registry.connectors(effect.lender)
        if connectors.supplier is None:
            raise ValueError(effect.lender)
        told = self._message(effect, request, entry, now)
        if entry.attempts > 1 and connectors.witness and connectors.witness.did_you_get(effect.message):
            if told.lender_request_id is None:
                self._record(effect, request, None, now)
            return THERE
        if isinstance(told, ports.AskToSupply):
            acknowledgement = connectors.supplier.ask(told)
        else:
            acknowledgement = connectors.supplier.tell(told)
        self._record(effect, request, acknowledgement.lender_request_id, now)
        return acknowledgement.desk_task

    def _has_heard_nothing(self, effect: TellLender, request: Request) -> bool:
        """Tell whether what is to be cancelled never went out."""
        rota = request.entry(effect.lender)
        if effect.what is not Tell.CANCEL or rota is None:
            return False
        with self._store.reading() as conn:
            ask = outbox.find(conn, f"{rota.message}:{outbox.TELL}")
        return ask is not None and ask.result == NOT_WANTED and ask.attempts == 1

    def _note_untold(self, first: str, request: Request, now: datetime) -> None:
        """Mark the lender that should have heard first and has not."""
        with self._store.reading() as conn:
            before = outbox.find(conn, first)
        if before is not None and before.state is not outbox.EntryState.DONE:
            untold = RecordNotTold(
                lender=LibraryCode(before.library or ""), reason=before.last_failure or "in time"
            )
            self._requests.handle(request.id, untold, SYSTEM, now=now)

    def _record(self, effect: TellLender, request: Request, theirs: str | None, now: datetime) -> None:
        """Take down that the lender has what it is asked, and what it calls the request."""
        if effect.what is Tell.ASK:
            delivered = RecordDelivered(message=effect.message, lender_request_id=theirs)
            self._requests.handle(request.id, delivered, SYSTEM, now=now)

    def _message(self, effect: TellLender, request: Request, entry: Entry, now: datetime) -> ports.Message:
        rota = request.entry(effect.lender)
        common = _Envelope(
            message_id=effect.message,
            request_id=request.id,
            at=entry.created_at,
            lender_request_id=rota.lender_request_id if rota else None,
            note=effect.note,
            number=request.number,
        )
        match effect.what:
            case Tell.ASK:
                return self._ask(effect.lender, request, now, common)
            case Tell.CANCEL:
                return ports.CancelAsk(**common)
            case Tell.ACCEPT_CONDITIONS:
                again = replace(self._ask(effect.lender, request, now, common), is_retry=True)
                return ports.AcceptConditions(condition=request.conditions, ask=again, **common)
            case Tell.REJECT_CONDITIONS:
                return ports.RejectConditions(**common)
            case Tell.RECEIVED:
                return ports.TellReceived(item_barcode=request.item_barcode, **common)
            case Tell.DUE_DATE:
                return ports.TellDueDate(lender_due=effect.lender_due, **common)
            case Tell.SHIPPED_RETURN:
                return ports.TellReturned(
                    item_barcode=request.item_barcode, tracking=effect.tracking, **common
                )
            case Tell.LOST:
                return ports.TellLost(item_barcode=request.item_barcode, **common)
            case _:
                assert_never(effect.what)

    def _ask(
        self, lender: LibraryCode, request: Request, now: datetime, common: _Envelope
    ) -> ports.AskToSupply:
        desk = self._directory.library(request.desk, now)
        holding = request.copy_at(lender)
        at_desk = ports.Desk(
            library=desk.code,
            name=desk.name,
            address=desk.desk,
            name_zh=desk.name_zh,
            address_zh=desk.desk_zh,
        )
        return ports.AskToSupply(citation=request.citation, holding=holding, desk=at_desk, **common)

    def _request(self, entry: Entry) -> Request:
        with self._store.reading() as conn:
            request = request_rows.load(conn, RequestId(entry.request_id or ""))
        if request is None:
            raise LookupError(entry.id)
        return request

    def _failed(self, entry: Entry, failure: PartnerFailure, now: datetime) -> None:
        hopeless = not failure.again or entry.attempts >= MOST_ATTEMPTS or _is_overdue(entry, now)
        _log.warning("delivery failed", entry=entry.id, failure=str(failure), again=not hopeless)

        def bury(conn: Connection) -> None:
            outbox.bury(conn, entry.id, owner=self._owner, now=now, failure=str(failure))

        given_up = _given_up(entry, failure) if hopeless else None
        if given_up is not None and entry.request_id is not None:
            self._requests.handle(
                entry.request_id, given_up, SYSTEM, now=now, also=lambda conn, _: bury(conn)
            )
            return
        with self._store.writing() as conn:
            if hopeless:
                bury(conn)
            else:
                at = _next_try(entry, now + back_off(entry.attempts, asked_to_wait=failure.retry_after))
                outbox.put_off(conn, entry.id, owner=self._owner, at=at, now=now, failure=str(failure))


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _what(entry: Entry) -> Tell | None:
    return Tell(entry.body["what"]) if entry.kind == outbox.TELL else None


def _next_try(entry: Entry, at: datetime) -> datetime:
    """Return when an entry is tried again: an ask no later than when it is given up."""
    if _what(entry) is not Tell.ASK or entry.first_tried_at is None:
        return at
    return min(at, entry.first_tried_at + outbox.HELD_BACK)


def _is_overdue(entry: Entry, now: datetime) -> bool:
    """Tell whether a lender has been asked in vain for so long that the next one has its turn."""
    tried_since = entry.first_tried_at or now
    return _what(entry) is Tell.ASK and now - tried_since >= outbox.HELD_BACK


def _given_up(entry: Entry, failure: PartnerFailure) -> Command | None:
    """Return what the request is to know of an entry that is set aside; None if it is nothing to it."""
    message = MessageId(entry.id.removesuffix(f":{entry.kind}"))
    match entry.kind:
        case outbox.TELL if _what(entry) in _END_OF_TURN:
            return RecordNotTold(lender=entry.library or LibraryCode(""), reason=failure.detail)
        case outbox.TELL:
            return RecordUndeliverable(message=message, reason=failure.detail)
        case outbox.LOCAL:
            return RecordLocally(message=message, failure=failure.detail)
        case _:
            return None
