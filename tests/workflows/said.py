"""What lenders may say of a request, and journeys on which they say it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from tests.factories import (
    BARCODE,
    DAY,
    HOUR,
    PKU,
    SHLIB,
    START,
    Journey,
    a_request,
    held_by,
    report,
)
from workflows.refusals import TooEarly
from workflows.requests.commands import (
    Arrive,
    CallResult,
    Cancel,
    Command,
    HandOver,
    RecordCall,
    Report,
    ReportedStatus,
)

_R = ReportedStatus
RECEIVED = report(_R.REQUEST_RECEIVED, at=START + HOUR, lender_request_id="P1")
EXPECTED = report(_R.EXPECT_TO_SUPPLY, at=START + 2 * HOUR)
CONDITION = report(_R.RETRY_POSSIBLE, at=START + 2 * HOUR, reason="LoanCondition", note="by courier")
NOT_NOW = report(_R.RETRY_POSSIBLE, at=START + 2 * HOUR, reason="OnLoan")
WILL_SUPPLY = report(_R.WILL_SUPPLY, at=START + 3 * HOUR, item_barcode=BARCODE)
UNFILLED = report(_R.UNFILLED, at=START + 4 * HOUR)
CANCELLED = report(_R.CANCELLED, at=START + 4 * HOUR)
LOANED = report(_R.LOANED, at=START + 5 * HOUR, tracking="SF1", lender_due_date=date(2026, 4, 20))
LOANED_AGAIN = report(_R.LOANED, at=START + 6 * HOUR, tracking="SF2", item_barcode=BARCODE)
RECALLED = report(_R.RECALLED, at=START + 7 * HOUR)
RECALLED_AGAIN = report(_R.RECALLED, at=START + 9 * DAY)
OVERDUE = report(_R.OVERDUE, at=START + 8 * HOUR, lender_due_date=date(2026, 4, 21))
COMPLETED = report(_R.LOAN_COMPLETED, at=START + 60 * DAY)
COMPLETED_LATER = report(_R.LOAN_COMPLETED, at=START + 61 * DAY)
GIVEN_UP = report(_R.COMPLETED_WITHOUT_RETURN, at=START + 59 * DAY)

ARRIVAL: tuple[Command, ...] = (Arrive(barcode=BARCODE),)
LENDING: tuple[Command, ...] = (*ARRIVAL, RecordCall(result=CallResult.REACHED), HandOver())
NOTHING: tuple[Command, ...] = ()


def of(lender: Any, one: Report, **facts: Any) -> Report:
    return report(one.status, lender, one.occurred_at + timedelta(minutes=1), reason=one.reason, **facts)


class Inbox:
    """Hears reports as the service does: one that comes too early is tried again after each other one."""

    def __init__(self, journey: Journey) -> None:
        self.journey, self.waiting = journey, list[Report]()

    def take(self, said: Sequence[Report]) -> None:
        for one in said:
            self.waiting.append(one)
            self.retry()

    def retry(self) -> None:
        for one in tuple(self.waiting):
            try:
                self.journey.do(one, timedelta())
            except TooEarly:
                continue
            self.waiting.remove(one)
            self.retry()
            return

    def act(self, commands: Sequence[Command]) -> None:
        for command in commands:
            self.journey.do(command, DAY)
            self.retry()


def asked() -> Journey:
    return Journey()


def passed() -> Journey:
    """The first lender was silent; the second one is asked."""
    journey = Journey()
    journey.now = START + 7 * DAY
    return journey.hear(_R.UNFILLED)


def cancelled_early() -> Journey:
    return Journey(a_request(holdings=held_by(PKU))).do(Cancel())


def lent() -> Journey:
    journey = Journey(a_request(holdings=held_by(SHLIB)))
    inbox = Inbox(journey)
    inbox.take([of(SHLIB, WILL_SUPPLY), of(SHLIB, LOANED)])
    inbox.act((Arrive(), RecordCall(result=CallResult.REACHED), HandOver()))
    return journey
