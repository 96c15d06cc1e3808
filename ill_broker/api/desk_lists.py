"""The lists of a desk, and how much waits in each."""

from typing import Any

from marshmallow import fields

from ill_broker.api.request_schemas import AttentionOut, PatronOut, shown_attention
from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Shown, Strict
from ill_broker.services.requests.desk_lists import MARK, DeskLists, DeskRow, Narrowed
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, Day, Id, Instant, OneOf, Pattern, Text, Whole
from workflows.actors import Role
from workflows.reasons import Attention
from workflows.requests.desk_lists import DeskList, What
from workflows.requests.lifecycle import Outcome, Status, Step

blueprint = Resource("desk-lists", description="What waits at a desk, list by list")


class DeskOut(Shown):
    """How much waits in each list of a desk."""

    to_arrive = Whole(required=True)
    to_call = Whole(required=True)
    on_shelf = Whole(required=True)
    overdue = Whole(required=True)
    to_ship_back = Whole(required=True)
    to_look_at = Whole(required=True)
    typed = Whole(required=True)
    to_answer = Whole(required=True)
    #: what partners said and could not be applied
    set_aside = Whole(required=True)
    #: what could not be delivered and was given up
    dead_letters = Whole(required=True)


class DeskListIn(Strict):
    after = Pattern(MARK, max_length=80)
    limit = Whole(minimum=1, maximum=100, load_default=50)
    #: card, part of the name, mobile or e-mail address
    reader = Text(max_length=200)
    #: part of the title
    title = Text(max_length=300)
    lender = Code()
    #: the day that matters is not before then
    since = Day()
    #: the day that matters is not after then
    until = Day()


class SaidOut(Shown):
    """Another system's, or another library's, own words."""

    library = Code(required=True)
    words = Text(required=True, max_length=10_000, lines=True)


class DeskRowOut(Shown):
    """A request as a list shows it."""

    id = Id("req", required=True)
    number = Text(required=True)
    title = Text(required=True, max_length=2000)
    author = Text(required=True, allow_none=True, max_length=2000)
    reader = fields.Nested(PatronOut, required=True, allow_none=True)
    lender = Code(required=True, allow_none=True)
    call_number = Text(required=True, allow_none=True, max_length=300)
    #: the pick-up site that was chosen; null for the desk itself
    site = Text(required=True, allow_none=True)
    status = OneOf(*Status, required=True)
    outcome = OneOf(*Outcome, required=True, allow_none=True)
    #: the day that matters; null where there is none
    day = Day(required=True, allow_none=True)
    #: what that day is
    day_is = OneOf(*What, required=True)
    #: since when it is where it is
    waiting_since = Instant(required=True)
    days_overdue = Whole(required=True)
    calls = Whole(required=True)
    attention_told = fields.List(fields.Nested(AttentionOut), required=True)
    #: what others said of what is to be looked at, in their own words
    said = fields.List(fields.Nested(SaidOut), required=True)
    #: the one thing to do next; null where nothing is to be done
    next_step = OneOf(*Step, required=True, allow_none=True)
    actions = fields.List(OneOf(*Step), required=True)
    version = Whole(required=True, maximum=2**31 - 1)


class DeskListOut(Shown):
    items = fields.List(fields.Nested(DeskRowOut), required=True)
    #: give it as ``after`` for the next page; null on the last one
    next = Pattern(MARK, max_length=80, required=True, allow_none=True)


@blueprint.route("/desk", methods=["GET"])
@needs(Role.STAFF)
@blueprint.response(200, DeskOut)
def count_desk() -> Any:
    """Count what waits at the desk, list by list, and what others ask of the library."""
    return service(DeskLists).counts(actor(), now=now())


@blueprint.route("/desk/lists/<desk_list:desk_list>", methods=["GET"])
@needs(Role.STAFF)
@blueprint.arguments(DeskListIn, location="query")
@blueprint.response(200, DeskListOut)
def show_desk_list(asked: dict[str, Any], desk_list: DeskList) -> Any:
    """Show a list of the desk in the order in which it is worked off, each row with what is to be done."""
    after, limit = asked.pop("after", None), asked.pop("limit")
    page = service(DeskLists).page(desk_list, Narrowed(**asked), actor(), after=after, limit=limit, now=now())
    return {"items": [_shown(row) for row in page.rows], "next": page.next}


def _shown(row: DeskRow) -> dict[str, Any]:
    request = row.request
    shown: dict[str, Any] = {
        name: getattr(request, name)
        for name in ("id", "number", "lender", "status", "outcome", "calls", "version")
    }
    of_row = (
        "reader",
        "call_number",
        "day",
        "day_is",
        "waiting_since",
        "days_overdue",
        "next_step",
        "actions",
    )
    shown |= {name: getattr(row, name) for name in of_row}
    return shown | {
        "title": request.citation.title,
        "author": request.citation.author,
        "site": request.pickup and request.pickup.site,
        "attention_told": [shown_attention(Attention(what)) for what in request.attention],
        "said": row.said,
    }
