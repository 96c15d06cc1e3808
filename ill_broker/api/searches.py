"""Searches over all members: begin, look, and watch the answers come."""

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator
from functools import lru_cache
from typing import Any, get_args

from flask import Response, request
from marshmallow import fields

from ill_broker.api.facets import ChoiceIn, FacetsOut, choice_of
from ill_broker.api.problems import MEDIA_TYPE
from ill_broker.api.query_schemas import QueryIn, QueryOut
from ill_broker.api.request_schemas import CitationOut
from ill_broker.api.resource import PREFIX, Resource
from ill_broker.api.schemas import Amount, Shown
from ill_broker.services.discovery.fan_out import Member, MemberState
from ill_broker.services.discovery.record import Search
from ill_broker.services.discovery.search import Discovery
from ill_broker.texts.reasons import why
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import (
    Code,
    Day,
    Flag,
    Id,
    Instant,
    OneOf,
    OneOfOrOwn,
    Pattern,
    Text,
    Whole,
)
from ill_broker.web.language import language
from ill_broker.web.streams import streaming
from workflows.actors import Role
from workflows.citation import Query
from workflows.discovery.editions import first_of_each
from workflows.discovery.facets import Choice, counted, fits
from workflows.discovery.offers import Offer, own_copies
from workflows.discovery.works import Sort, Work, ordered
from workflows.policies.conditions import TYPES
from workflows.reasons import LenderRefusal

blueprint = Resource("searches", description="One query over all member libraries")

