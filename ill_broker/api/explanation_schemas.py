"""An explanation on the wire: the answer, who had the book when, the rules and the late days."""

from typing import get_args

from marshmallow import fields

from ill_broker.api.schemas import Shown
from ill_broker.texts.explanation_texts import CODES
from ill_broker.web.fields import Flag, OneOf, Pattern, Text, Whole
from workflows.loan_clock.case import LoanStatus, StepName
from workflows.loan_clock.custody import Owner, Place, Reason
from workflows.loan_clock.fines import LateReason
from workflows.reasons import RenewalRefusal

#: what is a sentence of its own; the other codes are of places and days
_STATEMENTS = [
    f"{subject}.{code}"
    for subject in ("step", "renewal", "amendment", "recall", "fine", "warning")
    for code in CODES[subject]
]
_AMOUNT = r"-?[0-9]{1,15}\.[0-9]{2}"


def _when() -> fields.String:
    """Return the field of a day as the calculation writes it."""
    return fields.String(required=True)


class TextsOut(Shown):
    """The same in both languages."""

    zh = Text(required=True, max_length=2000)
    en = Text(required=True, max_length=2000)


class EditionOut(Shown):
    """A file in its version."""

    id = Text(required=True)
    version = Text(required=True)


class ReasonOut(Shown):
    """One sentence of an explanation, the rule it goes by, and its facts by name."""

    code = OneOf(*_STATEMENTS, required=True)
    rule = Text(required=True)
    policy = fields.Nested(EditionOut, required=True)
    calendar = fields.Nested(EditionOut, required=True)
    facts = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    text = fields.Nested(TextsOut, required=True)


class SpanOut(Shown):
    """Days that count, or do not, for the same reason."""

    first = _when()
    last = _when()
    days = Whole(required=True)
    code = OneOf(*get_args(Reason), required=True)
    rule = Text(required=True)
    text = fields.Nested(TextsOut, required=True)


class StretchOut(Shown):
    """Who had the book from when to when."""

    owner = OneOf(*get_args(Owner), required=True)
    place = OneOf(*get_args(Place), required=True)
    start = fields.String(required=True, data_key="from", attribute="from")
    end = fields.String(required=True, allow_none=True, data_key="to", attribute="to")
    text = fields.Nested(TextsOut, required=True)
    counted_days = Whole(required=True)
    days = fields.List(fields.Nested(SpanOut), required=True)


class LateDayOut(Shown):
    day = _when()
    code = OneOf(*get_args(LateReason), required=True)
    amount = Pattern(_AMOUNT, required=True, allow_none=True)
    text = fields.Nested(TextsOut, required=True)


class LatePieceOut(Shown):
    """The late days of the book (0), or of a piece that came with it."""

    piece = Whole(required=True)
    rule = Text(required=True)
    days = fields.List(fields.Nested(LateDayOut), required=True)


class FineOut(Shown):
    currency = Pattern(r"[A-Z]{3}", required=True)
    amount = Pattern(_AMOUNT, required=True, allow_none=True)
    cap = OneOf("item", required=True, allow_none=True)


class DueStepOut(Shown):
    """How the first due date came about: one step of it."""

    step = OneOf(*get_args(StepName), required=True)
    rule = Text()
    due = _when()


class LoanEventOut(Shown):
    """A renewal, a recall or an amendment: whether it was accepted, and the date it gave or the reason."""

    renewal = OneOf("accepted", "refused")
    recall = OneOf("accepted", "refused")
    amendment = fields.String()
    due = fields.String()
    reason = OneOf(*get_args(RenewalRefusal), "recall_not_allowed")


class AnswerOut(Shown):
    """What the calculation says of the loan; members that do not apply are left out."""

    clock_start = fields.String(allow_none=True)
    steps = fields.List(fields.Nested(DueStepOut))
    first_due = fields.String(allow_none=True)
    events = fields.List(fields.Nested(LoanEventOut))
    due = fields.String(required=True, allow_none=True)
    lender_due = fields.String(allow_none=True)
    lender_due_provisional = fields.String()
    last_desk_day = fields.String(allow_none=True)
    hold_until = fields.String(allow_none=True)
    return_ = OneOf("accepted", "refused_same_day", data_key="return", attribute="return")
    desk_closed_at_return = Flag()
    found_after_settlement = Flag()
    status = OneOf(*LoanStatus, required=True)
    overdue_days = Whole(required=True)
    fine = fields.Nested(FineOut, required=True)


class ExplanationOut(Shown):
    """The interval owners, the days that counted, the rules and the amounts, in both languages."""

    answer = fields.Nested(AnswerOut, required=True)
    custody = fields.List(fields.Nested(StretchOut), required=True)
    steps = fields.List(fields.Nested(ReasonOut), required=True)
    late = fields.List(fields.Nested(LatePieceOut), required=True)
    fine = fields.Nested(ReasonOut, required=True)
    warnings = fields.List(fields.Nested(ReasonOut), required=True)
    assumed = fields.List(Text(), required=True)
