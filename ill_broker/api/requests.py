"""Requests: submit, list, follow, and know why."""

from collections.abc import Mapping
from typing import Any

from ill_broker.api.explanation_schemas import ExplanationOut
from ill_broker.api.idempotency import once, receipt
from ill_broker.api.problems import invalid
from ill_broker.api.request_schemas import (
    ListIn,
    PageOut,
    RequestOut,
    RotaOut,
    SubmissionIn,
    TimelineOut,
    shown_request,
    shown_rota_entry,
)
from ill_broker.api.resource import Resource
from ill_broker.api.versions import ETAG, etag
from ill_broker.services.requests.door import Requests
from ill_broker.services.requests.overview import Overview
from ill_broker.services.requests.submissions import Submission, Submissions
from ill_broker.storage.events import Recorded
from ill_broker.storage.records import to_dict
from ill_broker.texts.flaws import Flaw
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import WrongValue
from workflows.actors import Role
from workflows.ids import RequestId
from workflows.requests.events import Called, CancellationRequested, HandedOver, SeenTo
from workflows.requests.journey import journey
from workflows.requests.permissions import Relation, relations
from workflows.requests.request import Request

blueprint = Resource("requests", description="Requests for books of other libraries")
_OUT = RequestOut()
_EVERYBODY = (Role.PATRON, Role.STAFF, Role.OFFICE, Role.PARTNER)


@blueprint.route("/requests", methods=["POST"])
@needs(Role.PATRON, Role.STAFF)
@once()
@blueprint.arguments(SubmissionIn)
@blueprint.response(201, RequestOut, headers=ETAG)
@blueprint.alt_response(200, schema=RequestOut, description="The open request for the same work")
def submit_request(wanted: Submission) -> Any:
    """Ask for a book; an open request for the same work is answered instead of a second one.

    Staff ask for a reader of their own library, whom ``patron`` names; the reader's limits and rules hold,
    and the timeline says who asked.
    """
    if actor().role is Role.STAFF and wanted.patron is None:
        raise invalid({"patron": [WrongValue(Flaw.REQUIRED)]}, "body")
    at = now()

    def status(shown: dict[str, Any]) -> int:
        return 201 if shown["submitted_at"] == at else 200

    keep = receipt(_OUT, status, headers=lambda shown: etag(shown["version"]))
    request = service(Submissions).submit(
        wanted, actor(), now=at, also=lambda conn, made: keep(conn, shown_request(made, actor()))
    )
    shown = shown_request(request, actor())
    return shown, status(shown), etag(request.version)


@blueprint.route("/requests", methods=["GET"])
@needs(*_EVERYBODY)
@blueprint.arguments(ListIn, location="query")
@blueprint.response(200, PageOut)
def list_requests(wanted: dict[str, Any]) -> Any:
    """List requests, newest first: the patron's own, the desk's, the lender's, or all for the office."""
    page = service(Overview).page(actor(), **wanted)
    return {
        "items": [shown_request(seen.request, actor(), seen.patron) for seen in page.items],
        "next": page.next,
    }


@blueprint.route("/requests/<id('req'):request_id>", methods=["GET"])
@needs(*_EVERYBODY)
@blueprint.response(200, RequestOut, headers=ETAG)
def show_request(request_id: str) -> Any:
    """Show a request."""
    seen = service(Overview).one(RequestId(request_id), actor())
    return shown_request(seen.request, actor(), seen.patron), 200, etag(seen.request.version)


@blueprint.route("/requests/<id('req'):request_id>/timeline", methods=["GET"])
@needs(*_EVERYBODY)
@blueprint.response(200, TimelineOut)
def show_timeline(request_id: str) -> Any:
    """Show all that has happened, when it did and when we heard of it."""
    seen = service(Requests).see(RequestId(request_id), actor())
    mine = _only_its_own(seen.request)
    shown = [one for one in seen.events if mine in {None, getattr(one.event, "lender", mine)}]
    names = service(Overview).names_of(shown) if actor().role in {Role.STAFF, Role.OFFICE} else {}
    items = [_entry(recorded, names, as_lender=mine is not None) for recorded in shown]
    coming = service(Overview).expected(seen.request, now=now())
    return {
        "steps": journey(seen.request),
        "expected": coming and coming.first,
        "expected_by": coming and coming.last,
        "items": items,
    }


@blueprint.route("/requests/<id('req'):request_id>/explanation", methods=["GET"])
@needs(*_EVERYBODY)
@blueprint.response(200, ExplanationOut)
def show_explanation(request_id: str) -> Any:
    """Explain the due date and the fine: day by day, rule by rule."""
    return service(Overview).explanation(RequestId(request_id), actor(), now=now())


@blueprint.route("/requests/<id('req'):request_id>/rota", methods=["GET"])
@needs(*_EVERYBODY)
@blueprint.response(200, RotaOut)
def show_rota(request_id: str) -> Any:
    """Show which lenders are asked in which order, and why one is not."""
    request = service(Requests).see(RequestId(request_id), actor()).request
    mine = _only_its_own(request)
    return {"items": [shown_rota_entry(entry) for entry in request.rota if mine in {None, entry.lender}]}


def _only_its_own(request: Request) -> str | None:
    """Return the lender that whoever looks speaks for and is nothing else to the request, if that is so.

    One lender learns nothing of what another was asked or has said.
    """
    return actor().library if relations(actor(), request) == {Relation.LENDER} else None


#: what patrons and their desk say to each other, which is no lender's affair
_BETWEEN_THEM = ("agent", "card", "note", "reason")


def _entry(recorded: Recorded, names: Mapping[str, str], *, as_lender: bool) -> dict[str, Any]:
    who = recorded.actor
    facts = to_dict(recorded.event)
    is_private = as_lender and isinstance(
        recorded.event, Called | HandedOver | CancellationRequested | SeenTo
    )
    hidden = (*(_BETWEEN_THEM if is_private else ()), *(("rota", "holdings") if as_lender else ()))
    for left_out in ("at", "because", "type", *hidden):
        facts.pop(left_out, None)
    named = {"by_name": names[who.id]} if who.id in names else {}
    return named | {
        "seq": recorded.seq,
        "event": type(recorded.event).__name__,
        "at": recorded.event.at,
        "received_at": recorded.received_at,
        "by": who.role,
        "by_library": who.library if who.role in {Role.STAFF, Role.OFFICE} else None,
        "because": recorded.event.because,
        "facts": facts,
    }
