"""Empties the outbox: carries effects out through connectors and brings what comes of it back by the door."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypedDict, assert_never

import structlog
from sqlalchemy import Connection

from connectors import ports
from connectors.failures import PartnerFailure
from ill_broker.services import card_notices, requesters
from ill_broker.services.directory import Directory
from ill_broker.services.local_systems import LocalSystems
from ill_broker.services.messenger import Messenger, NotNow
from ill_broker.services.partner_health import PartnerHealth, call
from ill_broker.services.requests import Requests
from ill_broker.services.retrying import MOST_ATTEMPTS, back_off
from ill_broker.storage import outbox
from ill_broker.storage import requests as request_rows
from ill_broker.storage.outbox import Entry
from ill_broker.storage.records import from_dict
from ill_broker.storage.store import Store
from workflows.actors import SYSTEM
from workflows.commands import Command, RecordDelivered, RecordLocally, RecordUndeliverable
from workflows.effects import Tell, TellLender
from workflows.ids import LibraryCode, MessageId, RequestId
from workflows.requests import Request

#: how long a worker keeps what it has taken: twice the longest call
LEASE = timedelta(seconds=60)
#: what shows nothing of a member's own system
_NO_MACHINE = frozenset({"by_hand", "email"})
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
        except NotNow as night:
            with self._store.writing() as conn:
                outbox.wait(conn, entry.id, owner=self._owner, until=night.until)
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
            case "tell":
                with self._watched(entry, self._asks_by(entry), now):
                    return self._tell(entry, now)
            case outbox.LOCAL:
                with self._watched(entry, self._local_systems.connector(entry), now):
                    return self._local_systems.tell(entry, now=now)
            case outbox.REQUESTER:
                requesters.deliver(entry, self._registry)
            case "notice" | card_notices.KIND:
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
        try:
            yield
        except PartnerFailure as failure:
            self._health.note([call(entry.library, connector, failure)], now=now)
            raise
        self._health.note([call(entry.library, connector)], now=now)

    def _asks_by(self, entry: Entry) -> str | None:
        """Return the connector by which a lender is asked and told."""
        effect = from_dict(TellLender, entry.body)
        return self._registry.connectors(effect.lender).served_by.get("ask")

    def _tell(self, entry: Entry, now: datetime) -> str | None:
        effect = from_dict(TellLender, entry.body)
        request = self._request(entry)
        connectors = self._registry.connectors(effect.lender)
        if connectors.supplier is None:
            raise ValueError(effect.lender)
        told = self._message(effect, request, entry, now)
        if entry.attempts > 1 and connectors.witness and connectors.witness.did_you_get(effect.message):
            if told.lender_request_id is None:
                self._record(effect, request, None, now)
            return "was there already"
        if isinstance(told, ports.AskToSupply):
            acknowledgement = connectors.supplier.ask(told)
        else:
            acknowledgement = connectors.supplier.tell(told)
        self._record(effect, request, acknowledgement.lender_request_id, now)
        return acknowledgement.desk_task

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
        holding = next((held for held in request.holdings if held.library == lender), None)
        at_desk = ports.Desk(library=desk.code, name=desk.name, address=desk.desk)
        return ports.AskToSupply(citation=request.citation, holding=holding, desk=at_desk, **common)

    def _request(self, entry: Entry) -> Request:
        with self._store.reading() as conn:
            request = request_rows.load(conn, RequestId(entry.request_id or ""))
        if request is None:
            raise LookupError(entry.id)
        return request

    def _failed(self, entry: Entry, failure: PartnerFailure, now: datetime) -> None:
        hopeless = not failure.again or entry.attempts >= MOST_ATTEMPTS
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
                at = now + back_off(entry.attempts, asked_to_wait=failure.retry_after)
                outbox.put_off(conn, entry.id, owner=self._owner, at=at, failure=str(failure))


def _given_up(entry: Entry, failure: PartnerFailure) -> Command | None:
    """Return what the request is to know of an entry that is set aside; None if it is nothing to it."""
    message = MessageId(entry.id.removesuffix(f":{entry.kind}"))
    match entry.kind:
        case "tell":
            return RecordUndeliverable(message=message, reason=failure.detail)
        case outbox.LOCAL:
            return RecordLocally(message=message, failure=failure.detail)
        case _:
            return None
