"""Home cards: what a patron's own library says of the card now."""

from typing import Any

from marshmallow import fields

from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Shown
from ill_broker.services.people.home_cards import HomeCards
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, Day, Instant, OneOf, Text
from workflows.actors import Role
from workflows.home_cards import HomeCard
from workflows.ids import PatronId

blueprint = Resource("home-cards", description="Patrons' cards at their own libraries")


class HolderOut(Shown):
    """Whoever has the card, in the library's own words."""

    name = Text(required=True, min_length=0, max_length=1000)
    email = Text(required=True, allow_none=True, max_length=1000)
    phone = Text(required=True, allow_none=True, max_length=1000)
    category = Text(required=True, allow_none=True, max_length=1000)
    valid_until = Day(required=True, allow_none=True)
    blocks = fields.List(Text(max_length=1000), required=True)


class HomeCardOut(Shown):
    library = Code(required=True)
    card_number = Text(required=True, max_length=40)
    state = OneOf(*HomeCard, required=True)
    checked_at = Instant(required=True)
    holder = fields.Nested(
        HolderOut,
        required=True,
        allow_none=True,
        metadata={"description": "null where nobody has the card, or the library did not answer"},
    )


@blueprint.route("/patrons/<id('pat'):patron_id>/home-card", methods=["GET"])
@needs(Role.STAFF, Role.OFFICE)
@blueprint.response(200, HomeCardOut)
def show_home_card(patron_id: str) -> Any:
    """Ask a patron's own library about the card, as it is now."""
    return service(HomeCards).of(PatronId(patron_id), actor(), now=now())
