"""Paper: slips, bands and labels of one request or of several, for three sizes of paper."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from ill_broker.pages.desk.slips import shown_slip
from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.services.requests.overview import Overview, SeenRequest
from ill_broker.texts.catalogue import say
from ill_broker.web.context import service
from ill_broker.web.language import page_language
from workflows.actors import Role
from workflows.ids import RequestId
from workflows.requests.papers import Paper, papers

blueprint = room("paper", __name__)

#: a page for a printer each; what a desk has chosen last it has again
SIZES = ("a6", "a4", "80mm")
_COOKIE = "ill_paper"
_YEAR_SECONDS = 365 * 24 * 3600
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
    paper, size = Paper(kind), _size()
    slips = [shown_slip(paper, seen) for seen in _printed(paper, request_ids)]
    if not slips:
        raise NotFound
    joint = "&" if "?" in here else "?"
    sizes = [
        {
            "words": say(f"paper.size.{one}", page_language()),
            "address": f"{here}{joint}size={one}",
            "is_here": one == size,
        }
        for one in SIZES
    ]
    answer = page("desk/paper/sheet.html", slips=slips, size=size, sizes=sizes)
    answer.set_cookie(_COOKIE, size, max_age=_YEAR_SECONDS, httponly=True, samesite="Lax")
    return answer


def _printed(paper: Paper, request_ids: list[str]) -> list[SeenRequest]:
    """Return the requests that have this paper now; others have gone on since they were listed."""
    found = service(Overview).several([RequestId(one) for one in request_ids], me())
    return [seen for seen in found if paper in papers(me(), seen.request)]


def _size() -> str:
    """Return the paper that is asked for, else the desk's last."""
    for told in (request.args.get("size"), request.cookies.get(_COOKIE)):
        if told in SIZES:
            return str(told)
    return SIZES[0]
