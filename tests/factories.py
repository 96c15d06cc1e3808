"""Records of a request's life, each an ordinary one with the facts overridden that a test is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache, reduce
from importlib import resources
from typing import Any

import yaml

from workflows.citation import Citation, Holding
from workflows.decisions.consequences import Decision
from workflows.decisions.decide import decide
from workflows.decisions.draft import Known
from workflows.decisions.submission import submit
from workflows.errors import WorkflowError
from workflows.ids import AmendmentId, LibraryCode, PatronId, RequestId
from workflows.libraries import Library
from workflows.loan_clock.amendments import Amendment
from workflows.patrons import Patron
from workflows.policies.book import PolicyBook
from workflows.requests.commands import (
    Arrive,
    CallResult,
    Command,
    HandOver,
    RecordCall,
    Report,
    ReportedStatus,
    ShipBack,
    TakeBack,
)
from workflows.requests.effects import Effect, SendNotice, TellLender
from workflows.requests.events import Event
from workflows.requests.evolve import evolve
from workflows.requests.lifecycle import Status
from workflows.requests.request import Instants, Request

BJTU, PKU, NLC, SHLIB = LibraryCode("bjtu"), LibraryCode("pku"), LibraryCode("nlc"), LibraryCode("shlib")
SZUTL, FJMU, JINAN, BHU = LibraryCode("szutl"), LibraryCode("fjmu"), LibraryCode("jinan"), LibraryCode("bhu")

#: a Monday of the spring term, 10:00 in Beijing
START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ANNA = PatronId("pat_anna")
BARCODE = "31234000"


@cache
def the_book() -> PolicyBook:
    """Return the policies that come with the project."""
    return PolicyBook.load(_documents("policies"), _documents("calendars"))


def _documents(folder: str) -> dict[str, dict[str, Any]]:
    files = (resources.files("workflows") / "data" / folder).iterdir()
    return {file.name: yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader) for file in files}


def a_library(code: LibraryCode, **facts: Any) -> Library:
    return replace(Library(code=code, name=code.upper(), name_zh=code.upper()), **facts)


LIBRARIES = {code: a_library(code) for code in (BJTU, PKU, NLC, SHLIB, SZUTL, FJMU, JINAN, BHU)}


def known(now: datetime = START, **facts: Any) -> Known:
    return replace(Known(now=now, book=the_book(), libraries=LIBRARIES), **facts)


def a_citation(**facts: Any) -> Citation:
    return replace(Citation(title="红楼梦", author="曹雪芹", isbn="9787020002207", year=1996), **facts)


def held(library: LibraryCode, **facts: Any) -> Holding:
    return replace(Holding(library=library, record_id="1", available=True), **facts)


def held_by(*libraries: LibraryCode) -> tuple[Holding, ...]:
    return tuple(held(library) for library in libraries)


def a_patron(**facts: Any) -> Patron:
    plain = Patron(
        id=ANNA,
        home=BJTU,
        name="Anna",
        card_number="20250001",
        mobile="+8613800000000",
        email="anna@example.org",
        verified_at=START - DAY,
    )
    return replace(plain, **facts)


def a_request(**facts: Any) -> Request:
    """Return a request that is not submitted yet; three other libraries have the book."""
    plain = Request(
        id=RequestId("req_1"),
        number="A1",
        patron=ANNA,
        home=BJTU,
        desk=BJTU,
        citation=a_citation(),
        holdings=held_by(PKU, SZUTL, SHLIB),
        instants=Instants(submitted=START),
    )
    return replace(plain, **facts)


def an_amendment(**facts: Any) -> Amendment:
    """Return a notice: loans made after 1 March are due on 7 May at the earliest."""
    plain = Amendment(
        id=AmendmentId("amd_00000001"),
        issued_after=date(2026, 3, 1),
        new_due=date(2026, 5, 7),
        reason="spring works",
    )
    return replace(plain, **facts)


def report(status: ReportedStatus, lender: LibraryCode = PKU, at: datetime = START, **facts: Any) -> Report:
    return replace(Report(lender=lender, status=status, occurred_at=at), **facts)


class Journey:
    """A request on its way: one command after another, an hour apart unless said otherwise."""

    def __init__(self, request: Request | None = None, patron: Patron | None = None, **facts: Any) -> None:
        self.now, self.facts = START, facts
        self.events: list[Event] = []
        self.effects: list[Effect] = []
        self.before = request or a_request()
        self.request = self.before
        self._keep(submit(self.before, patron or a_patron(), known(self.now, **facts)))

    @property
    def status(self) -> Status:
        return self.request.status

    @property
    def lender(self) -> LibraryCode:
        return self.request.lender or LibraryCode("")

    @property
    def happened(self) -> list[str]:
        """The names of the events so far."""
        return [type(event).__name__ for event in self.events]

    @property
    def told(self) -> list[tuple[str, str]]:
        """What the lenders were told so far."""
        return [(str(e.what), str(e.lender)) for e in self.effects if isinstance(e, TellLender)]

    @property
    def notices(self) -> list[str]:
        return [str(effect.notice) for effect in self.effects if isinstance(effect, SendNotice)]

    def do(self, command: Command, wait: timedelta = HOUR) -> Journey:
        self.now += wait
        self._keep(decide(self.request, command, known(self.now, **self.facts)))
        return self

    def hear(
        self,
        status: ReportedStatus,
        lender: LibraryCode | None = None,
        wait: timedelta = HOUR,
        **facts: Any,
    ) -> Journey:
        """Hear a lender say what it says has just happened."""
        facts.setdefault("occurred_at", self.now + wait)
        return self.do(report(status, lender or self.lender, **facts), wait)

    def refusal(self, command: Command, wait: timedelta = HOUR) -> WorkflowError | None:
        """Return why the command is refused, None if it is not; nothing changes."""
        try:
            decide(self.request, command, known(self.now + wait, **self.facts))
        except WorkflowError as error:
            return error
        return None

    def _keep(self, decision: Decision) -> None:
        self.before, self.request = self.request, decision.request
        self.events += decision.events
        self.effects += decision.effects


def journey_to(status: Status, *lenders: LibraryCode, **facts: Any) -> Journey:
    """Return a journey that has come to *status* on the usual way, a day for each step."""
    journey = Journey(a_request(holdings=held_by(*lenders)) if lenders else None, **facts)
    for _ in range(len(Status)):
        if journey.status is status:
            return journey
        if status is Status.CONDITIONAL:
            return journey.hear(
                ReportedStatus.RETRY_POSSIBLE, reason="LoanCondition", note="in the reading room"
            )
        _onward(journey)
    raise AssertionError(status)


def _onward(journey: Journey) -> None:
    match journey.status:
        case Status.SUBMITTED:
            journey.hear(ReportedStatus.WILL_SUPPLY)
        case Status.ACCEPTED:
            journey.hear(ReportedStatus.LOANED, wait=DAY, item_barcode=BARCODE)
        case Status.IN_TRANSIT:
            journey.do(Arrive(barcode=BARCODE), DAY)
        case Status.ARRIVED:
            journey.do(RecordCall(result=CallResult.REACHED))
        case Status.NOTIFIED:
            journey.do(HandOver())
        case Status.ON_LOAN:
            journey.do(TakeBack(), 7 * DAY)
        case Status.RETURNED:
            journey.do(ShipBack())
        case _:
            journey.hear(ReportedStatus.LOAN_COMPLETED, wait=3 * DAY)


def at_status(status: Status, *lenders: LibraryCode) -> Request:
    """Return a request that has come to *status* on the usual way."""
    return journey_to(status, *lenders).request


def evolve_all(request: Request, happened: Iterable[Event]) -> Request:
    """Return *request* as it is after all that happened, in that order."""
    return reduce(evolve, happened, request)
