"""Requests on the wire."""

from typing import Any, get_args

from marshmallow import fields, post_load, validates_schema

from ill_broker.api.case_schemas import CaseOut, CompensationOut, PieceOut
from ill_broker.api.schemas import Shown, Strict
from ill_broker.services.members.directory import Directory
from ill_broker.services.requests.submissions import Submission
from ill_broker.texts.catalogue import say
from ill_broker.texts.flaws import Flaw
from ill_broker.texts.reasons import why
from ill_broker.web.context import now, service
from ill_broker.web.fields import (
    Code,
    Day,
    Flag,
    Id,
    Identifier,
    Instant,
    Isbn,
    OneOf,
    OneOfOrOwn,
    Text,
    Whole,
    refuse,
)
from ill_broker.web.language import language
from workflows.actors import Actor, Role
from workflows.citation import Citation
from workflows.patrons import Patron
from workflows.policies.conditions import TYPES
from workflows.reasons import Attention, LenderRefusal, PassedOver, Placed
from workflows.requests.events import Event
from workflows.requests.journey import journey
from workflows.requests.lifecycle import Outcome, Status, Step
from workflows.requests.loan_terms import last_desk_day
from workflows.requests.permissions import Relation, actions, relations
from workflows.requests.request import Request, RotaEntry, Turn


class CitationIn(Strict):
    """A work as somebody types it."""

    title = Text(required=True, max_length=500)
    author = Text(max_length=300)
    isbn = Isbn()
    year = Whole(minimum=1, maximum=9999)
    publisher = Text(max_length=300)
    language = Text(max_length=3, min_length=2, load_default="chi")
    edition = Text(max_length=100)
    volume = Text(max_length=100)
    item_type = OneOf(*TYPES, load_default="book")

    @post_load
    def as_citation(self, read: dict[str, Any], **_: Any) -> Citation:
        """Return the record."""
        return Citation(**read)


class OneWorkIn(Strict):
    """What names one work: either one of a search, or a citation."""

    search = Id("srch")
    work = Text(max_length=60)
    citation = fields.Nested(CitationIn)

    @validates_schema(skip_on_field_errors=False)
    def names_one_work(self, read: dict[str, Any], **_: Any) -> None:
        """Refuse what names no work, or two (R-BJTU-9)."""
        by_hit = {"search", "work"} & read.keys()
        if "citation" in read and by_hit:
            raise refuse(Flaw.TWO_WISHES)
        if "citation" not in read and by_hit != {"search", "work"}:
            raise refuse(Flaw.NO_WISH)


class SubmissionIn(OneWorkIn):
    """A submission: a work, where it is to be fetched, and what else was said of it."""

    desk = Code()
    #: one of the desk's pick-up sites
    pickup_site = Text(max_length=60)
    new_book = Flag(load_default=False)
    part_of_set = Flag(load_default=False)
    patron = Id("pat", metadata={"description": "For whom, where the reader's own desk asks on their behalf"})

    @post_load
    def as_submission(self, read: dict[str, Any], **_: Any) -> Submission:
        """Return the record."""
        return Submission(**read)


class CitationOut(Shown):
    title = Text(required=True, max_length=2000)
    author = Text(allow_none=True, max_length=2000)
    isbn = Text(allow_none=True)
    issn = Text(allow_none=True)
    year = fields.Integer(allow_none=True)
    publisher = Text(allow_none=True, max_length=2000)
    language = Text(required=True)
    edition = Text(allow_none=True, max_length=2000)
    volume = Text(allow_none=True, max_length=2000)
    item_type = OneOf(*TYPES, required=True)


class JourneyStepOut(Shown):
    """One of the seven steps; ``at`` is null where it was passed without being told of."""

    step = OneOf(
        "register", "search", "submit", "in_transit", "arrived", "notified", "returned", required=True
    )
    reached = Flag(required=True)
    at = Instant(required=True, allow_none=True)


class AttentionOut(Shown):
    """What somebody has to look at, in the caller's language."""

    code = OneOf(*Attention, required=True)
    text = Text(required=True, max_length=1000)
    #: what to do about it
    next = Text(required=True, max_length=1000, metadata={"description": "What to do about it"})


class PatronOut(Shown):
    """Whom the desk calls."""

    id = Id("pat", required=True)
    name = Text(required=True)
    mobile = Text(required=True)
    card_number = Text(required=True)


class PickupOut(Shown):
    """Where the book is fetched; ``by`` is null as long as it is not at the desk."""

    site = Text(required=True)
    applied = Instant(required=True)
    by = Day(required=True, allow_none=True)


class RequestOut(Shown):
    id = Id("req", required=True)
    number = Text(required=True)
    status = OneOf(*Status, required=True)
    outcome = OneOf(*Outcome, required=True, allow_none=True)
    citation = fields.Nested(CitationOut, required=True)
    home = Code(required=True)
    desk = Code(required=True)
    lender = Code(required=True, allow_none=True)
    item_barcode = Text(required=True, allow_none=True)
    submitted_at = Instant(required=True)
    hold_until = Day(required=True, allow_none=True)
    due = Day(required=True, allow_none=True)
    #: the last day, not after the date due, on which the desk is open
    last_desk_day = Day(required=True, allow_none=True)
    #: desks, lenders and the office see the date that the lender sees (C-6)
    lender_due = Day(allow_none=True)
    renewals = fields.Integer(required=True)
    recalled_at = Instant(required=True, allow_none=True)
    conditions = Text(required=True, allow_none=True, max_length=2000)
    cancellation_requested = Instant(required=True, allow_none=True)
    attention = fields.List(OneOf(*Attention), required=True)
    #: the desk and the office read what it is and what to do
    attention_told = fields.List(fields.Nested(AttentionOut))
    compensation = fields.Nested(CompensationOut, required=True, allow_none=True)
    pieces = fields.List(fields.Nested(PieceOut), required=True)
    cases = fields.List(fields.Nested(CaseOut), required=True)
    #: damage was stamped at hand-over (R-JN-15)
    damage_stamp = Flag(required=True)
    #: where the book may be handed in beside the desk (R-SZUTL-15)
    return_desks = fields.List(Code(), required=True)
    #: the desk's sites to choose from, and the one that was chosen
    pickup_sites = fields.List(Text(), required=True)
    pickup = fields.Nested(PickupOut, required=True, allow_none=True)
    calls = fields.Integer(required=True)
    steps = fields.List(fields.Nested(JourneyStepOut), required=True)
    #: what whoever asks may do now
    actions = fields.List(OneOf(*Step), required=True)
    #: the desk and the office see whom to call
    patron = fields.Nested(PatronOut, allow_none=True)
    version = Whole(required=True, maximum=2**31 - 1)


