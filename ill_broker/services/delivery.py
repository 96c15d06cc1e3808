"""Empties the outbox: carries effects out through connectors and brings what comes of it back by the door."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TypedDict, assert_never

import structlog

from connectors import ports
from connectors.failures import PartnerFailure
from ill_broker.services.directory import Directory
from ill_broker.services.notices import is_timely, text
from ill_broker.services.requests import Requests
from ill_broker.services.retrying import MOST_ATTEMPTS, back_off
from ill_broker.storage import outbox, people
from ill_broker.storage import requests as request_rows
from ill_broker.storage.outbox import Entry
from ill_broker.storage.records import from_dict
from ill_broker.storage.store import Store
from workflows.actors import SYSTEM
from workflows.commands import RecordDelivered, RecordUndeliverable
from workflows.effects import SendNotice, Tell, TellLender
from workflows.ids import LibraryCode, RequestId
from workflows.requests import Request

#: how long a worker keeps what it has taken: twice the longest call
LEASE = timedelta(seconds=60)
_LANGUAGE_TAGS = {"zh": "zh-Hans", "en": "en"}
_log = structlog.get_logger()


class _Envelope(TypedDict):
    message_id: str
    request_id: str
    at: datetime
    lender_request_id: str | None
    note: str | None


class NotTimely(Exception):
    """The notice would no longer tell the patron anything true."""


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
    ) -> None:
        self._store = store
        self._requests = requests
        self._directory = directory
        self._registry = registry
        self._mailer = mailer
        self._owner = owner

    def claim(self, now: datetime, limit: int, *, not_for: Collection[LibraryCode] = ()) -> list[Entry]:
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
        except NotTimely:
            result = "not timely"
        except PartnerFailure as failure:
            self._failed(entry, failure, now)
            return
        with self._store.writing() as conn:
            outbox.done(conn, [entry.id], owner=self._owner, now=now, result=result)

    def _carry_out(self, entry: Entry, now: datetime) -> str | None:
        match entry.kind:
            case "tell":
                return self._tell(entry, now)
            case "notice":
                self._notify(entry, now)
            case "mail":
                self._mail(entry)
            case _:
                raise ValueError(entry.kind)
        return None

    def _tell(self, entry: Entry, now: datetime) -> str | None:
        effect = from_dict(TellLender, entry.body)
        request = self._request(entry)
        connectors = self._registry.connectors(effect.lender)
        if connectors.supplier is None:
            raise ValueError(effect.lender)
        told = self._message(effect, request, entry, now)
        if entry.attempts > 1 and connectors.witness and connectors.witness.did_you_get(effect.message):
            return "was there already"
        if isinstance(told, ports.AskToSupply):
            acknowledgement = connectors.supplier.ask(told)
        else:
            acknowledgement = connectors.supplier.tell(told)
        if effect.what is Tell.ASK:
            delivered = RecordDelivered(
                message=effect.message, lender_request_id=acknowledgement.lender_request_id
            )
            self._requests.handle(request.id, delivered, SYSTEM, now=now)
        return acknowledgement.desk_task

    def _message(self, effect: TellLender, request: Request, entry: Entry, now: datetime) -> ports.Message:
        rota = request.entry(effect.lender)
        common = _Envelope(
            message_id=effect.message,
            request_id=request.id,
            at=entry.created_at,
            lender_request_id=rota.lender_request_id if rota else None,
            note=effect.note,
        )
        match effect.what:
            case Tell.ASK:
                desk = self._directory.library(request.desk, now)
                holding = next((held for held in request.holdings if held.library == effect.lender), None)
                at_desk = ports.Desk(library=desk.code, name=desk.name, address=desk.desk)
                return ports.AskToSupply(citation=request.citation, holding=holding, desk=at_desk, **common)
            case Tell.CANCEL:
                return ports.CancelAsk(**common)
            case Tell.ACCEPT_CONDITIONS:
                return ports.AcceptConditions(**common)
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

    def _notify(self, entry: Entry, now: datetime) -> None:
        effect = from_dict(SendNotice, entry.body)
        request = self._request(entry)
        if not is_timely(effect.notice, request):
            raise NotTimely
        with self._store.reading() as conn:
            patron = people.patron(conn, request.patron)
        if patron is None:
            raise NotTimely
        written = text(effect.notice, request, patron, self._directory.library(request.desk, now))
        self._mailer.send(
            ports.Letter(
                message_id=effect.message,
                to=patron.email,
                subject=written.subject,
                text=written.body,
                language=_LANGUAGE_TAGS[patron.language],
            )
        )

    def _mail(self, entry: Entry) -> None:
        body = entry.body
        self._mailer.send(
            ports.Letter(
                message_id=entry.id,
                to=body["to"],
                subject=body["subject"],
                text=body["text"],
                language=_LANGUAGE_TAGS[body["language"]],
            )
        )

    def _request(self, entry: Entry) -> Request:
        with self._store.reading() as conn:
            request = request_rows.load(conn, RequestId(entry.request_id or ""))
        if request is None:
            raise LookupError(entry.id)
        return request

    def _failed(self, entry: Entry, failure: PartnerFailure, now: datetime) -> None:
        hopeless = not failure.again or entry.attempts >= MOST_ATTEMPTS
        _log.warning("delivery failed", entry=entry.id, failure=str(failure), again=not hopeless)
        with self._store.writing() as conn:
            if hopeless:
                outbox.bury(conn, entry.id, owner=self._owner, now=now, failure=str(failure))
            else:
                at = now + back_off(entry.attempts, asked_to_wait=failure.retry_after)
                outbox.put_off(conn, entry.id, owner=self._owner, at=at, failure=str(failure))
        if hopeless and entry.kind == "tell" and entry.request_id is not None:
            effect = from_dict(TellLender, entry.body)
            undeliverable = RecordUndeliverable(message=effect.message, reason=failure.detail)
            self._requests.handle(entry.request_id, undeliverable, SYSTEM, now=now)
