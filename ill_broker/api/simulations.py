"""Simulations: what was lent under policies and calendars that are not in force. For the office."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from marshmallow import fields, validates_schema

from ill_broker.api.policies import Document, refuse_faults
from ill_broker.api.problems import problem
from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Amount, Shown, Strict
from ill_broker.services.members.rulebook import NewFile
from ill_broker.services.office.simulations import Simulations
from ill_broker.storage.policies import FileKind
from ill_broker.texts.flaws import CaseFlaw, Flaw
from ill_broker.texts.simulation_chart import as_chart
from ill_broker.texts.simulation_texts import as_csv, rate, tenths
from ill_broker.web.access import needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, Instant, OneOf, Pattern, Text, Whole, refuse
from ill_broker.web.language import language
from workflows.actors import Role
from workflows.errors import FaultyPolicy
from workflows.evaluation.simulation import Row, Simulation, Tally

blueprint = Resource("simulations", description="What was lent, under policies that are not in force")
#: loans of one answer; the command line takes any number
MAX_LOANS = 5_000
_KINDS = {"policies": FileKind.POLICY, "calendars": FileKind.CALENDAR}
_JSON, _CSV, _SVG = "application/json", "text/csv", "image/svg+xml"


class Decimal(Pattern):
    """A number with one decimal, as text."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(r"[0-9]+\.[0-9]", **rest)


class SimulationIn(Strict):
    """Whole files in the place of those in force, or beside them; and the loans they are tried on."""

    policies = fields.Dict(keys=Code(), values=Document(), load_default=dict)
    calendars = fields.Dict(keys=Code(), values=Document(), load_default=dict)
    #: loans whose requests were submitted from then on
    since = Instant(data_key="from")
    #: and before then
    until = Instant()

    @validates_schema(skip_on_field_errors=True)
    def goes_forward(self, read: dict[str, Any], **_: Any) -> None:
        """Refuse a time that ends before it begins."""
        if "since" in read and "until" in read and read["since"] >= read["until"]:
            raise refuse(Flaw.ENDS_BEFORE_START)


class TallyOut(Shown):
    overdue = Whole(required=True)
    #: of a hundred loans
    overdue_rate = Decimal(required=True)
    fines = fields.Nested(Amount, required=True)
    #: late loans whose lender states no rate
    open_fines = Whole(required=True)
    #: from the hand-over to the due date without days on the road: the mean
    usable_days = Decimal(required=True)
    least_usable_days = Whole(required=True)


class TotalOut(Shown):
    loans = Whole(required=True)
    #: late and fined as far as that has come by now
    still_out = Whole(required=True)
    due_earlier = Whole(required=True)
    due_later = Whole(required=True)
    today = fields.Nested(TallyOut, required=True)
    candidate = fields.Nested(TallyOut, required=True)


class GroupOut(TotalOut):
    lender = Code(required=True)
    category = Text(required=True)


class UnjudgedOut(Shown):
    """Loans that the rules of one side cannot judge; they are counted on neither."""

    side = OneOf("today", "candidate", required=True)
    code = OneOf(*CaseFlaw, required=True)
    loans = Whole(required=True)


class SimulationOut(Shown):
    as_of = Instant(required=True)
    loans = Whole(required=True)
    #: books that were lost before the patron had them
    not_lent = Whole(required=True)
    unjudged = fields.List(fields.Nested(UnjudgedOut), required=True)
    groups = fields.List(fields.Nested(GroupOut), required=True)
    #: all groups together, by currency
    totals = fields.List(fields.Nested(TotalOut), required=True)


@blueprint.route("/simulations", methods=["POST"])
@needs(Role.OFFICE)
@blueprint.doc(responses={200: {"content": {form: {"schema": {"type": "string"}} for form in (_CSV, _SVG)}}})
@blueprint.arguments(SimulationIn)
@blueprint.response(200, SimulationOut)
def simulate_policies(wanted: dict[str, Any]) -> Any:
    """Compare what loans come to today with what they would; nothing is changed.

    As JSON, as CSV or as an SVG chart in the caller's language, whichever is accepted. At most 5,000 loans;
    the command line ``ill-broker policies simulate`` takes any number.
    """
    form = _form()
    found = _simulation(wanted)
    if form == _CSV:
        return Response(as_csv(found), mimetype=_CSV)
    return Response(as_chart(found, language()), mimetype=_SVG) if form == _SVG else _shown(found)


def _form() -> str:
    """Return the form that the caller likes best."""
    accepted = request.accept_mimetypes
    if not accepted:
        return _JSON
    return accepted.best_match([_JSON, _CSV, _SVG]) or problem("not_acceptable")


def _simulation(wanted: Mapping[str, Any]) -> Simulation:
    files = [
        NewFile(kind=kind, name=name, document=document, source="api")
        for folder, kind in _KINDS.items()
        for name, document in wanted[folder].items()
    ]
    try:
        return service(Simulations).history(
            files, now=now(), since=wanted.get("since"), until=wanted.get("until"), at_most=MAX_LOANS
        )
    except FaultyPolicy as error:
        sent = [f"{folder}/{name}" for folder in _KINDS for name in wanted[folder]]
        refuse_faults(error, {file: f"/{file}" for file in sent})


def _shown(found: Simulation) -> dict[str, Any]:
    return {
        "as_of": found.as_of,
        "loans": found.loans,
        "not_lent": found.not_lent,
        "unjudged": [
            {"side": side, "code": code, "loans": loans}
            for (side, code), loans in sorted(found.unjudged.items())
        ],
        "groups": [
            {"lender": row.group.lender, "category": row.group.category, **_row(row)} for row in found.rows()
        ],
        "totals": [_row(row) for row in found.totals()],
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "loans": row.loans,
        "still_out": row.still_out,
        "due_earlier": row.due_earlier,
        "due_later": row.due_later,
        "today": _tally(row.today, row.loans),
        "candidate": _tally(row.candidate, row.loans),
    }


def _tally(tally: Tally, loans: int) -> dict[str, Any]:
    return {
        "overdue": tally.overdue,
        "overdue_rate": rate(tally, loans),
        "fines": tally.fines,
        "open_fines": tally.open_fines,
        "usable_days": tenths(tally.usable_days, loans),
        "least_usable_days": tally.least_usable or 0,
    }
