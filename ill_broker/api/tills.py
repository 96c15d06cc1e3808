"""What a desk took on a day."""

from typing import Any

from marshmallow import fields

from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Amount, Shown, Strict
from ill_broker.services.accounts.tills import Tills
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, Day, Text, Whole
from workflows.actors import Role

blueprint = Resource("tills", description="What desks were paid")


class TillIn(Strict):
    day = Day(metadata={"description": "The day at the desk; today if left out"})


class TillSumOut(Shown):
    lender = Code(required=True)
    method = Text(required=True)
    #: null where a system took it
    clerk = Text(required=True, allow_none=True)
    amount = fields.Nested(Amount, required=True)
    #: less those that were taken back
    payments = Whole(required=True, minimum=-(2**31))


class TillTotalOut(Shown):
    method = Text(required=True)
    amount = fields.Nested(Amount, required=True)


class TillOut(Shown):
    library = Code(required=True)
    day = Day(required=True)
    #: by lender, currency, means and clerk
    sums = fields.List(fields.Nested(TillSumOut), required=True)
    #: what has to be there, by currency and means
    totals = fields.List(fields.Nested(TillTotalOut), required=True)


@blueprint.route("/desk/till", methods=["GET"])
@needs(Role.STAFF)
@blueprint.arguments(TillIn, location="query")
@blueprint.response(200, TillOut)
def show_till(wanted: dict[str, Any]) -> Any:
    """Show what the desk took on a day of its own, less what it gave back, for whoever counts the till."""
    till = service(Tills).of(actor(), wanted.get("day"), now=now())
    totals = [{"method": method, "amount": amount} for (_, method), amount in till.totals().items()]
    return {"library": till.library, "day": till.day, "sums": till.sums, "totals": totals}
