"""A loan case as it is written, and its answer as it is given."""

from datetime import date
from typing import Any

from workflows.evaluation.reading import (
    Case,
    as_of,
    borrower_of,
    category_of,
    day_of,
    day_or_instant,
    flag_of,
    item_of,
    lender_of,
    rows,
    section,
)
from workflows.loan_clock.case import (
    DueStep,
    Fine,
    LoanAnswer,
    LoanCase,
    LoanEvent,
    NewDue,
    Recall,
    RenewalAsked,
    Suspended,
    Timeline,
    Transfer,
)
from workflows.policies.book import PolicyBook
from workflows.policies.policy import Policy
from workflows.timestamps import instant, optional_instant

INSTANTS = tuple(Timeline.__dataclass_fields__)


def read_loan(case: Case, book: PolicyBook) -> LoanCase:
    """Read a loan case.

    :raises InvalidCase: ``unknown_policy``, ``unknown_category``, ``bad_timestamp``,
        ``timestamp_without_offset``
    """
    lender, home = lender_of(case, book), borrower_of(case, book)
    category = category_of(case, lender)
    line = section(case, "timeline")
    return LoanCase(
        lender=lender,
        home=home,
        category=category,
        item=item_of(case),
        timeline=Timeline(**{name: instant(line[name]) for name in INSTANTS if line.get(name) is not None}),
        transfers=tuple(
            Transfer(instant(row.get("from")), instant(row.get("to"))) for row in rows(case, "transfers")
        ),
        renewals=tuple(
            RenewalAsked(instant(row.get("at")), flag_of(row, "on_hold")) for row in rows(case, "renewals")
        ),
        amendments=tuple(_new_due(row) for row in rows(case, "amendments")),
        recall=None if case.get("recall") is None else _recall(section(case, "recall")),
        suspended=suspensions_of(case, lender),
        accompanying=tuple(optional_instant(row.get("returned")) for row in rows(case, "accompanying")),
        staff_override=flag_of(case, "staff_override"),
        as_of=as_of(case),
    )


def write_loan(case: LoanCase, answer: LoanAnswer) -> dict[str, Any]:
    """Return the answer with exactly the fields that its kind has."""
    if not case.was_lent:
        waiting = {"hold_until": day(answer.hold_until)} if answer.hold_until is not None else {}
        return {"status": answer.status, **waiting, "due": day(answer.due), **_lateness(answer)}
    written: dict[str, Any] = {
        "clock_start": day(answer.clock_start),
        "steps": [_step(step) for step in answer.steps],
        "first_due": day(answer.first_due),
    }
    if answer.events:
        written["events"] = [_event(event) for event in answer.events]
    written |= {"due": day(answer.due), "lender_due": day(answer.lender_due)}
    if answer.lender_due_provisional is not None:
        written["lender_due_provisional"] = day(answer.lender_due_provisional)
    written["last_desk_day"] = day(answer.last_desk_day)
    if answer.return_ is not None:
        written["return"] = answer.return_
    if answer.desk_closed_at_return is not None:
        written["desk_closed_at_return"] = answer.desk_closed_at_return
    if answer.found_after_settlement:
        written["found_after_settlement"] = True
    return {**written, "status": answer.status, **_lateness(answer)}


def day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def suspensions_of(case: Case, lender: Policy) -> tuple[Suspended, ...]:
    """Return the reader's suspensions; their days are the lender's."""
    return tuple(_suspended(row, lender) for row in rows(case, "suspended"))


def _recall(row: Case) -> Recall:
    at = instant(row.get("at"))
    return Recall(at, as_of(row, "heard") or at)


def _new_due(row: Case) -> NewDue:
    at = row.get("at")
    return NewDue(instant(at), day_of(row.get("new_due")), written=str(at))


def _suspended(row: Case, lender: Policy) -> Suspended:
    until = row.get("until")
    return Suspended(
        str(row.get("policy")),
        day_or_instant(row.get("from"), lender),
        None if until is None else day_or_instant(until, lender),
    )


def _step(step: DueStep) -> dict[str, Any]:
    rule = {"rule": step.rule} if step.step == "period" else {}
    return {"step": step.step, **rule, "due": day(step.due)}


def _event(event: LoanEvent) -> dict[str, Any]:
    if event.kind == "amendment":
        return {"amendment": event.written or event.at.isoformat(), "due": day(event.due)}
    if event.accepted:
        return {event.kind: "accepted", "due": day(event.due)}
    return {event.kind: "refused", "reason": event.reason}


def _lateness(answer: LoanAnswer) -> dict[str, Any]:
    return {"overdue_days": answer.overdue_days, "fine": _fine(answer.fine)}


def _fine(fine: Fine) -> dict[str, Any]:
    return {
        "currency": fine.currency,
        "amount": None if fine.amount is None else fine.amount.amount,
        "cap": "item" if fine.capped else None,
    }
