"""Paper: slips, bands and labels of one request or of several, for three sizes of paper."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from ill_broker.pages.desk.sizes import remembering, sized
from ill_broker.pages.desk.slips import shown_slip
from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.services.requests.overview import Overview, SeenRequest
from ill_broker.web.context import service
from workflows.actors import Role
from workflows.ids import RequestId
from workflows.requests.papers import Paper, papers

blueprint = room("paper", __name__)

#: as many as are pulled from the shelves in one go
_MOST = 100


@blueprint.get("/desk/requests/<id('req'):request_id>/paper/<kind>")
@seen_by(Role.STAFF)
def show(request_id: str, kind: str) -> Any:
    """Show one paper of a request; ``?print=1`` opens the browser's printing, ``?size=`` is remembered."""
    return _sheet(kind, [request_id], url_for(".show", request_id=request_id, kind=kind))


@blueprint.get("/desk/paper/<kind>")
@seen_by(Role.STAFF)
def show_many(kind: str) -> Any:
    """Show the same paper of each ``?request=``: to print them in one go."""
    wanted = list(dict.fromkeys(request.args.getlist("request")))[:_MOST]
    return _sheet(kind, wanted, url_for(".show_many", kind=kind, request=wanted))


def _sheet(kind: str, request_ids: list[str], here: str) -> Response:
    if kind not in set(Paper):
        raise NotFound
    paper = Paper(kind)
    slips = [shown_slip(paper, seen) for seen in _printed(paper, request_ids)]
    if not slips:
        raise NotFound
    return remembering(page("desk/paper/sheet.html", slips=slips, **sized(here)))


def _printed(paper: Paper, request_ids: list[str]) -> list[SeenRequest]:
    """Return the requests that have this paper now; others have gone on since they were listed."""
    found = service(Overview).several([RequestId(one) for one in request_ids], me())
    return [seen for seen in found if paper in papers(me(), seen.request)]
