"""Why this due date and this amount: the whole way from the instants of a loan to its answer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from workflows.explanations.rule_numbers import number, period_number
from workflows.loan_clock.case import DueStep, LoanAnswer, LoanCase, LoanEvent
from workflows.loan_clock.clock import counted_until, loan_answer, loan_road
from workflows.loan_clock.custody import Stretch, custody
from workflows.loan_clock.endings import ending_of
from workflows.loan_clock.fines import LateDay, late_days
from workflows.policies.policy import Policy

#: what may be said of a fine
FineCode = Literal["none", "amount", "capped", "not_stated"]
#: what may be warned of
WarningCode = Literal["outside_coverage", "sample_calendar"]


@dataclass(frozen=True, slots=True)
class Source:
    """The version of the policy and of the calendar that a statement rests on."""

    policy: str
    policy_version: str
    calendar: str
    calendar_version: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One statement: its code, the numbered rule, what it rests on, and the facts its text is filled with."""

    code: str
    rule: str
    source: Source
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LatePiece:
    """The book (0) or an accompanying piece (1, 2, ...) with its late days; they add up to its share."""

    piece: int
    rule: str
    days: tuple[LateDay, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer and everything that led to it, in order."""

    answer: LoanAnswer
    custody: tuple[Stretch, ...]
    steps: tuple[Reason, ...]
    late: tuple[LatePiece, ...]
    fine: Reason
    warnings: tuple[Reason, ...]
    #: paths of the lender's policy that its sources do not state
    assumed: tuple[str, ...]


def explain(case: LoanCase) -> Explanation:
    """Return how the answer of the loan clock comes about; its sums are those of the answer.

    :raises InvalidCase: as the clock does
    """
    answer, ending = loan_answer(case), ending_of(case)
    late: tuple[LatePiece, ...] = ()
    if case.was_lent and answer.due is not None:
        late = tuple(_pieces(case, answer.due, counted_until(case, ending)))
    return Explanation(
        answer=answer,
        custody=custody(case, ending),
        steps=(*_steps(case, answer.steps, answer.clock_start), *_events(case, answer.events)),
        late=late,
        fine=_fine(case, answer, late),
        warnings=tuple(_warnings(case, answer)),
        assumed=case.lender.assumed,
    )


def source_of(policy: Policy) -> Source:
    almanac = policy.calendar.almanac
    return Source(policy.id, policy.version, almanac.id, almanac.version)


def _steps(case: LoanCase, steps: tuple[DueStep, ...], start: date | None = None) -> Iterator[Reason]:
    """Yield each move of the due date; the first one counts from *start*, which the loan has begun on."""
    for step in steps:
        facts = {"due": step.due.isoformat(), "rule": step.rule or ""}
        if start is not None:
            counted = {"start": start.isoformat(), "period": str((step.due - start).days)}
            facts |= counted | {"began": case.lender.clock.start}
        yield Reason(f"step.{step.step}", _step_rule(case, step), _step_source(case, step), facts)


def _step_rule(case: LoanCase, step: DueStep) -> str:
    home = None if case.home is None else case.home.id
    if step.step == "period":
        return period_number(step.rule, home)
    if step.step == "borrower_period":
        return number(home or "", f"borrower_period.{case.lender.id}")
    return number(case.lender.id, step.step)


def _step_source(case: LoanCase, step: DueStep) -> Source:
    """Return what a step rests on: the reader's own library where it set the term, the desk for its days."""
    if step.step == "borrower_period" or step.rule == "default_period":
        return source_of(case.home or case.lender)
    return source_of(case.desk if step.step == "next_open_day" else case.lender)


def _events(case: LoanCase, events: tuple[LoanEvent, ...]) -> Iterator[Reason]:
    for event in events:
        outcome = event.reason or "accepted"
        subject = event.kind if event.accepted else f"{event.kind}.{outcome}"
        facts = {"at": event.at.isoformat()}
        if event.due is not None:
            facts["due"] = event.due.isoformat()
        yield Reason(
            f"{event.kind}.{outcome}", number(case.lender.id, subject), source_of(case.lender), facts
        )
        if event.accepted:
            # what moved the renewed date after its period was counted
            yield from _steps(case, event.steps[1:])


def _pieces(case: LoanCase, due: date, ends: list[date | None]) -> Iterator[LatePiece]:
    days_out = loan_road(case)
    for piece, until in enumerate(ends):
        rule = number(case.lender.id, "fine.accompanying" if piece else "fine")
        yield LatePiece(piece, rule, late_days(case, due, until, days_out))


def _fine(case: LoanCase, answer: LoanAnswer, late: tuple[LatePiece, ...]) -> Reason:
    days = sum(day.reason in ("counted", "capped") for piece in late for day in piece.days)
    amount = answer.fine.amount
    code: FineCode
    if days == 0:
        code = "none"
    elif amount is None:
        code = "not_stated"
    else:
        code = "capped" if answer.fine.capped else "amount"
    facts = {"days": str(days), "amount": "" if amount is None else str(amount)}
    return Reason(f"fine.{code}", number(case.lender.id, "fine"), source_of(case.lender), facts)


def _warnings(case: LoanCase, answer: LoanAnswer) -> Iterator[Reason]:
    """Name each date whose holidays, terms and closures nobody has told us."""
    source, calendar = source_of(case.lender), case.lender.calendar
    dates = {day for day in (answer.clock_start, answer.first_due, answer.due) if day is not None}
    for day in sorted(dates):
        if not calendar.covers(day):
            facts = {"day": day.isoformat(), "calendar": source.calendar}
            yield _warning("outside_coverage", "C-8", source, facts)
    if calendar.almanac.sample:
        yield _warning("sample_calendar", "G-9", source, {"calendar": source.calendar})


def _warning(code: WarningCode, rule: str, source: Source, facts: Mapping[str, str]) -> Reason:
    return Reason(f"warning.{code}", rule, source, facts)
