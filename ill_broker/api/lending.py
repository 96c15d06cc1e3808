"""A lender's desk: what others ask of the library, list by list, longest waiting first."""

from typing import Any

from marshmallow import fields

from ill_broker.api.request_schemas import CitationOut
from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Shown, Strict
from ill_broker.services.requests.lending import Asked, Lending
from ill_broker.web.access import actor, needs
from ill_broker.web.context import service
from ill_broker.web.fields import Code, Flag, Id, Instant, OneOf, Text, Whole
from workflows.actors import Role
from workflows.ids import LibraryCode, RequestId
from workflows.requests.lending import Answer, LendingList
from workflows.requests.lifecycle import Status

blueprint = Resource("lending", description="What others ask of a library")


class LendingOut(Shown):
    """How much there is of each list, and whether the library's own system answers."""

    to_answer = Whole(required=True)
    to_send = Whole(required=True)
    awaiting_reader = Whole(required=True)
    out = Whole(required=True)
    to_receive = Whole(required=True)
    answers_by_itself = Flag(required=True)


class LendingListIn(Strict):
    after = Id("req")
    limit = Whole(minimum=1, maximum=100, load_default=25)


class AskedOut(Shown):
    id = Id("req", required=True)
    number = Text(required=True)
    status = OneOf(*Status, required=True)
    citation = fields.Nested(CitationOut, required=True)
    desk = Code(required=True)
    call_number = Text(required=True, allow_none=True, max_length=300)
    barcode = Text(required=True, allow_none=True, max_length=60)
    since = Instant(required=True)
    cancellation_requested = Instant(required=True, allow_none=True)
    #: the status to give in an answer
    answers = fields.List(OneOf(*Answer), required=True)
    version = Whole(required=True, maximum=2**31 - 1)


class AskedPageOut(Shown):
    items = fields.List(fields.Nested(AskedOut), required=True)
    #: give it as ``after`` for the next page; null on the last one
    next = Id("req", required=True, allow_none=True)


class PullListOut(Shown):
    items = fields.List(fields.Nested(AskedOut), required=True)


@blueprint.route("/lending", methods=["GET"])
@needs(Role.STAFF)
@blueprint.response(200, LendingOut)
def count_lending() -> Any:
    """Count what others ask of the library, list by list."""
    lending = service(Lending)
    by_itself = lending.answers_by_itself(LibraryCode(actor().library or ""))
    return {**lending.counts(actor()), "answers_by_itself": by_itself}


def _register(which: LendingList) -> None:
    @blueprint.route(
        f"/lending/{which.replace('_', '-')}", methods=["GET"], endpoint=f"list_lending_{which.value}"
    )
    @needs(Role.STAFF)
    @blueprint.doc(summary=_SUMMARIES[which])
    @blueprint.arguments(LendingListIn, location="query")
    @blueprint.response(200, AskedPageOut)
    def listed(wanted: dict[str, Any]) -> Any:
        start = RequestId(wanted["after"]) if "after" in wanted else None
        page = service(Lending).page(which, actor(), after=start, limit=wanted["limit"])
        return {"items": [_shown(asked) for asked in page.items], "next": page.next}


_SUMMARIES = {
    LendingList.TO_ANSWER: "List what the library is asked for and has not answered, longest waiting first",
    LendingList.TO_SEND: "List what the library has promised and not sent yet, longest waiting first",
    LendingList.AWAITING_READER: "List what the library lends on conditions that a reader has to accept",
    LendingList.OUT: "List the library's books that are on their way, at a desk or with a reader",
    LendingList.TO_RECEIVE: "List the library's books that are on their way back",
}
for each in LendingList:
    _register(each)


@blueprint.route("/lending/pull-list", methods=["GET"])
@needs(Role.STAFF)
@blueprint.response(200, PullListOut)
def show_pull_list() -> Any:
    """List what may have to be taken from the shelves, in the order of the shelves: at most 200."""
    return {"items": [_shown(asked) for asked in service(Lending).to_pull(actor())]}


def _shown(asked: Asked) -> dict[str, Any]:
    names = ("id", "number", "status", "citation", "desk", "cancellation_requested", "version")
    return {name: getattr(asked.request, name) for name in names} | {
        "call_number": asked.copy and asked.copy.call_number,
        "barcode": (asked.copy and asked.copy.barcode) or asked.request.item_barcode,
        "since": asked.since,
        "answers": asked.answers,
    }
