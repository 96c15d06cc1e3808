"""A home library with a system of its own, which does as a test says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from connectors.ports import ArrivedItem, Connectors, LocalPatron
from ill_broker.services.delivery.delivery import Delivery
from ill_broker.services.members.directory import Directory
from ill_broker.services.requests.door import Requests
from ill_broker.storage.store import Store
from tests.factories import BARCODE, BJTU, SZUTL, the_book
from tests.ill_broker.services.lending import Lending
from workflows.requests.commands import Arrive, CallResult, HandOver, RecordCall, ReportedStatus
from workflows.requests.request import Request


@dataclass
class OwnSystem:
    """Keeps what it is told; *obey* may fail."""

    #: what it calls a book that it was told of
    number: str = BARCODE
    patron: LocalPatron | None = None
    obey: Callable[[], None] = lambda: None
    told: list[tuple[Any, ...]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    looked_up: list[tuple[str, str | None]] = field(default_factory=list)

    def look_up(self, card_number: str, *, password: str | None = None) -> LocalPatron | None:
        self.looked_up.append((card_number, password))
        self.obey()
        return self.patron

    def accept(self, item: ArrivedItem) -> str:
        self._told(item.message_id, "hold", item)
        return self.number

    def check_out(self, message_id: str, *, card_number: str, barcode: str, due: date) -> None:
        self._told(message_id, "check_out", card_number, barcode, due)

    def check_in(self, message_id: str, *, barcode: str) -> None:
        self._told(message_id, "check_in", barcode)

    def forget(self, message_id: str, *, barcode: str) -> None:
        self._told(message_id, "forget", barcode)

    def _told(self, message_id: str, *what: Any) -> None:
        self.names.append(message_id)
        self.told.append(what)
        self.obey()


class AtHome(Lending):
    """A consortium in which the home library has a system of its own."""

    def __init__(self, store: Store, system: Any, **cannot: None) -> None:
        super().__init__(store)
        self.system = system
        self.plug(**cannot)

    def plug(self, **cannot: None) -> None:
        """Let the system be spoken to, but for what it *cannot* do."""
        has = dict.fromkeys(("patrons", "hold_shelf", "circulation", "temporary_items"), self.system)
        self.lenders.by_hand[BJTU] = Connectors(BJTU, **{**has, **cannot})
        self.directory = Directory(self.store, the_book(), self.lenders)
        self.requests = Requests(self.store, self.directory)
        self.delivery: Delivery = self.hand("worker-1")

    def arrived(self) -> Request:
        request = self.asked(SZUTL)
        self.hear(request, ReportedStatus.LOANED, SZUTL, item_barcode=BARCODE)
        return self.do(request, Arrive(barcode=BARCODE))

    def lent(self) -> Request:
        request = self.arrived()
        self.do(request, RecordCall(result=CallResult.REACHED))
        return self.do(request, HandOver())
