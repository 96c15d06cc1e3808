"""Amendments: a new due date for many loans at once, dry first, and taken back. For the office."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Response
from marshmallow import fields, validates_schema

from ill_broker import mint
from ill_broker.api.idempotency import once, receipt
from ill_broker.api.resource import Resource
from ill_broker.api.revocation_schemas import RevocationIn
from ill_broker.api.schemas import Amount, Shown, Strict
from ill_broker.services.office.amendments import Amendments, DryRun, Totals
from ill_broker.storage.amendments import AmendmentStatus, KeptAmendment
from ill_broker.texts.flaws import Flaw
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, Day, Flag, Id, Instant, OneOf, Pattern, Text, Whole, refuse
from workflows.actors import Role
from workflows.decisions.amending import Touched
from workflows.ids import AmendmentId, RequestId
from workflows.loan_clock.amendments import Amendment

blueprint = Resource("amendments", description="New due dates for many loans at once, with exceptions")
_REASON = 2000
_RULE = ("issued_after", "issued_from", "issued_until", "new_due", "lenders", "exclude_lenders", "reason")


class AmendmentIn(Strict):
    """Loans made then, of those lenders, are due on ``new_due`` if that is later."""

    #: exclusive, as "after 4 January" is read; or issued_from
    issued_after = Day()
    #: inclusive
    issued_from = Day()
    #: inclusive
    issued_until = Day()
    new_due = Day(required=True)
    #: every lender if left out
    lenders = fields.List(Code(), load_default=list)
    exclude_lenders = fields.List(Code(), load_default=list)
    reason = Text(required=True, max_length=_REASON, lines=True)
    #: only say what it would change
    dry_run = Flag(load_default=True)
    #: of a dry run: how many loans are told at once, and from behind which
    limit = Whole(minimum=1, maximum=1000, load_default=100)
    after = Id("req")

    @validates_schema(skip_on_field_errors=True)
    def says_when(self, read: dict[str, Any], **_: Any) -> None:
        """Refuse an amendment whose loans are not told by one date, or whose dates run backwards."""
        if ("issued_after" in read) == ("issued_from" in read):
            raise refuse(Flaw.TWO_STARTS)
        first: date = read.get("issued_after") or read["issued_from"]
        if first > read.get("issued_until", date.max):
            raise refuse(Flaw.ENDS_BEFORE_START)


class AmendmentOut(Shown):
    id = Id("amd", required=True)
    status = OneOf(*AmendmentStatus, required=True)
    issued_after = Day(required=True, allow_none=True)
    issued_from = Day(required=True, allow_none=True)
    issued_until = Day(required=True, allow_none=True)
    new_due = Day(required=True)
    lenders = fields.List(Code(), required=True)
    exclude_lenders = fields.List(Code(), required=True)
    reason = Text(required=True, max_length=_REASON)
    author = Text(required=True)
    created_at = Instant(required=True)
    #: how many due dates it moved when it was applied
    touched = Whole(required=True)
    revoked_at = Instant(required=True, allow_none=True)
    revoked_by = Text(required=True, allow_none=True)
    revoked_because = Text(required=True, allow_none=True, max_length=_REASON)


class TouchedOut(Shown):
    """A loan as it is and as it would be; a fine is null where the lender states no rate."""

    request = Id("req", required=True)
    number = Text(required=True)
    lender = Code(required=True)
    due = Day(required=True)
    new_due = Day(required=True)
    fine = fields.Nested(Amount, required=True, allow_none=True)
    new_fine = fields.Nested(Amount, required=True, allow_none=True)


class SumsOut(Shown):
    currency = Pattern(r"[A-Z]{3}", required=True)
    loans = Whole(required=True)
    fine = fields.Nested(Amount, required=True)
    new_fine = fields.Nested(Amount, required=True)


class MoveOut(Shown):
    """Loans that go from one due date to another."""

    due = Day(required=True)
    new_due = Day(required=True)
    loans = Whole(required=True)


class TotalsOut(Shown):
    examined = Whole(required=True)
    touched = Whole(required=True)
    #: loans that their lender's policy cannot judge; they stay as they are
    unjudged = Whole(required=True)
    currencies = fields.List(fields.Nested(SumsOut), required=True)
    #: by date, the earliest first
    moves = fields.List(fields.Nested(MoveOut), required=True)


class DryRunOut(Shown):
    """The loans that would be touched, newest first; fines are as of now."""

    items = fields.List(fields.Nested(TouchedOut), required=True)
    #: give it as ``after`` for the next page; null on the last one
    next = Id("req", required=True, allow_none=True)
    #: of all loans; told with the first page
    totals = fields.Nested(TotalsOut, required=True, allow_none=True)


class AmendmentPageOut(Shown):
    items = fields.List(fields.Nested(AmendmentOut), required=True)
    next = Id("amd", required=True, allow_none=True)


class AmendmentListIn(Strict):
    after = Id("amd")
    limit = Whole(minimum=1, maximum=100, load_default=25)


_OUT = AmendmentOut()


@blueprint.route("/amendments", methods=["POST"])
@needs(Role.OFFICE)
@once()
@blueprint.arguments(AmendmentIn)
@blueprint.response(201, AmendmentOut)
@blueprint.alt_response(200, schema=DryRunOut, description="What it would change; nothing was changed")
def amend_due_dates(wanted: dict[str, Any]) -> Any:
    """Amend the due dates of all live loans that fit, or say what that would change."""
    amendment = _amendment(wanted)
    if wanted["dry_run"]:
        return _dry(amendment, wanted)
    keep = receipt(_OUT, 201)
    kept = service(Amendments).apply(
        amendment, actor(), now=now(), also=lambda conn, one: keep(conn, _shown(one))
    )
    return _shown(kept)


@blueprint.route("/amendments", methods=["GET"])
@needs(Role.OFFICE)
@blueprint.arguments(AmendmentListIn, location="query")
@blueprint.response(200, AmendmentPageOut)
def list_amendments(wanted: dict[str, Any]) -> Any:
    """List amendments, newest first."""
    limit: int = wanted["limit"]
    found = service(Amendments).page(limit=limit + 1, after=wanted.get("after"))
    more = found[limit - 1].amendment.id if len(found) > limit else None
    return {"items": [_shown(kept) for kept in found[:limit]], "next": more}


@blueprint.route("/amendments/<id('amd'):amendment_id>", methods=["GET"])
@needs(Role.OFFICE)
@blueprint.response(200, AmendmentOut)
def show_amendment(amendment_id: str) -> Any:
    """Show an amendment and how far it has come."""
    return _shown(service(Amendments).one(AmendmentId(amendment_id)))


@blueprint.route("/amendments/<id('amd'):amendment_id>/revocation", methods=["POST"])
@needs(Role.OFFICE)
@once()
@blueprint.arguments(RevocationIn)
@blueprint.response(200, AmendmentOut)
def revoke_amendment(said: dict[str, Any], amendment_id: str) -> Any:
    """Take an amendment back: the due dates are what they would be without it."""
    keep = receipt(_OUT, 200)
    kept = service(Amendments).revoke(
        AmendmentId(amendment_id),
        said["reason"],
        actor(),
        now=now(),
        also=lambda conn, one: keep(conn, _shown(one)),
    )
    return _shown(kept)


def _amendment(wanted: Mapping[str, Any]) -> Amendment:
    said = {name: wanted.get(name) for name in _RULE}
    said |= {name: tuple(sorted(set(wanted[name]))) for name in ("lenders", "exclude_lenders")}
    return Amendment(id=AmendmentId(mint.new_id("amd", now())), **said)  # type: ignore[arg-type]  # read by the schema


def _dry(amendment: Amendment, wanted: Mapping[str, Any]) -> Response:
    after = RequestId(wanted["after"]) if "after" in wanted else None
    found: DryRun = service(Amendments).dry_run(amendment, now=now(), limit=wanted["limit"], after=after)
    shown = {
        "items": [_touched(each) for each in found.items],
        "next": found.next,
        "totals": None if found.totals is None else _totals(found.totals),
    }
    return Response(json.dumps(DryRunOut().dump(shown)), 200, mimetype="application/json")


def _touched(found: Touched) -> dict[str, Any]:
    request = found.request
    return {
        "request": request.id,
        "number": request.number,
        "lender": request.lender,
        "due": found.before.due,
        "new_due": found.after.due,
        "fine": found.before.fine.amount,
        "new_fine": found.after.fine.amount,
    }


def _totals(totals: Totals) -> dict[str, Any]:
    return {
        "examined": totals.examined,
        "touched": totals.touched,
        "unjudged": totals.unjudged,
        "currencies": [
            {"currency": currency, "loans": sums.loans, "fine": sums.fine, "new_fine": sums.new_fine}
            for currency, sums in sorted(totals.currencies.items())
        ],
        "moves": [
            {"due": due, "new_due": new_due, "loans": totals.moves[due, new_due]}
            for due, new_due in sorted(totals.moves)
        ],
    }


def _shown(kept: KeptAmendment) -> dict[str, Any]:
    said = {name: getattr(kept.amendment, name) for name in ("id", *_RULE)}
    become = ("status", "author", "created_at", "touched", "revoked_at", "revoked_by", "revoked_because")
    return said | {name: getattr(kept, name) for name in become}
