"""Reports over many requests, as JSON or CSV: for the office, and for a desk about its own library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response
from marshmallow import fields, validates_schema

from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Shown, Strict
from ill_broker.services.office.card_reports import CARD_MARK, CardsNarrowed, card_mark, read_card_mark
from ill_broker.services.office.reports import DIVISIBLE, Asked, By, Report, Reports, Table, as_csv
from ill_broker.storage.card_reports import CardDeed
from ill_broker.storage.reports import Narrowed, Span
from ill_broker.texts.flaws import Flaw
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, Flag, Id, Instant, OneOf, Pattern, Text, Whole, refuse
from workflows.actors import Role
from workflows.ids import LibraryCode, RequestId
from workflows.reasons import LIMITS
from workflows.requests.lifecycle import Outcome, Status

blueprint = Resource("reports", description="What there is to know about many requests")
_SEEN_BY = (Role.STAFF, Role.OFFICE)
_CSV = "text/csv"
LIMIT_CODES = sorted(LIMITS)
_MONTH = r"20[0-9]{2}-(0[1-9]|1[0-2])"


class SpanIn(Strict):
    """Months by the day of asking, the first and the last among them; the office may choose a library."""

    first_month = Pattern(_MONTH, required=True)
    last_month = Pattern(_MONTH, required=True)
    library = Code()

    @validates_schema(skip_on_field_errors=True)
    def is_in_order(self, read: dict[str, Any], **_: Any) -> None:
        """Refuse months that run backwards."""
        if read["first_month"] > read["last_month"]:
            raise refuse(Flaw.ENDS_BEFORE_START, at="last_month")


class ReportIn(SpanIn):
    format = OneOf("json", "csv", load_default="json")


class DividedReportIn(ReportIn):
    by = OneOf(*By, load_default=By.HOME.value)


class ReportOut(Shown):
    """A table: a value for each of ``columns`` in each row, null where there is nothing to say."""

    report = OneOf(*Report, required=True)
    first_month = Pattern(_MONTH, required=True)
    last_month = Pattern(_MONTH, required=True)
    #: requests are counted as they were then; null: none is counted yet
    as_of = Instant(required=True, allow_none=True)
    columns = fields.List(Text(max_length=100), required=True)
    rows = fields.List(fields.Dict(), required=True)


class ReportedIn(SpanIn):
    """Which requests: those that a figure of a report counts."""

    home = Code()
    lender = Code()
    outcome = OneOf(*Outcome)
    late = Flag(load_default=False)
    #: a limit for which a lender was not asked, and whose
    reached = OneOf(*LIMIT_CODES)
    reached_at = Code()
    after = Id("req")
    limit = Whole(minimum=1, maximum=100, load_default=25)


class ReportedOut(Shown):
    """A request as reports count it."""

    request_id = Id("req", required=True)
    number = Text(required=True)
    month = Pattern(_MONTH, required=True)
    home = Code(required=True)
    lender = Code(required=True, allow_none=True)
    status = OneOf(*Status, required=True)
    outcome = OneOf(*Outcome, required=True, allow_none=True)
    late_days = Whole(required=True, allow_none=True)


class ReportedPageOut(Shown):
    items = fields.List(fields.Nested(ReportedOut), required=True)
    #: give it as ``after`` for the next page; null on the last one
    next = Id("req", required=True, allow_none=True)


class ReportedCardsIn(SpanIn):
    """What happened to loan cards: what a figure of the report on them counts."""

    home = Code()
    lender = Code()
    deed = OneOf(*CardDeed)
    after = Pattern(CARD_MARK, max_length=60)
    limit = Whole(minimum=1, maximum=100, load_default=25)


class ReportedCardOut(Shown):
    """What happened to a loan card."""

    card_id = Id("card", required=True)
    barcode = Text(required=True)
    home = Code(required=True)
    lender = Code(required=True)
    at = Instant(required=True)
    deed = OneOf(*CardDeed, required=True)
    late_days = Whole(required=True, allow_none=True)


class ReportedCardPageOut(Shown):
    items = fields.List(fields.Nested(ReportedCardOut), required=True)
    #: give it as ``after`` for the next page; null on the last one
    next = Pattern(CARD_MARK, max_length=60, required=True, allow_none=True)


#: what each report tells, for the contract
_REPORTS: Mapping[Report, str] = {
    Report.TURNAROUND: "Say how long each stage of a request takes, in hours.",
    Report.FILL: "Say how many requests were filled, and what came of the others.",
    Report.REASONS: "Say why lenders that were asked did not supply.",
    Report.OVERDUE: "Say how many books came back late, and by how many days.",
    Report.LENDERS: "Show lenders' score cards: how many they supply, and how quickly they answer.",
    Report.BALANCE: "Say what libraries lend and borrow.",
    Report.MONEY: "Add up what was charged, paid and let off in those months.",
    Report.CARDS: "Say how many loan cards were issued, came back, came back late and were lost.",
    Report.LIMITS: (
        "Say how often a limit was reached: lenders that were not asked for it, and requests refused for it."
    ),
}


def _register(report: Report, summary: str) -> None:
    taken = DividedReportIn if report in DIVISIBLE else ReportIn

    @blueprint.route(f"/reports/{report}", methods=["GET"], endpoint=f"report_{report}")
    @needs(*_SEEN_BY)
    @blueprint.doc(summary=summary)
    @blueprint.arguments(taken, location="query")
    @blueprint.response(200, ReportOut)
    @blueprint.alt_response(200, schema={"type": "string"}, content_type=_CSV)
    def tell(wanted: dict[str, Any]) -> Any:
        return _told(report, wanted)


for each, told in _REPORTS.items():
    _register(each, told)


@blueprint.route("/reports/card-events", methods=["GET"])
@needs(*_SEEN_BY)
@blueprint.arguments(ReportedCardsIn, location="query")
@blueprint.response(200, ReportedCardPageOut)
def list_reported_card_events(wanted: dict[str, Any]) -> Any:
    """List what happened to loan cards, as a figure of the report on them counts it, newest first."""
    narrowed = CardsNarrowed(
        home=wanted.get("home"),
        lender=wanted.get("lender"),
        deed=CardDeed(wanted["deed"]) if "deed" in wanted else None,
    )
    after = read_card_mark(wanted["after"]) if "after" in wanted else None
    found = service(Reports).card_rows(
        _span(wanted), narrowed, actor(), after=after, limit=wanted["limit"], now=now()
    )
    return {"items": found.items, "next": found.next and card_mark(found.next)}


@blueprint.route("/reports/requests", methods=["GET"])
@needs(*_SEEN_BY)
@blueprint.arguments(ReportedIn, location="query")
@blueprint.response(200, ReportedPageOut)
def list_reported_requests(wanted: dict[str, Any]) -> Any:
    """List the requests that a figure of a report counts, newest first."""
    narrowed = Narrowed(
        **{name: wanted.get(name) for name in ("home", "lender", "outcome", "reached", "reached_at")},
        is_late=wanted["late"],
    )
    after = RequestId(wanted["after"]) if "after" in wanted else None
    return service(Reports).rows(_span(wanted), narrowed, actor(), after=after, limit=wanted["limit"])


def _span(wanted: Mapping[str, Any]) -> Span:
    library = LibraryCode(wanted["library"]) if "library" in wanted else None
    return Span(first=wanted["first_month"], last=wanted["last_month"], library=library)


def _told(report: Report, wanted: Mapping[str, Any]) -> Any:
    asked = Asked(report=report, span=_span(wanted), by=By(wanted.get("by", By.HOME)))
    table = service(Reports).table(asked, actor(), now=now())
    if wanted["format"] == "csv":
        return Response(as_csv(table), mimetype=_CSV)
    return _shown(table)


def _shown(table: Table) -> dict[str, Any]:
    return {
        "report": table.asked.report.value,
        "first_month": table.asked.span.first,
        "last_month": table.asked.span.last,
        "as_of": table.as_of,
        "columns": table.columns,
        "rows": [dict(zip(table.columns, row, strict=True)) for row in table.rows],
    }
