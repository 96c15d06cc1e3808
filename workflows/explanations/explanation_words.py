"""An explanation as a page of plain text in one language, for the command line and for letters."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import groupby

from workflows.explanations.explanation import Explanation, LatePiece, Reason
from workflows.explanations.explanation_texts import text
from workflows.languages import Language
from workflows.loan_clock.case import LoanCase
from workflows.loan_clock.custody import Stretch
from workflows.loan_clock.lateness import LateDay
from workflows.policies.policy import Policy

HEADINGS: Mapping[str, tuple[str, str]] = {
    "status": ("Status", "状态"),
    "due": ("Due", "应还日期"),
    "none": ("none yet", "尚无"),
    "lender_due": ("The lender expects it back by", "借出馆预期收回日期"),
    "hold_until": ("Waits on the hold shelf until", "预约架保留至"),
    "custody": ("Where the book was", "图书所在"),
    "open": ("now", "至今"),
    "counted": ("days of the loan", "天计入借期"),
    "steps": ("How the due date came about", "应还日期的由来"),
    "late": ("The days after the due date", "逾期各日"),
    "book": ("The book", "图书"),
    "piece": ("Accompanying piece", "附件"),
    "fine": ("The fine", "逾期费"),
    "warnings": ("Beware", "注意"),
    "assumed": ("Not stated by the library, assumed", "图书馆未明示、系假定"),
}
STATUSES: Mapping[str, tuple[str, str]] = {
    "in_transit": ("on its way to the desk", "运往取书台途中"),
    "arrived": ("at the desk", "已到取书台"),
    "on_hold_shelf": ("waiting on the hold shelf", "在预约架上等待取书"),
    "hold_expired": ("not collected in time", "逾期未取"),
    "on_loan": ("on loan", "借出中"),
    "returned": ("returned", "已归还"),
    "lost": ("reported lost", "已报失"),
    "settled": ("lost and settled", "已报失并结清"),
}


def explanation_words(case: LoanCase, found: Explanation, language: Language) -> Iterator[str]:
    """Yield the lines of the page: the answer first, then what led to it, with its numbered rules."""
    yield from _answer(found, language)
    sections = {
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


def _answer(found: Explanation, language: Language) -> Iterator[str]:
    answer = found.answer
    yield f"{_heading('status', language)}: {STATUSES[answer.status][language == 'zh']}"
    due = _heading("none", language) if answer.due is None else answer.due.isoformat()
    yield f"{_heading('due', language)}: {due}"
    for name, day in (("lender_due", answer.lender_due), ("hold_until", answer.hold_until)):
        if day is not None:
            yield f"{_heading(name, language)}: {day.isoformat()}"


def _heading(name: str, language: Language) -> str:
    return HEADINGS[name][language == "zh"]


def _reason(reason: Reason, language: Language) -> str:
    """Return a statement with its rule and the versions of policy and calendar that it rests on."""
    source = reason.source
    rests_on = f"{source.policy}@{source.policy_version}, {source.calendar}@{source.calendar_version}"
    return f"{text(reason.code, language, reason.facts)} [{reason.rule}; {rests_on}]"


def _stretch(stretch: Stretch, lender: Policy, language: Language) -> Iterator[str]:
    end = _heading("open", language) if stretch.end is None else _local(stretch.end, lender)
    where = text(f"place.{stretch.place}", language, {})
    counted = f" ({stretch.counted} {_heading('counted', language)})" if stretch.counted else ""
    yield f"{_local(stretch.start, lender)} - {end}  {where}{counted}"
    for span in stretch.spans:
        yield f"    {_days(span.first, span.last)}  {text(f'day.{span.reason}', language, {})}"


def _piece(piece: LatePiece, language: Language) -> Iterator[str]:
    if piece.days:
        yield f"{_heading('piece', language)} {piece.piece}" if piece.piece else _heading("book", language)
    for said, days in groupby(piece.days, lambda day: _late(day, language)):
        yield f"    {_run(days)}  {said}"


def _late(day: LateDay, language: Language) -> str:
    return text(f"late.{day.reason}", language, {"amount": "-" if day.amount is None else str(day.amount)})


def _run(days: Iterable[LateDay]) -> str:
    run = list(days)
    return _days(run[0].day, run[-1].day)


def _days(first: date, last: date) -> str:
    return first.isoformat() if first == last else f"{first.isoformat()} - {last.isoformat()}"


def _local(at: datetime, lender: Policy) -> str:
    return at.astimezone(lender.calendar.zone).isoformat(" ", "minutes")
