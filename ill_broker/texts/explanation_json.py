"""An explanation as it is given to people and programs: codes, facts and both languages."""

from datetime import datetime
from typing import Any

from ill_broker.texts.explanation_texts import text
from workflows.evaluation.loan_json import write_loan
from workflows.explanations.explanation import Explanation, LatePiece, Reason
from workflows.explanations.rule_numbers import GENERAL
from workflows.loan_clock.case import LoanCase
from workflows.loan_clock.custody import Stretch
from workflows.loan_clock.fines import LateDay

Written = dict[str, Any]


def write_explanation(case: LoanCase, found: Explanation) -> Written:
    """Return the explanation as plain values."""
    return {
        "answer": write_loan(case, found.answer),
        "custody": [_stretch(stretch) for stretch in found.custody],
        "steps": [_reason(step) for step in found.steps],
        "late": [_piece(piece) for piece in found.late],
        "fine": _reason(found.fine),
        "warnings": [_reason(warning) for warning in found.warnings],
        "assumed": list(found.assumed),
    }


def _texts(code: str, facts: dict[str, str]) -> dict[str, str]:
    return {"en": text(code, "en", facts), "zh": text(code, "zh", facts)}


def _reason(reason: Reason) -> Written:
    source = reason.source
    return {
        "code": reason.code,
        "rule": reason.rule,
        "policy": {"id": source.policy, "version": source.policy_version},
        "calendar": {"id": source.calendar, "version": source.calendar_version},
        "facts": dict(reason.facts),
        "text": _texts(reason.code, dict(reason.facts)),
    }


def _stretch(stretch: Stretch) -> Written:
    return {
        "owner": stretch.owner,
        "place": stretch.place,
        "from": stretch.start.isoformat(),
        "to": _instant(stretch.end),
        "text": _texts(f"place.{stretch.place}", {}),
        "counted_days": stretch.counted,
        "days": [
            {
                "first": span.first.isoformat(),
                "last": span.last.isoformat(),
                "days": span.days,
                "code": span.reason,
                "rule": GENERAL[span.reason],
                "text": _texts(f"day.{span.reason}", {}),
            }
            for span in stretch.spans
        ],
    }


def _piece(piece: LatePiece) -> Written:
    return {"piece": piece.piece, "rule": piece.rule, "days": [_late_day(day) for day in piece.days]}


def _late_day(day: LateDay) -> Written:
    amount = None if day.amount is None else day.amount.amount
    return {
        "day": day.day.isoformat(),
        "code": day.reason,
        "amount": amount,
        "text": _texts(f"late.{day.reason}", {"amount": "-" if day.amount is None else str(day.amount)}),
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