#: works that an answer shows; those that fit best
MOST_WORKS = 100
SEARCHERS = (Role.PATRON, Role.STAFF)
_STREAM = "text/event-stream"
#: the id of the last event, after which there is nothing to resume
_END = "done"
#: the id of any other event: a bit for each member that was told up to it, by its place in the search
_TOLD = re.compile(r"[0-9a-f]{1,256}")
#: one event of the stream; its data is a member's state, or the end with the number of works
_EVENT = {
    "type": "object",
    "required": ["id", "event", "data"],
    "properties": {
        "id": {"type": "string", "pattern": f"^({_TOLD.pattern}|{_END})$"},
        "event": {"type": "string", "enum": ["member", "done"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
}
_LAST_EVENT_ID = "Last-Event-ID"
_LAST_EVENT = {
    "in": "header",
    "name": _LAST_EVENT_ID,
    "required": False,
    "description": "The id of the last event that came: what came up to it is not told again",
    "schema": {"type": "string", "maxLength": 256},
}
_LOCATION = {"Location": {"description": "Where the search is", "schema": {"type": "string"}}}
WAIT = {"Retry-After": {"description": "Seconds after which to try again", "schema": {"type": "integer"}}}


class SearchIn(ChoiceIn):
    """How a search is shown, and what of it."""

    sort = OneOf(*Sort, load_default=Sort.RELEVANCE)


class MemberOut(Shown):
    """How far one member has come."""

    library = Code(required=True)
    state = OneOf(*MemberState, required=True)
    #: records that it sent, and that it says it has
    hits = Whole(required=True)
    total = Whole(required=True, maximum=2**53)
    milliseconds = Whole(required=True, allow_none=True)


class HoldingOut(Shown):
    library = Code(required=True)
    record_id = Text(required=True, min_length=0, max_length=2000)
    barcode = Text(required=True, allow_none=True, max_length=2000)
    call_number = Text(required=True, allow_none=True, max_length=2000)
    #: null where the catalogue does not say
    available = Flag(required=True, allow_none=True)
    collection = Text(required=True, max_length=2000)
    item_type = OneOf(*TYPES, required=True, allow_none=True)
    restricted_label = Flag(required=True)
    new_book = Flag(required=True)


class OfferOut(Shown):
    """On what terms one library would lend it; no promise."""

    lender = Code(required=True)
    lendable = Flag(required=True)
    reason = OneOfOrOwn(
        *get_args(LenderRefusal),
        required=True,
        allow_none=True,
        metadata={"description": "Why it would not be asked"},
    )
    reason_told = Text(required=True, allow_none=True, max_length=1000)
    available = Flag(required=True, allow_none=True)
    call_number = Text(required=True, allow_none=True, max_length=2000)
    expected = Day(required=True, allow_none=True)
    expected_by = Day(required=True, allow_none=True)
    due = Day(required=True, allow_none=True, metadata={"description": "Due date of a loan from that day"})
    due_is_sure = Flag(required=True, metadata={"description": "False beyond the lender's known calendar"})
    fine_rate = fields.Nested(Amount, required=True, allow_none=True, metadata={"description": "A late day"})
    fine_cap = fields.Nested(Amount, required=True, allow_none=True, metadata={"description": "The most"})
    currency = Text(required=True, allow_none=True)


class DetailsOut(Shown):
    """What its records tell beside, in every script in which they do."""

    contributors = fields.List(Text(max_length=1000), required=True)
    titles = fields.List(Text(max_length=1000), required=True)
    series = fields.List(Text(max_length=1000), required=True)
    subjects = fields.List(Text(max_length=1000), required=True)


class WorkEditionOut(Shown):
    """An edition or a volume; its id is asked for as that of any work."""

    id = Pattern(r"wrk_[0-9a-f]{16}", required=True)
    citation = fields.Nested(CitationOut, required=True)
    libraries = fields.List(Code(), required=True)
    available = Whole(required=True)


class WorkOut(Shown):
    id = Pattern(r"wrk_[0-9a-f]{16}", required=True)
    citation = fields.Nested(CitationOut, required=True)
    details = fields.Nested(DetailsOut, required=True)
    holdings = fields.List(fields.Nested(HoldingOut), required=True)
    own_copies = fields.List(fields.Nested(HoldingOut), required=True)
    editions = fields.List(fields.Nested(WorkEditionOut), required=True)
    offers = fields.List(fields.Nested(OfferOut), required=True)


class SearchOut(Shown):
    id = Id("srch", required=True)
    query = fields.Nested(QueryOut, required=True)
    started_at = Instant(required=True)
    #: null while members are waited for
    finished_at = Instant(required=True, allow_none=True)
    #: until when a work of it can be asked for
    expires_at = Instant(required=True)
    members = fields.List(fields.Nested(MemberOut), required=True)
    queue_place = Whole(required=True)
    works_total = Whole(required=True)
    records_read = Whole(required=True)
    records_total = Whole(required=True)
    #: whether members may tell more, when further works are asked for
    has_more = Flag(required=True)
    facets = fields.Nested(FacetsOut, required=True)
    suggestions = fields.List(Text(max_length=2000), required=True)
    works = fields.List(fields.Nested(WorkOut), required=True)


_MEMBER = MemberOut()
_TOLD_OF_IT = (
    "id",
    "query",
    "started_at",
    "finished_at",
    "expires_at",
    "members",
    "queue_place",
    "suggestions",
    "works_total",
    "records_read",
    "records_total",
    "has_more",
)


@blueprint.route("/searches", methods=["POST"])
@needs(*SEARCHERS)
@blueprint.arguments(QueryIn)
@blueprint.response(202, SearchOut, headers=_LOCATION)
@blueprint.alt_response(
    503, schema="Problem", content_type=MEDIA_TYPE, headers=WAIT, description="Too many searches at once"
)
def begin_search(query: Query) -> Any:
    """Ask all members at once; the answers come while you look."""
    search = service(Discovery).start(query, actor(), now())
    return _shown(search), 202, {"Location": f"{PREFIX}/searches/{search.id}"}


@blueprint.route("/searches/<id('srch'):search_id>", methods=["GET"])
@needs(*SEARCHERS)
@blueprint.arguments(SearchIn, location="query")
@blueprint.response(200, SearchOut)
def show_search(wanted: dict[str, Any], search_id: str) -> Any:
    """Show a search as far as it has come: works with their copies and the terms of each lender."""
    return _shown(
        service(Discovery).search(search_id, actor(), now()), choice_of(wanted), Sort(wanted["sort"])
    )


@blueprint.route("/searches/<id('srch'):search_id>/events", methods=["GET"])
@needs(*SEARCHERS)
@blueprint.doc(parameters=[_LAST_EVENT])
@blueprint.response(200, _EVENT, content_type=_STREAM)
@blueprint.alt_response(204, description="Everything was told before: there is nothing to come back for")
def watch_search(search_id: str) -> Response:
    """Stream ``member`` events as members answer, and ``done`` at the end (server-sent events).

    A stream that broke off goes on behind the event that ``Last-Event-ID`` names, at any web process.
    """
    changes = service(Discovery).follow(search_id, actor(), now())
    last = request.headers.get(_LAST_EVENT_ID, "")
    if last == _END:
        return Response(status=204)
    told = int(last, 16) if _TOLD.fullmatch(last) else 0
    return streaming(_events(changes, told), _STREAM)


async def _events(changes: AsyncIterator[Search], told: int) -> AsyncGenerator[bytes]:
    async for search in changes:
        for place, member in enumerate(search.members):
            if member.state is not MemberState.WAITING and not told >> place & 1:
                told |= 1 << place
                yield _event(f"{told:x}", "member", _said(member))
        if search.is_finished:
            yield _event(_END, "done", json.dumps({"id": search.id, "works_total": search.works_total}))


@lru_cache(maxsize=1024)
def _said(member: Member) -> str:
    """Return a member's part, written once for all who watch."""
    said: str = _MEMBER.dumps(member)
    return said


def _event(event_id: str, name: str, data: str) -> bytes:
    return f"id: {event_id}\nevent: {name}\ndata: {data}\n\n".encode()


def _shown(search: Search, choice: Choice | None = None, sort: Sort = Sort.RELEVANCE) -> dict[str, Any]:
    """Return the search as whoever is asking may see it."""
    chosen = choice or {}
    every = enumerate(ordered(search.works(), sort))
    found = [work for _, work in first_of_each(one for one in every if fits(one[1], chosen))]
    shown: dict[str, Any] = {name: getattr(search, name) for name in _TOLD_OF_IT}
    return shown | {
        "facets": counted(search.works(), chosen),
        "works": [shown_work(work, search) for work in found[:MOST_WORKS]],
    }


def shown_work(work: Work, search: Search) -> dict[str, Any]:
    terms = service(Discovery).offers(work, actor(), now())
    return {
        "id": work.id,
        "citation": work.citation,
        "details": work.details,
        "holdings": work.holdings,
        "editions": search.editions_of(work),
        "own_copies": own_copies(work, actor().library),
        "offers": [_offer(one) for one in terms],
    }


def _offer(one: Offer) -> dict[str, Any]:
    names = ("lender", "reason", "expected", "expected_by", "due", "fine_rate", "fine_cap", "currency")
    return {name: getattr(one, name) for name in names} | {
        "reason_told": one.reason and why(one.reason, language()),
        "lendable": one.is_lendable,
        "due_is_sure": one.is_sure,
        "available": one.holding.available,
        "call_number": one.holding.call_number,
    }
