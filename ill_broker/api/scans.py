"""The one field of a desk: whatever is scanned or typed, and what came of it."""

from typing import Any

from marshmallow import fields, post_load

from ill_broker.api.idempotency import once, receipt
from ill_broker.api.loan_cards import CardOut, shown_card
from ill_broker.api.problems import codes, refusal_told
from ill_broker.api.request_schemas import PatronOut
from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Amount, ReasonSchema, Shown, Strict
from ill_broker.services.scans.lines import Line, ReaderLine
from ill_broker.services.scans.scans import Answer, Scan, Scans, TypedLine, Word
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, Day, Flag, Id, Identifier, Instant, OneOf, Pattern, Text, Whole
from workflows.actors import Role
from workflows.cards.card import CardStep
from workflows.requests.lifecycle import Outcome, Status, Step
from workflows.requests.typed import TypedStatus
from workflows.scans.meaning import Choice, Kind

blueprint = Resource("scans", description="The one field of a desk")
_ID = r"(?:req|pat|card|typ)_[0-9a-z]{8,40}"
#: the steps that a scan takes
_STEPS = (
    *(Step.ARRIVE, Step.HAND_OVER, Step.TAKE_BACK, Step.SHIP_BACK),
    *(Step.SHIP, Step.CONFIRM_RECEIPT),
    *(CardStep.ISSUE, CardStep.RECORD_FOUND),
)
_CRATE = (Step.ARRIVE, Step.TAKE_BACK, Step.SHIP_BACK)


class ChoiceIn(Strict):
    """Which of several things is meant, and the step unless it is only to be shown."""

    id = Pattern(_ID, max_length=60, required=True)
    step = OneOf(*_STEPS, allow_none=True)

    @post_load
    def as_choice(self, read: dict[str, Any], **_: Any) -> Choice:
        """Return the record."""
        return Choice(**read)


class ScanIn(Strict):
    """What was scanned or typed, and what stands beside it."""

    code = Identifier(required=True, max_length=60)
    reader = Identifier(max_length=60)
    action = OneOf(*_CRATE)
    choice = fields.Nested(ChoiceIn)

    @post_load
    def as_scan(self, read: dict[str, Any], **_: Any) -> Scan:
        """Return the record."""
        action = read.pop("action", None)
        return Scan(**read, action=Step(action) if action else None)


class DoneOut(Shown):
    step = OneOf(*_STEPS, required=True)
    #: the step undo of the request takes it back
    undo = Flag(required=True)


class BeforeOut(Shown):
    """What was done to it last at a desk."""

    step = OneOf(*Step, *CardStep, required=True)
    by_name = Text(required=True, allow_none=True)
    at = Instant(required=True)


class ScanRefusalOut(Shown):
    """Why not, as a problem tells it."""

    code = OneOf(*codes(), required=True)
    title = Text(required=True, max_length=1000)
    reasons = fields.List(fields.Nested(ReasonSchema))
    facts = fields.Dict()


class ScanChoiceOut(Shown):
    """One thing to choose: sent back with the same code as ``choice``."""

    number = Whole(required=True, minimum=1)
    kind = OneOf(*Kind, required=True)
    id = Pattern(_ID, max_length=60, required=True)
    step = OneOf(*_STEPS, required=True, allow_none=True)
    title = Text(required=True, max_length=2000)


class LineOut(Shown):
    """A request as a clerk needs it, on one line."""

    id = Id("req", required=True)
    number = Text(required=True)
    title = Text(required=True, max_length=2000)
    status = OneOf(*Status, required=True)
    #: whether the request came to an end, and how
    outcome = OneOf(*Outcome, required=True, allow_none=True)
    reader = fields.Nested(PatronOut, required=True, allow_none=True)
    lender = Code(required=True, allow_none=True)
    call_number = Text(required=True, allow_none=True, max_length=300)
    last_day = Day(required=True, allow_none=True)
    fee = fields.Nested(Amount, required=True, allow_none=True)
    conditions = Text(required=True, allow_none=True, max_length=2000)
    actions = fields.List(OneOf(*Step), required=True)
    version = Whole(required=True, maximum=2**31 - 1)