class PageOut(Shown):
    items = fields.List(fields.Nested(RequestOut), required=True)
    #: give it as ``after`` for the next page; null on the last one
    next = Id("req", required=True, allow_none=True)


class ListIn(Strict):
    status = OneOf(*Status)
    after = Id("req")
    limit = Whole(minimum=1, maximum=100, load_default=25)
    #: staff: as the desk where the book is fetched, or as the lender
    role = OneOf("desk", "lender", load_default="desk")
    number = Identifier(max_length=60)
    barcode = Identifier(max_length=60)
    #: staff and office: one reader's, as far as they are the desk's affair or the lender's
    patron = Id("pat")


class RotaEntryOut(Shown):
    lender = Code(required=True)
    turn = OneOf(*Turn, required=True)
    reason = OneOfOrOwn(*Placed, *PassedOver, *get_args(LenderRefusal), required=True)
    reason_told = Text(required=True, max_length=1000)
    asked_at = Instant(required=True, allow_none=True)
    passed_at = Instant(required=True, allow_none=True)
    #: since when it is known that it could not be told so: its book may still come
    not_told = Instant(required=True, allow_none=True)
    #: the lender whose book may still come although this one is asked
    beside = Code(required=True, allow_none=True)
    lender_request_id = Text(required=True, allow_none=True)


class RotaOut(Shown):
    items = fields.List(fields.Nested(RotaEntryOut), required=True)


class BecauseOut(Shown):
    rule = Text(allow_none=True)
    policy = Text(allow_none=True)
    calendar = Text(allow_none=True)
    message = Text(allow_none=True)


class TimelineEntryOut(Shown):
    seq = fields.Integer(required=True)
    event = OneOf(*(kind.__name__ for kind in get_args(Event)), required=True)
    at = Instant(required=True)
    received_at = Instant(required=True)
    by = OneOf(*Role, required=True, metadata={"description": "In which role it was done"})
    #: for which library; null for readers and for what happens by itself
    by_library = Code(
        required=True, allow_none=True, metadata={"description": "For which library it was done"}
    )
    #: only staff read who of staff it was
    by_name = Text(metadata={"description": "Which of the staff did it; staff alone are told"})
    because = fields.Nested(BecauseOut, required=True)
    facts = fields.Dict(required=True)


class TimelineOut(Shown):
    steps = fields.List(fields.Nested(JourneyStepOut), required=True)
    #: null unless the book is on its way
    expected = Day(required=True, allow_none=True)
    expected_by = Day(required=True, allow_none=True)
    items = fields.List(fields.Nested(TimelineEntryOut), required=True)


_SEES_PATRON = {Relation.DESK, Relation.OFFICE}
_SEES_LENDER_DUE = {Relation.DESK, Relation.LENDER, Relation.OFFICE}


def shown_request(request: Request, actor: Actor, patron: Patron | None = None) -> dict[str, Any]:
    """Return the request as *actor* may see it; *patron* is whom the desk calls."""
    mine = relations(actor, request)
    shown: dict[str, Any] = {
        name: getattr(request, name)
        for name in (
            "id", "number", "status", "outcome", "citation", "home", "desk", "lender", "item_barcode",
            "hold_until", "due", "recalled_at", "conditions", "cancellation_requested", "attention", "calls",
            "compensation", "pieces", "cases", "damage_stamp", "return_desks", "pickup_sites", "pickup",
            "version",
        )
    }  # fmt: skip
    shown |= {
        "submitted_at": request.instants.submitted,
        "last_desk_day": last_desk_day(request, service(Directory).in_force(now())),
        "renewals": len(request.renewals),
        "steps": journey(request),
        "actions": actions(actor, request),
    }
    if mine & _SEES_LENDER_DUE:
        shown["lender_due"] = request.lender_due
    if mine & _SEES_PATRON:
        shown["attention_told"] = [shown_attention(Attention(what)) for what in request.attention]
    if patron is not None and mine & _SEES_PATRON:
        shown["patron"] = patron
    return shown


def shown_rota_entry(entry: RotaEntry) -> dict[str, Any]:
    """Return a place on the rota, with its reason in the caller's language."""
    names = ("lender", "turn", "reason", "asked_at", "passed_at", "not_told", "beside", "lender_request_id")
    shown: dict[str, Any] = {name: getattr(entry, name) for name in names}
    return shown | {"reason_told": why(entry.reason, language())}


def shown_attention(attention: Attention) -> dict[str, str]:
    """Return what is to be looked at, and what to do about it, in the caller's language."""
    spoken = language()
    return {
        "code": attention.value,
        "text": say(attention.message, spoken),
        "next": say(attention.next_message, spoken),
    }
