"""Typed requests: what a reader wants and no search has found; the desk of their library looks at it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from marshmallow import fields, post_load, validates_schema

from ill_broker.api.idempotency import once, receipt
from ill_broker.api.request_schemas import CitationIn, CitationOut, PatronOut
from ill_broker.api.resource import Resource
from ill_broker.api.schemas import ReasonSchema, Shown, Strict
from ill_broker.services.requests.typed import Match, SeenTyped, TypedRequests, Typing
from ill_broker.texts.catalogue import say
from ill_broker.texts.flaws import Flaw
from ill_broker.texts.reasons import why
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, Day, Id, Instant, OneOf, Text, Whole, refuse
from ill_broker.web.language import language
from workflows.actors import Role
from workflows.ids import TypedRequestId
from workflows.requests import typed as rules
from workflows.requests.typed import Declined, TypedRequest, TypedStatus

blueprint = Resource("typed requests", description="What no search has found and the desk looks at")
_PATH = "/typed-requests/<id('typ'):typed_request_id>"
_NOTE = 2000


class TypedRequestIn(Strict):
    """What a reader types: the work as far as it is known, and what the desk should know beside."""

    citation = fields.Nested(CitationIn, required=True)
    note = Text(max_length=_NOTE, lines=True)
    #: the last day on which it is of use
    needed_by = Day()
    #: one of the pick-up sites of the reader's library
    pickup_site = Text(max_length=60)

    @post_load
    def as_typing(self, read: dict[str, Any], **_: Any) -> Typing:
        """Return the record."""
        return Typing(**read)


class TypedRequestOut(Shown):
    id = Id("typ", required=True)
    #: the request that comes of it keeps the number
    number = Text(required=True)
    status = OneOf(*TypedStatus, required=True)
    #: the reader's, whose desk looks at it
    library = Code(required=True)
    #: as the reader typed it, and as the desk has corrected it
    typed = fields.Nested(CitationOut, required=True)
    citation = fields.Nested(CitationOut, required=True)
    note = Text(required=True, allow_none=True, max_length=_NOTE)
    needed_by = Day(required=True, allow_none=True)
    pickup_site = Text(required=True, allow_none=True)
    created_at = Instant(required=True)
    #: when it ends by itself
    until = Instant(required=True)
    ended_at = Instant(required=True, allow_none=True)
    question = Text(required=True, allow_none=True, max_length=_NOTE)
    answer = Text(required=True, allow_none=True, max_length=_NOTE)
    reason = OneOf(*Declined, required=True, allow_none=True)
    reason_told = Text(required=True, allow_none=True, max_length=1000)
    remark = Text(required=True, allow_none=True, max_length=_NOTE)
    #: the request that has come of it
    request = Id("req", required=True, allow_none=True)
    #: why a request would be refused now, whoever had the work; told of one alone, while it is looked at
    hindrances = fields.List(fields.Nested(ReasonSchema), required=True)
    #: the desk sees whose it is
    patron = fields.Nested(PatronOut, allow_none=True)
    #: who of the desk has acted on it last; the desk alone is told
    by_name = Text(required=True, allow_none=True)
    version = Whole(required=True, maximum=2**31 - 1)


class TypedRequestPageOut(Shown):
    items = fields.List(fields.Nested(TypedRequestOut), required=True)
    #: give it as ``after`` for the next page; null on the last one
    next = Id("typ", required=True, allow_none=True)


class TypedRequestListIn(Strict):
    status = OneOf(*TypedStatus)
    after = Id("typ")
    limit = Whole(minimum=1, maximum=100, load_default=25)


class ReaderQuestionIn(Strict):
    """What the desk asks the reader."""

    text = Text(required=True, max_length=_NOTE, lines=True)


class ReaderAnswerIn(Strict):
    """What the reader says to the question."""

    text = Text(required=True, max_length=_NOTE, lines=True)


class TypedRefusalIn(Strict):
    """Why the desk can do nothing; what is no reason of the list is said in words."""

    reason = OneOf(*Declined, required=True)
    remark = Text(max_length=_NOTE, lines=True)

    @validates_schema(skip_on_field_errors=True)
    def says_why(self, read: dict[str, Any], **_: Any) -> None:
        """Refuse another reason that is not said."""
        if read["reason"] == Declined.OTHER and "remark" not in read:
            raise refuse(Flaw.REQUIRED, at="remark")


class MatchIn(Strict):
    """A work of a search of the desk's, and who is asked first for it; or a library that is asked by hand."""

    search = Id("srch")
    work = Text(max_length=60)
    lender = Code()

    @validates_schema(skip_on_field_errors=False)
    def names_something(self, read: dict[str, Any], **_: Any) -> None:
        """Refuse what names neither a work nor a library."""
        by_hit = {"search", "work"} & read.keys()
        if by_hit != {"search", "work"} and (by_hit or "lender" not in read):
            raise refuse(Flaw.NO_MATCH)

    @post_load
    def as_match(self, read: dict[str, Any], **_: Any) -> Match:
        """Return the record."""
        return Match(**read)


_OUT = TypedRequestOut()


