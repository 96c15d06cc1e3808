"""Reports as pages: a table with its drawing, and the requests behind each figure. A desk sees its own."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, request, url_for

from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.pages.libraries import choices
from ill_broker.pages.office.report_presenters import (
    REPORTED,
    REPORTED_CARDS,
    months,
    reported_heads,
    shown_card,
    shown_reported,
    shown_table,
)
from ill_broker.services.members.directory import Directory
from ill_broker.services.office.card_reports import CARD_MARK, CardsNarrowed, card_mark, read_card_mark
from ill_broker.services.office.reports import DIVISIBLE, Asked, By, Report, Reports, as_csv
from ill_broker.storage.card_reports import CardDeed
from ill_broker.storage.reports import Narrowed, Span
from ill_broker.texts.catalogue import say
from ill_broker.web.context import now, service
from ill_broker.web.language import page_language
from workflows.actors import Role
from workflows.ids import LibraryCode, RequestId
from workflows.reasons import LIMITS
from workflows.requests.lifecycle import Outcome

blueprint = room("reports", __name__)
_SEEN_BY = (Role.STAFF, Role.OFFICE)
_ROWS = 50
_REQUEST = re.compile(r"req_[0-9a-z]{8,40}")


@blueprint.get("/reports")
@seen_by(*_SEEN_BY)
def show() -> Any:
    """Show a report over some months."""
    asked = _asked()
    table = service(Reports).table(asked, me(), now=now())
    if request.args.get("format") == "csv":
        head = {"Content-Disposition": f'attachment; filename="{asked.report.value}.csv"'}
        return Response(as_csv(table), headers=head, mimetype="text/csv")
    return page("office/reports.html", **shown_table(table), **_form(asked))


@blueprint.get("/reports/requests")
@seen_by(*_SEEN_BY)
def show_rows() -> Any:
    """Show the requests that a figure counts."""
    outcome, reached = request.args.get("outcome"), request.args.get("reached")
    after = request.args.get("after", "")
    narrowed = Narrowed(
        home=_library("home"),
        lender=_library("lender"),
        outcome=outcome if outcome in set(Outcome) else None,
        is_late="late" in request.args,
        reached=reached if reached in LIMITS else None,
        reached_at=_library("reached_at"),
    )
    behind = RequestId(after) if _REQUEST.fullmatch(after) else None
    found = service(Reports).rows(_span(), narrowed, me(), after=behind, limit=_ROWS)
    rows = [shown_reported(one) for one in found.items]
    return _listed("requests", reported_heads(REPORTED), rows, found.next)


@blueprint.get("/reports/cards")
@seen_by(*_SEEN_BY)
def show_card_rows() -> Any:
    """Show what happened to loan cards, as a figure counts it."""
    deed, after = request.args.get("deed"), request.args.get("after", "")
    narrowed = CardsNarrowed(
        home=_library("home"),
        lender=_library("lender"),
        deed=CardDeed(deed) if deed in set(CardDeed) else None,
    )
    behind = read_card_mark(after) if re.fullmatch(CARD_MARK, after) else None
    found = service(Reports).card_rows(_span(), narrowed, me(), after=behind, limit=_ROWS, now=now())
    rows = [shown_card(one) for one in found.items]
    return _listed("cards", reported_heads(REPORTED_CARDS), rows, found.next and card_mark(found.next))


def _listed(what: str, heads: list[str], rows: list[list[str]], after: str | None) -> Any:
    """Show a page of what a figure counts, with the way on and the way back."""
    onward: dict[str, Any] = {**request.args, "after": after}
    chosen: dict[str, Any] = {name: request.args[name] for name in _CHOSEN if name in request.args}
    here = request.endpoint or ""
    return page(
        "office/reported.html",
        what=what,
        heads=heads,
        rows=rows,
        older=url_for(here, **onward) if after else "",
        back=url_for(".show", **chosen),
    )


_CHOSEN = ("report", "by", "first_month", "last_month", "library")


def _asked() -> Asked:
    report, by = request.args.get("report", Report.FILL), request.args.get("by", By.HOME)
    return Asked(
        report=Report(report) if report in set(Report) else Report.FILL,
        span=_span(),
        by=By(by) if by in set(By) else By.HOME,
    )


def _span() -> Span:
    """Return the months that were chosen, whichever comes first; a year if none was."""
    offered = [value for value, _ in months(now())]
    first, last = request.args.get("first_month"), request.args.get("last_month")
    chosen = sorted(
        (first if first in offered else offered[11], last if last in offered else offered[0]),
    )
    return Span(first=chosen[0], last=chosen[1], library=_library("library"))


def _library(name: str) -> LibraryCode | None:
    """Return a member library that was chosen; None for whatever is none."""
    told = request.args.get(name)
    known = service(Directory).libraries(now())
    return next((code for code in known if code == told), None)


def _form(asked: Asked) -> dict[str, Any]:
    spoken, span = page_language(), asked.span
    chosen = {
        "report": asked.report.value,
        "by": asked.by.value,
        "first_month": span.first,
        "last_month": span.last,
        "library": span.library or "",
    }
    told: dict[str, Any] = {name: value for name, value in chosen.items() if value}
    return {
        "chosen": chosen,
        "reports": [(one.value, say(f"report.{one}", spoken)) for one in Report],
        "divisions": [(one.value, say(f"report.by.{one}", spoken)) for one in By],
        "is_divisible": asked.report in DIVISIBLE,
        "months": months(now()),
        "libraries": choices() if me().role is Role.OFFICE else [],
        "csv": url_for(".show", **told, format="csv"),
    }
