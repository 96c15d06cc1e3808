"""An explanation as a page of plain text in one language, for the command line and for letters."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import groupby
from typing import Literal

from ill_broker.texts.catalogue import say
from ill_broker.texts.days_and_amounts import said_day, said_moment
from ill_broker.texts.explanation_texts import text
from workflows.explanations.explanation import Explanation, LatePiece, Reason
from workflows.loan_clock.case import LoanCase
from workflows.loan_clock.custody import Stretch
from workflows.loan_clock.fines import LateDay
from workflows.policies.policy import Policy

Heading = Literal[
    "status", "due", "none", "lender_due", "hold_until", "custody", "open", "counted", "steps", "late",
    "book", "piece", "fine", "warnings", "assumed",
]  # fmt: skip


def explanation_words(case: LoanCase, found: Explanation, language: str) -> Iterator[str]:
    """Yield the lines of the page: the answer first, then what led to it, with its numbered rules."""
    yield from _answer(found, language)
    sections: dict[Heading, list[str]] = {
        "custody": [line for stretch in found.custody for line in _stretch(stretch, case.lender, language)],
        "steps": [_reason(reason, language) for reason in found.steps],
        "late": [line for piece in found.late for line in _piece(piece, language)],
        "fine": [_reason(found.fine, language)],
        "warnings": [_reason(reason, language) for reason in found.warnings],
        "assumed": list(found.assumed),
    }
    for name, lines in sections.items():
        if lines:
            yield ""
            yield _heading(name, language)
            yield from (f"  {line}" for line in lines)


def _answer(found: Explanation, language: str) -> Iterator[str]:
    answer = found.answer
    yield f"{_heading('status', language)}: {say(answer.status.message, language)}"
    due = _heading("none", language) if answer.due is None else said_day(answer.due, language)
    yield f"{_heading('due', language)}: {due}"
    others: dict[Heading, date | None] = {"lender_due": answer.lender_due, "hold_until": answer.hold_until}
    for name, day in others.items():
        if day is not None:
            yield f"{_heading(name, language)}: {said_day(day, language)}"


def _heading(name: Heading, language: str) -> str:
    return text(f"heading.{name}", language, {})


def _reason(reason: Reason, language: str) -> str:
    """Return a statement with its rule and the versions of policy and calendar that it rests on."""
    source = reason.source
    rests_on = f"{source.policy}@{source.policy_version}, {source.calendar}@{source.calendar_version}"
    return f"{text(reason.code, language, reason.facts)} [{reason.rule}; {rests_on}]"


def _stretch(stretch: Stretch, lender: Policy, language: str) -> Iterator[str]:
    end = _heading("open", language) if stretch.end is None else _local(stretch.end, lender, language)
    where = text(f"place.{stretch.place}", language, {})
    counted = f" ({stretch.counted} {_heading('counted', language)})" if stretch.counted else ""
    yield f"{_local(stretch.start, lender, language)} - {end}  {where}{counted}"
    for span in stretch.spans:
        yield f"    {_days(span.first, span.last, language)}  {text(f'day.{span.reason}', language, {})}"


def _piece(piece: LatePiece, language: str) -> Iterator[str]:
    if piece.days:
        yield f"{_heading('piece', language)} {piece.piece}" if piece.piece else _heading("book", language)
    for said, days in groupby(piece.days, lambda day: _late(day, language)):
        yield f"    {_run(days, language)}  {said}"


def _late(day: LateDay, language: str) -> str:
    return text(f"late.{day.reason}", language, {"amount": "-" if day.amount is None else str(day.amount)})


def _run(days: Iterable[LateDay], language: str) -> str:
    run = list(days)
    return _days(run[0].day, run[-1].day, language)


def _days(first: date, last: date, language: str) -> str:
    said = [said_day(day, language) for day in (first, last)]
    return said[0] if first == last else " - ".join(said)


def _local(at: datetime, lender: Policy, language: str) -> str:
    return said_moment(at.astimezone(lender.calendar.zone), language)
