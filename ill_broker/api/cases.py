"""What staff and patrons may choose from: how a case can be settled, where a book can be fetched."""

from typing import Any

from marshmallow import fields

from ill_broker.api.case_schemas import CaseTermsIn, CaseTermsOut, facts_of, shown
from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Shown
from ill_broker.services.requests.options import Choices
from ill_broker.texts.reasons import why
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import Day, Flag, Text
from ill_broker.web.language import language
from workflows.actors import Role
from workflows.ids import RequestId
from workflows.losses.cases import CaseKind

blueprint = Resource("choices", description="What there is to choose from before a step is taken")


class SiteOut(Shown):
    """A pick-up site; ``by`` is null as long as the book is not at the desk."""

    site = Text(required=True)
    by = Day(required=True, allow_none=True)
    after_cutoff = Flag(required=True)


class SitesOut(Shown):
    items = fields.List(fields.Nested(SiteOut), required=True)


class RenewalTermsOut(Shown):
    """What a renewal would come to now: a new due date, or every reason why not."""

    due = Day(required=True, allow_none=True)
    reasons = fields.List(Text(max_length=100), required=True)
    reasons_told = fields.List(Text(max_length=1000), required=True)


class AgentNowOut(Shown):
    agent = Text(required=True, allow_none=True)


@blueprint.route("/requests/<id('req'):request_id>/case-terms", methods=["GET"])
@needs(Role.STAFF, Role.OFFICE)
@blueprint.arguments(CaseTermsIn, location="query")
@blueprint.response(200, CaseTermsOut)
def show_case_terms(read: dict[str, Any], request_id: str) -> Any:
    """Show what a case costs by the lender's rules, the range left to staff, or what is missing."""
    kind, piece = CaseKind(read.pop("case")), read.pop("piece", None)
    found = service(Choices).case_terms(
        RequestId(request_id), actor(), kind=kind, piece=piece, settling=facts_of(read), now=now()
    )
    return shown(found)


@blueprint.route("/requests/<id('req'):request_id>/pickup-sites", methods=["GET"])
@needs(Role.PATRON, Role.STAFF, Role.OFFICE)
@blueprint.response(200, SitesOut)
def list_pickup_sites(request_id: str) -> Any:
    """List where the book can be fetched, and from which day on if that is applied for now."""
    return {"items": service(Choices).pickup_sites(RequestId(request_id), actor(), now=now())}


@blueprint.route("/requests/<id('req'):request_id>/renewal-terms", methods=["GET"])
@needs(Role.PATRON, Role.STAFF, Role.OFFICE)
@blueprint.response(200, RenewalTermsOut)
def show_renewal_terms(request_id: str) -> Any:
    """Tell until when the book may be kept if it is renewed now, or why it would not be."""
    found = service(Choices).renewal(RequestId(request_id), actor(), now=now())
    told = [why(reason, language()) for reason in found.reasons]
    return {"due": found.due, "reasons": found.reasons, "reasons_told": told}


@blueprint.route("/requests/<id('req'):request_id>/agent", methods=["GET"])
@needs(Role.PATRON, Role.STAFF, Role.OFFICE)
@blueprint.response(200, AgentNowOut)
def show_agent(request_id: str) -> Any:
    """Tell whom the patron lets fetch the book."""
    return {"agent": service(Choices).agent(RequestId(request_id), actor())}