@blueprint.route("/typed-requests", methods=["POST"])
@needs(Role.PATRON)
@once()
@blueprint.arguments(TypedRequestIn)
@blueprint.response(201, TypedRequestOut)
@blueprint.alt_response(200, schema=TypedRequestOut, description="The one of the same work that is looked at")
def type_request(wanted: Typing) -> Any:
    """Leave to one's library what no search has found; its desk looks for it, and asks on one's behalf."""
    at = now()

    def status(shown: dict[str, Any]) -> int:
        return 201 if shown["created_at"] == at else 200

    shown = _shown(service(TypedRequests).leave(wanted, actor(), now=at, also=_receipt(status)))
    return shown, status(shown)


@blueprint.route("/typed-requests", methods=["GET"])
@needs(Role.PATRON, Role.STAFF)
@blueprint.arguments(TypedRequestListIn, location="query")
@blueprint.response(200, TypedRequestPageOut)
def list_typed_requests(wanted: dict[str, Any]) -> Any:
    """List a reader's own, newest first; at a desk those of its readers, the longest waiting first."""
    page = service(TypedRequests).page(actor(), **wanted)
    return {"items": [_shown(seen) for seen in page.items], "next": page.next}


@blueprint.route(_PATH, methods=["GET"])
@needs(Role.PATRON, Role.STAFF)
@blueprint.response(200, TypedRequestOut)
def show_typed_request(typed_request_id: str) -> Any:
    """Show a typed request, and what would hinder a request of its reader's now."""
    return _shown(service(TypedRequests).one(TypedRequestId(typed_request_id), actor(), now=now()))


@blueprint.route(f"{_PATH}/cancellation", methods=["POST"])
@needs(Role.PATRON)
@once()
@blueprint.response(200, TypedRequestOut)
def cancel_typed_request(typed_request_id: str) -> Any:
    """Give it up."""
    return _taken(typed_request_id, partial(rules.cancelled, now=now()))


@blueprint.route(f"{_PATH}/answer", methods=["POST"])
@needs(Role.PATRON)
@once()
@blueprint.arguments(ReaderAnswerIn)
@blueprint.response(200, TypedRequestOut)
def answer_question(said: dict[str, Any], typed_request_id: str) -> Any:
    """Answer what the desk asks; it looks at it again."""
    return _taken(typed_request_id, partial(rules.answered, answer=said["text"]))


@blueprint.route(f"{_PATH}/citation", methods=["PUT"])
@needs(Role.STAFF)
@blueprint.arguments(CitationIn)
@blueprint.response(200, TypedRequestOut)
def correct_typed_request(citation: Any, typed_request_id: str) -> Any:
    """Put right what is meant; what the reader typed is kept beside it."""
    return _taken(typed_request_id, partial(rules.corrected, citation=citation), keeps=False)


@blueprint.route(f"{_PATH}/question", methods=["POST"])
@needs(Role.STAFF)
@once()
@blueprint.arguments(ReaderQuestionIn)
@blueprint.response(200, TypedRequestOut)
def ask_reader(said: dict[str, Any], typed_request_id: str) -> Any:
    """Ask the reader something, by letter; it waits for the answer then."""
    return _taken(typed_request_id, partial(rules.asked, question=said["text"]))


@blueprint.route(f"{_PATH}/refusal", methods=["POST"])
@needs(Role.STAFF)
@once()
@blueprint.arguments(TypedRefusalIn)
@blueprint.response(200, TypedRequestOut)
def refuse_typed_request(why_not: dict[str, Any], typed_request_id: str) -> Any:
    """End it, because nothing can be done; a letter tells the reader why."""
    reason, remark = Declined(why_not["reason"]), why_not.get("remark")
    return _taken(typed_request_id, partial(rules.declined, reason=reason, remark=remark, now=now()))


@blueprint.route(f"{_PATH}/match", methods=["POST"])
@needs(Role.STAFF)
@once()
@blueprint.arguments(MatchIn)
@blueprint.response(200, TypedRequestOut)
def match_typed_request(found: Match, typed_request_id: str) -> Any:
    """Make a request of it on the reader's behalf, with its number; it is asked for as any other."""
    typed_id = TypedRequestId(typed_request_id)
    return _shown(service(TypedRequests).match(typed_id, found, actor(), now=now(), also=_receipt()))


def _taken(
    typed_request_id: str, change: Callable[[TypedRequest], TypedRequest], *, keeps: bool = True
) -> dict[str, Any]:
    also = _receipt() if keeps else lambda *_: None
    typed_id = TypedRequestId(typed_request_id)
    return _shown(service(TypedRequests).take(typed_id, change, actor(), now=now(), also=also))


def _receipt(status: int | Callable[[Any], int] = 200) -> Callable[[Any, SeenTyped], None]:
    keep = receipt(_OUT, status)
    return lambda conn, seen: keep(conn, _shown(seen))


def _shown(seen: SeenTyped) -> dict[str, Any]:
    """Return one as whoever is asking may see it."""
    typed, spoken = seen.typed, language()
    names = [name for name in _OUT.fields if hasattr(typed, name)]
    return {name: getattr(typed, name) for name in names} | {
        "reason_told": typed.reason and say(typed.reason.message, spoken),
        "hindrances": [{"code": each, "text": why(each, spoken)} for each in seen.hindrances],
        "patron": seen.patron if actor().role is Role.STAFF else None,
        "by_name": seen.by_name if actor().role is Role.STAFF else None,
    }
