"""Wishes: works that nobody can lend now; their readers are told when somebody can."""

from typing import Any

from marshmallow import fields

from ill_broker.api.idempotency import once, receipt
from ill_broker.api.request_schemas import CitationOut, OneWorkIn
from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Shown, Strict
from ill_broker.services.discovery.wishes import Wishes
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, Id, Instant, OneOf, Text, Whole
from workflows.actors import Role
from workflows.discovery.wishes import WishStatus
from workflows.ids import WishId

blueprint = Resource("wishes", description="Works that a reader waits for until somebody can lend them")


class WishIn(OneWorkIn):
    """A wish: a work of a search that nobody would lend now, or a citation."""


class WishOut(Shown):
    id = Id("wsh", required=True)
    citation = fields.Nested(CitationOut, required=True)
    status = OneOf(*WishStatus, required=True)
    created_at = Instant(required=True)
    #: when it ends by itself
    until = Instant(required=True)
    ended_at = Instant(required=True, allow_none=True)
    #: who has it, once it can be had, and its shelf mark there
    library = Code(required=True, allow_none=True)
    call_number = Text(required=True, allow_none=True, max_length=2000)


class WishPageOut(Shown):
    items = fields.List(fields.Nested(WishOut), required=True)
    #: give it as ``after`` for the next page; null on the last one
    next = Id("wsh", required=True, allow_none=True)


class WishListIn(Strict):
    after = Id("wsh")
    limit = Whole(minimum=1, maximum=100, load_default=25)


_OUT = WishOut()


@blueprint.route("/wishes", methods=["POST"])
@needs(Role.PATRON)
@once()
@blueprint.arguments(WishIn)
@blueprint.response(201, WishOut)
@blueprint.alt_response(200, schema=WishOut, description="The wish for the same work that waits already")
def leave_wish(named: dict[str, Any]) -> Any:
    """Wait for a work that nobody can lend now; a letter says when it can be had, or that it could not."""
    at = now()

    def status(wish: Any) -> int:
        return 201 if wish.created_at == at else 200

    wish = service(Wishes).leave(actor(), **named, now=at, also=receipt(_OUT, status))
    return wish, status(wish)


@blueprint.route("/wishes", methods=["GET"])
@needs(Role.PATRON)
@blueprint.arguments(WishListIn, location="query")
@blueprint.response(200, WishPageOut)
def list_wishes(wanted: dict[str, Any]) -> Any:
    """List what one waits for or has waited for lately, newest first."""
    return service(Wishes).page(actor(), **wanted)


@blueprint.route("/wishes/<id('wsh'):wish_id>", methods=["GET"])
@needs(Role.PATRON)
@blueprint.response(200, WishOut)
def show_wish(wish_id: str) -> Any:
    """Show a wish."""
    return service(Wishes).one(WishId(wish_id), actor())


@blueprint.route("/wishes/<id('wsh'):wish_id>", methods=["DELETE"])
@needs(Role.PATRON)
@blueprint.response(204)
def take_wish_back(wish_id: str) -> None:
    """Wait no more: the wish is forgotten."""
    service(Wishes).take_back(WishId(wish_id), actor())
