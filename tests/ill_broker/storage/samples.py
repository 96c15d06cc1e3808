"""Records to store, each with one fact overridden where a test needs it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ill_broker.storage.events import Recorded
from ill_broker.storage.inbox import Message
from ill_broker.storage.outbox import Entry
from ill_broker.storage.people import Enrolment
from workflows.actors import SYSTEM
from workflows.citation import Citation, Holding
from workflows.ids import LibraryCode, MessageId, PatronId, RequestId
from workflows.patrons import Patron
from workflows.requests.commands import ReportedStatus
from workflows.requests.events import Noted
from workflows.requests.request import Instants, Request

NOW = datetime(2026, 3, 2, 1, 40, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BJTU = LibraryCode("bjtu")
NLC = LibraryCode("nlc")
ANNA = PatronId("pat_anna")
STONE = Citation(title="红楼梦", author="曹雪芹", isbn="9787020002207")


def request(number: int = 1, /, **facts: Any) -> Request:
    """Return a request whose id and desk number are of *number*."""
    plain = Request(
        id=RequestId(f"req_{number:017}"),
        number=f"A{number}",
        patron=ANNA,
        home=BJTU,
        desk=BJTU,
        citation=STONE,
        holdings=(Holding(library=NLC, record_id="1"),),
        instants=Instants(submitted=NOW),
        version=1,
    )
    return replace(plain, **facts)


def recorded(seq: int, /, **facts: Any) -> Recorded:
    noted = Noted(at=NOW - MINUTE, lender=NLC, status=ReportedStatus.LOANED, note=f"note {seq}")
    return replace(Recorded(seq=seq, received_at=NOW, actor=SYSTEM, event=noted), **facts)


def entry(name: str, /, **facts: Any) -> Entry:
    plain = Entry(id=name, kind="tell", body={"text": "请"}, created_at=NOW, due_at=NOW, library=NLC)
    return replace(plain, **facts)


def message(name: str, /, **facts: Any) -> Message:
    plain = Message(library=NLC, message_id=MessageId(name), body='{"a": 1}', received_at=NOW)
    return replace(plain, **facts)


def enrolment(name: str = "anna", /, **facts: Any) -> Enrolment:
    known = Patron(
        id=PatronId(f"pat_{name}"),
        home=BJTU,
        name=name,
        card_number=f"card-{name}",
        mobile="+8613800000000",
        email=f"{name.title()}@Example.org",
        verified_at=NOW,
    )
    of_patron = {key: facts.pop(key) for key in tuple(facts) if hasattr(known, key)}
    return replace(Enrolment(patron=replace(known, **of_patron), created_at=NOW), **facts)