class OwedOut(Shown):
    lender = Text(required=True)
    amount = fields.Nested(Amount, required=True)


class ReaderOut(Shown):
    """A reader at the desk: what waits for them, what they have, what they owe."""

    reader = fields.Nested(PatronOut, required=True)
    waiting = fields.List(fields.Nested(LineOut), required=True)
    on_loan = fields.List(fields.Nested(LineOut), required=True)
    loan_cards = Whole(required=True)
    owed = fields.List(fields.Nested(OwedOut), required=True)


class ScannedTypedOut(Shown):
    """What a reader typed: it is looked at, corrected, matched or refused by its own steps."""

    id = Id("typ", required=True)
    number = Text(required=True)
    title = Text(required=True, max_length=2000)
    status = OneOf(*TypedStatus, required=True)
    reader = fields.Nested(PatronOut, required=True, allow_none=True)


class ScanOut(Shown):
    """What a scan was, and what came of it."""

    outcome = OneOf(*Word, required=True)
    kind = OneOf(*Kind, required=True, allow_none=True)
    done = fields.Nested(DoneOut, required=True, allow_none=True)
    refusal = fields.Nested(ScanRefusalOut, required=True, allow_none=True)
    choices = fields.List(fields.Nested(ScanChoiceOut), required=True)
    line = fields.Nested(LineOut, required=True, allow_none=True)
    reader = fields.Nested(ReaderOut, required=True, allow_none=True)
    loan_card = fields.Nested(CardOut, required=True, allow_none=True)
    typed_request = fields.Nested(ScannedTypedOut, required=True, allow_none=True)
    before = fields.Nested(BeforeOut, required=True, allow_none=True)


_OUT = ScanOut()


@blueprint.route("/scans", methods=["POST"])
@needs(Role.STAFF)
@once()
@blueprint.arguments(ScanIn)
@blueprint.response(200, ScanOut)
def take_scan(scan: Scan) -> Any:
    """Do the one obvious thing about whatever a clerk scans or types, or say what can be done, or why not."""
    keep = receipt(_OUT, 200)
    answer = service(Scans).take(
        scan, actor(), now=now(), also=lambda conn, made: keep(conn, shown_answer(made))
    )
    return shown_answer(answer)


def shown_answer(answer: Answer) -> dict[str, Any]:
    """Return what came of a scan, in the caller's language."""
    return {
        "outcome": answer.outcome,
        "kind": answer.kind,
        "done": answer.done and {"step": answer.done, "undo": answer.undo},
        "refusal": answer.refusal and refusal_told(answer.refusal),
        "choices": [
            {
                "number": number,
                "kind": offer.kind,
                "id": offer.choice.id,
                "step": offer.choice.step,
                "title": offer.title,
            }
            for number, offer in enumerate(answer.offers, 1)
        ],
        "line": answer.line and shown_line(answer.line),
        "reader": answer.reader and _shown_reader(answer.reader),
        "loan_card": answer.loan_card and shown_card(answer.loan_card),
        "typed_request": answer.typed and _shown_typed(answer.typed),
        "before": answer.before,
    }


def shown_line(line: Line) -> dict[str, Any]:
    """Return a request on one line."""
    request = line.request
    names = ("id", "number", "status", "outcome", "lender", "conditions", "version")
    shown: dict[str, Any] = {name: getattr(request, name) for name in names}
    shown |= {name: getattr(line, name) for name in ("reader", "call_number", "last_day", "fee", "actions")}
    return shown | {"title": request.citation.title}


def _shown_typed(found: TypedLine) -> dict[str, Any]:
    typed = found.typed
    shown = {"id": typed.id, "number": typed.number, "status": typed.status}
    return shown | {"title": typed.citation.title, "reader": found.reader}


def _shown_reader(found: ReaderLine) -> dict[str, Any]:
    return {
        "reader": found.reader,
        "waiting": [shown_line(line) for line in found.waiting],
        "on_loan": [shown_line(line) for line in found.on_loan],
        "loan_cards": len(found.loan_cards),
        "owed": found.owed,
    }
