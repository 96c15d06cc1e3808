"""What lenders are owed, and what readers' home desks ask them to let off."""

from typing import Any

from marshmallow import fields

from ill_broker.api.accounts import SUM, PostingOut, a_reason, kept, last, shown_posting
from ill_broker.api.idempotency import once
from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Amount, Shown, Strict
from ill_broker.services.accounts.hand_fines import HandFines
from ill_broker.services.accounts.lender_accounts import LenderAccounts
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, Id, Text, Whole
from workflows.actors import Role
from workflows.ids import PatronId

blueprint = Resource("lender accounts", description="What lenders are owed and asked to let off")
_DESKS = (Role.STAFF, Role.OFFICE)


class OpenAccountsIn(Strict):
    #: for the office: one lender's; staff see their own library's
    lender = Code()
    after = Id("pat")
    limit = Whole(minimum=1, maximum=100, load_default=25)


class WaiverProposalsIn(Strict):
    #: for the office: those made to one lender; staff see those made to their own library
    lender = Code()
    after = Id("pst")
    limit = Whole(minimum=1, maximum=100, load_default=25)


class FineIn(Strict):
    request = Id("req", required=True)
    amount = Text(required=True, max_length=20, metadata=SUM)
    reason = a_reason()


class OpenAccountOut(Shown):
    """Below zero, the lender owes."""

    patron = Id("pat", required=True)
    lender = Code(required=True)
    balance = fields.Nested(Amount, required=True)


class OpenAccountsOut(Shown):
    items = fields.List(fields.Nested(OpenAccountOut), required=True)
    #: give it as ``after`` for the next page; null on the last one
    next = Id("pat", required=True, allow_none=True)


class WaiverProposalOut(Shown):
    patron = Id("pat", required=True)
    proposal = fields.Nested(PostingOut, required=True)


class WaiverProposalsOut(Shown):
    items = fields.List(fields.Nested(WaiverProposalOut), required=True)
    #: give it as ``after`` for the next page; null on the last one
    next = Id("pst", required=True, allow_none=True)


@blueprint.route("/accounts", methods=["GET"])
@needs(*_DESKS)
@blueprint.arguments(OpenAccountsIn, location="query")
@blueprint.response(200, OpenAccountsOut)
def list_open_accounts(wanted: dict[str, Any]) -> Any:
    """List the accounts at a lender that are not even, with the patrons' ids and not their names."""
    return service(LenderAccounts).accounts(actor(), **wanted)


@blueprint.route("/waiver-proposals", methods=["GET"])
@needs(*_DESKS)
@blueprint.arguments(WaiverProposalsIn, location="query")
@blueprint.response(200, WaiverProposalsOut)
def list_waiver_proposals(wanted: dict[str, Any]) -> Any:
    """List what home desks ask a lender to let off, the oldest first, until it is waived or taken back."""
    page = service(LenderAccounts).proposals(actor(), **wanted)
    items = [{"patron": each.patron, "proposal": shown_posting(each.posted)} for each in page.items]
    return {"items": items, "next": page.next}


@blueprint.route("/accounts/<id('pat'):patron_id>/fines", methods=["POST"])
@needs(*_DESKS)
@once()
@blueprint.arguments(FineIn)
@blueprint.response(201, PostingOut)
def set_fine(read: dict[str, Any], patron_id: str) -> Any:
    """Charge a late loan where the lender's policy states no rate: its staff decide, or the office."""
    also = kept(PostingOut(), last)
    return last(service(HandFines).fine(PatronId(patron_id), actor(), **read, now=now(), also=also))
