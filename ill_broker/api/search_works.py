"""The works of a search, page by page, to the last that members have."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

from marshmallow import fields

from ill_broker.api.facets import ChoiceIn, choice_of
from ill_broker.api.problems import MEDIA_TYPE
from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Shown
from ill_broker.api.searches import SEARCHERS, WAIT, WorkOut, shown_work
from ill_broker.services.discovery.paging import Cursor, Page, Wanted
from ill_broker.services.discovery.search import Discovery
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import OneOf, Pattern, Whole
from ill_broker.web.streams import kept, streaming
from workflows.discovery.works import Sort

blueprint = Resource("search works", description="The works of a search, page by page")

_CURSOR = r"\d{1,6}\.\d{1,6}"


class WorkListIn(ChoiceIn):
    after = Pattern(_CURSOR)
    limit = Whole(minimum=1, maximum=100, load_default=25)
    sort = OneOf(*Sort, load_default=Sort.RELEVANCE)


class WorkPageOut(Shown):
    """Works in an order that stays: those of the first page's records, then what came later."""

    items = fields.List(fields.Nested(WorkOut), required=True)
    #: give it as ``after`` for the next page; null on the last one
    next = Pattern(_CURSOR, required=True, allow_none=True)
    works_total = Whole(required=True)
    records_read = Whole(required=True)
    records_total = Whole(required=True)


_PAGE = WorkPageOut()


@blueprint.route("/searches/<id('srch'):search_id>/works", methods=["GET"])
@needs(*SEARCHERS)
@blueprint.arguments(WorkListIn, location="query")
@blueprint.response(200, WorkPageOut)
@blueprint.alt_response(
    503, schema="Problem", content_type=MEDIA_TYPE, headers=WAIT, description="Too many searches at once"
)
def list_works(wanted: dict[str, Any], search_id: str) -> Any:
    """List a search's works page by page; members are asked for further records where a page needs them."""
    after = Cursor.read(wanted["after"]) if "after" in wanted else None
    asked = Wanted(after=after, limit=wanted["limit"], choice=choice_of(wanted), sort=Sort(wanted["sort"]))
    found = service(Discovery).page(search_id, actor(), now(), asked)
    if found.is_whole:
        return _shown(found)
    return streaming(_whole(service(Discovery), found, asked, kept(_written)), "application/json")


async def _whole(
    discovery: Discovery, found: Page, wanted: Wanted, written: Callable[[Page], bytes]
) -> AsyncGenerator[bytes]:
    """Yield the page once members have answered, without a thread that waits for them."""
    yield await asyncio.to_thread(written, await discovery.whole(found, wanted))


def _written(page: Page) -> bytes:
    said: str = _PAGE.dumps(_shown(page))
    return said.encode()


def _shown(page: Page) -> dict[str, Any]:
    return {
        "items": [shown_work(work, page.search) for work in page.works],
        "next": page.next and str(page.next),
        "works_total": page.search.works_total,
        "records_read": page.search.records_read,
        "records_total": page.search.records_total,
    }
