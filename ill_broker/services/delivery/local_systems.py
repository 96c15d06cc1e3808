"""Tells the system of a patron's own library what happened to a borrowed book at the desk."""

from datetime import datetime

from connectors import ports
from connectors.failures import Refused
from ill_broker.services.requests.door import Requests
from ill_broker.storage import people
from ill_broker.storage import requests as request_rows
from ill_broker.storage.outbox import Entry
from ill_broker.storage.records import from_dict
from ill_broker.storage.store import Store
from workflows.actors import SYSTEM
from workflows.decisions.local_systems import due_of
from workflows.ids import RequestId
from workflows.requests.effects import Locally, TellLocalSystem
from workflows.requests.message_commands import RecordLocally
from workflows.requests.request import Request

#: what a library's system needs to be for each
_NEEDS = {
    Locally.HOLD: "hold_shelf",
    Locally.CHECK_OUT: "circulation",
    Locally.CHECK_IN: "circulation",
    Locally.FORGET: "temporary_items",
}
#: what became of a message: the system did as it was told, or cannot be told any more
TOLD, NO_SYSTEM = "told", "no system"


class LocalSystems:
    """Carries out what is meant for the system of a patron's own library."""

    def __init__(self, store: Store, requests: Requests, registry: ports.Registry) -> None:
        self._store = store
        self._requests = requests
        self._registry = registry

    def tell(self, entry: Entry, *, now: datetime) -> str:
        """Carry an entry out, and return what became of it.

        :raises PartnerFailure: if the system did not do it, or may not have
        """
        effect = from_dict(TellLocalSystem, entry.body)
        request, card_number = self._concerned(entry)
        has = self._registry.connectors(effect.library)
        barcode = request.local_barcode or effect.barcode
        match effect.what:
            case Locally.HOLD if has.hold_shelf:
                theirs = has.hold_shelf.accept(_arrived(effect, request, card_number))
                self._held(effect, request, theirs, now)
            case Locally.CHECK_OUT if has.circulation:
                has.circulation.check_out(
                    effect.message, card_number=card_number, barcode=barcode, due=due_of(effect)
                )
            case Locally.CHECK_IN if has.circulation:
                has.circulation.check_in(effect.message, barcode=barcode)
            case Locally.FORGET if has.temporary_items:
                has.temporary_items.forget(effect.message, barcode=barcode)
            case _:
                return NO_SYSTEM
        return TOLD

    def connector(self, entry: Entry) -> str | None:
        """Return which connector an entry goes by; None if none serves it."""
        effect = from_dict(TellLocalSystem, entry.body)
        return self._registry.connectors(effect.library).served_by.get(_NEEDS[effect.what])

    def _held(self, effect: TellLocalSystem, request: Request, theirs: str, now: datetime) -> None:
        """Take down the number that the system gave the book, if it is not the one we know."""
        if theirs != (request.local_barcode or effect.barcode):
            told = RecordLocally(message=effect.message, barcode=theirs)
            self._requests.handle(request.id, told, SYSTEM, now=now)

    def _concerned(self, entry: Entry) -> tuple[Request, str]:
        with self._store.reading() as conn:
            request = request_rows.load(conn, RequestId(entry.request_id or ""))
            patron = None if request is None else people.enrolment(conn, request.patron)
        if request is None or patron is None:
            raise LookupError(entry.id)
        if patron.erased_at is not None:
            raise Refused(request.home, "the patron is forgotten")
        return request, patron.patron.card_number


def _arrived(effect: TellLocalSystem, request: Request, card_number: str) -> ports.ArrivedItem:
    return ports.ArrivedItem(
        message_id=effect.message,
        request_id=request.id,
        card_number=card_number,
        barcode=effect.barcode,
        title=request.citation.title,
        author=request.citation.author,
        isbn=request.citation.isbn,
    )
