"""A loss, a damage or a theft, led through: what it would cost stands there before anything is charged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import redirect, request, url_for
from marshmallow import EXCLUDE, Schema, post_load
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from ill_broker.pages.desk.case_presenters import (
    kinds_of,
    place_of,
    priced,
    said_kind,
    shown_book,
    shown_case,
    shown_terms,
    terms_now,
)
from ill_broker.pages.desk.reader_presenters import shown_reader
from ill_broker.pages.desk.readers import READER, known
from ill_broker.pages.desk.request_presenters import shown_pieces
from ill_broker.pages.desk.requests import REQUEST
from ill_broker.pages.desk.versions import VersionForm, of_version
from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.pages.refused import said
from ill_broker.services.refusals import Outdated, Unknown
from ill_broker.services.requests.door import Requests
from ill_broker.services.requests.overview import Overview
from ill_broker.texts.catalogue import say
from ill_broker.web.context import now, service
from ill_broker.web.fields import OneOf, Pattern, Whole
from ill_broker.web.language import page_language
from ill_broker.web.settling import SUM, Facts, case_settling
from ill_broker.web.steps import CaseIn, StepIn, a_note
from workflows.actors import Role
from workflows.errors import WorkflowError
from workflows.ids import PatronId, RequestId
from workflows.losses.cases import REPORTED_BY, Case, CaseKind, find
from workflows.losses.settlement import Settling
from workflows.refusals import NoSuchCase
from workflows.requests import commands
from workflows.requests.commands import Command, OpenCase, SettleCase
from workflows.requests.lifecycle import Step
from workflows.requests.permissions import Relation, actions, relations
from workflows.requests.request import Request

blueprint = room("cases", __name__)
_CASE = f"{REQUEST}/cases/<int:number>"
#: requests of one reader that are looked at
_MOST = 100


class ReportForm(CaseIn):
    kind = OneOf(*CaseKind, required=True)
    channel = OneOf(*REPORTED_BY, required=True)


class SettlementForm(StepIn, Facts):
    """What the lender's rules ask for; what staff ask for instead wants its reason."""

    resolution = OneOf("cash", "replacement", required=True)
    number = Whole(minimum=1, maximum=1000, required=True)
    note = a_note()
    override_amount = Pattern(SUM, max_length=20)
    override_reason = a_note()
    criticism = a_note()

    @post_load
    def as_command(self, read: dict[str, Any], **_: Any) -> Command:
        """Return the command."""
        return commands.SettleCase(**case_settling(read))


class ShownForm(Form):
    #: what the page has said is charged, in hundredths; nothing where another body decides
    shown = Whole(load_default=None)


_REPORT, _SETTLEMENT = ReportForm(unknown=EXCLUDE), SettlementForm(unknown=EXCLUDE)


class Changed(Exception):
    """What would be charged is not what the page has shown."""


@blueprint.get(f"{READER}/cases/new")
@seen_by(Role.STAFF)
def choose(patron_id: str) -> Any:
    """Ask which book it is about; of a reader with one alone it is known."""
    reader = known(patron_id)
    loans = reportable(PatronId(patron_id))
    wanted = request.args.get("request") or (loans[0].id if len(loans) == 1 else None)
    if wanted in {one.id for one in loans}:
        return redirect(url_for(".ask", request_id=wanted), 303)
    return page("desk/case_book.html", reader=shown_reader(reader), books=[shown_book(one) for one in loans])


def reportable(patron: PatronId) -> list[Request]:
    """Return the reader's books about which a case can be opened at this desk."""
    seen = service(Overview).page(me(), limit=_MOST, role="desk", patron=patron).items
    return [each.request for each in seen if Step.OPEN_CASE in actions(me(), each.request)]


@blueprint.get(f"{REQUEST}/case")
@seen_by(Role.STAFF)
def ask(request_id: str) -> Any:
    """Ask what has happened to a book, and who says so."""
    return _asked(_at_hand(request_id), Filled())


@blueprint.post(f"{REQUEST}/case/terms")
@seen_by(Role.STAFF)
def preview(request_id: str) -> Any:
    """Show what the lender's rules would charge; nothing is recorded."""
    at_hand = _at_hand(request_id)
    read, form = read_form(_REPORT)
    if read is None:
        return _asked(at_hand, form, 422)
    return _previewed(at_hand, read, form)


@blueprint.post(f"{REQUEST}/case")
@seen_by(Role.STAFF)
def report(request_id: str) -> Any:
    """Open the case; sent twice it is opened once."""
    at_hand = _at_hand(request_id)
    (read, form), (meant, _) = read_form(_REPORT), read_form(VersionForm())
    if read is None or meant is None:
        return _asked(at_hand, form, 422)
    try:
        expected = of_version(meant["version"])
        service(Requests).handle(at_hand.id, read, me(), now=now(), expected=expected)
    except Outdated:
        return _outdated(_at_hand(request_id), read, form)
    except WorkflowError as error:
        form.refuse(error)
        return _asked(at_hand, form, 409)
    return _done(at_hand)


@blueprint.get(_CASE)
@seen_by(Role.STAFF)
def show(request_id: str, number: int) -> Any:
    """Show an open case, its range, and ask for what the rules want to know."""
    at_hand = _at_hand(request_id)
    case = find(at_hand.cases, number)
    return _shown(at_hand, case, Filled()) if case else _done(at_hand)


@blueprint.post(f"{_CASE}/amount")
@seen_by(Role.STAFF)
def show_amount(request_id: str, number: int) -> Any:
    """Show exactly what would be charged; nothing is."""
    at_hand, case, read, form = _entered(request_id, number)
    if case is None:
        return _done(at_hand)
    return _shown(at_hand, case, form, read) if read else _shown(at_hand, case, form, status=422)


@blueprint.post(_CASE)
@seen_by(Role.STAFF)
def settle(request_id: str, number: int) -> Any:
    """Charge what the page has shown, and nothing else; a case that is settled is not settled again."""
    at_hand, case, read, form = _entered(request_id, number)
    shown, _ = read_form(ShownForm())
    if case is None or read is None or shown is None:
        return _done(at_hand) if case is None else _shown(at_hand, case, form, status=422)
    try:
        service(Requests).handle(at_hand.id, read, me(), now=now(), also=_as_shown(shown["shown"]))
    except NoSuchCase:
        return _done(at_hand)
    except Changed:
        form.refusals.append(say("desk.case.changed", page_language()))
        return _shown(at_hand, case, form, read, status=409)
    except WorkflowError as error:
        form.refuse(error)
        return _shown(at_hand, case, form, status=409)
    return _done(at_hand)


def _at_hand(request_id: str) -> Request:
    """Return a request of this desk.

    :raises Unknown: if it is none
    """
    found = service(Overview).one(RequestId(request_id), me()).request
    if Relation.DESK not in relations(me(), found):
        raise Unknown
    return found


def _entered(request_id: str, number: int) -> tuple[Request, Case | None, SettleCase | None, Filled]:
    """Return the case that a form is about, None if it is not open, and what the form says of it."""
    at_hand = _at_hand(request_id)
    read, form = read_form(_SETTLEMENT)
    if read is not None and read.number != number:
        raise NotFound
    return at_hand, find(at_hand.cases, number), read, form


def _as_shown(shown: int | None) -> Callable[[Connection, Request], None]:
    def also(_: Connection, settled: Request) -> None:
        amount = settled.compensation.amount if settled.compensation else None
        if (None if amount is None else amount.minor) != shown:
            raise Changed

    return also


def _outdated(at_hand: Request, read: OpenCase, form: Filled) -> Any:
    """Answer a report about a book that has changed since: it may be the very report, sent twice."""
    if any(one.is_open and (one.kind, one.piece) == (read.kind, read.piece) for one in at_hand.cases):
        return _done(at_hand)
    form.refusals.append(say("desk.case.changed", page_language()))
    return _previewed(at_hand, read, form, 409)


def _done(at_hand: Request) -> Any:
    """Go on to the reader, where the cases stand; to the request where the reader is not to be seen."""
    try:
        known(at_hand.patron)
    except Unknown:
        return redirect(url_for("pages.desk_requests.show", request_id=at_hand.id), 303)
    return redirect(url_for("pages.readers.show", patron_id=at_hand.patron, done=at_hand.id), 303)


def _asked(at_hand: Request, form: Filled, status: int = 200) -> Any:
    if Step.OPEN_CASE not in actions(me(), at_hand):
        raise NotFound
    return page(
        "desk/case_report.html",
        status=status,
        form=form,
        book=shown_book(at_hand),
        kinds=kinds_of(at_hand),
        pieces=shown_pieces(at_hand),
        channels=[(one, say(f"desk.option.{one}", page_language())) for one in REPORTED_BY],
    )


def _previewed(at_hand: Request, read: OpenCase, form: Filled, status: int = 200) -> Any:
    try:
        found = terms_now(at_hand, read.kind, read.piece, Settling(case=""))
    except WorkflowError as error:
        form.refuse(error)
        return _asked(at_hand, form, 409)
    facts = {"kind": said_kind(read.kind), "by": say(f"desk.option.{read.channel}", page_language())}
    shown = {"book": shown_book(at_hand), "terms": shown_terms(found), "note": read.note or ""}
    entered = _entered_in(_REPORT, form)
    return page("desk/case_terms.html", status=status, form=form, entered=entered, **shown, **facts)


def _shown(
    at_hand: Request, case: Case, form: Filled, read: SettleCase | None = None, *, status: int = 200
) -> Any:
    """Show a case; with what was entered, exactly what it comes to, or at which field something is wrong."""
    settling, sum_ = read.settling if read else Settling(case=""), None
    found = terms_now(at_hand, case.kind, case.piece, settling)
    told = {**shown_case(at_hand, case), **shown_terms(found)}
    try:
        sum_ = priced(found, read) if read else None
    except WorkflowError as error:
        _say_at_its_field(form, error, told["needs"] | {"resolution", "edition", "override_amount"})
        status = 422
    entered = _entered_in(_SETTLEMENT, form)
    return page("desk/case.html", status=status, form=form, one=told, sum=sum_, entered=entered)


def _entered_in(schema: Schema, form: Filled) -> list[tuple[str, str]]:
    """Return what a form says, to be said again with the next one."""
    return [(name, form.values[name]) for name in schema.fields if name in form.values]


def _say_at_its_field(form: Filled, error: WorkflowError, fields: set[str]) -> None:
    where = place_of(error)
    if where == "chosen":
        where = "amount" if "amount" in fields else "factor"
    told = said(error, page_language())
    if where in {*fields, "override_reason"}:
        form.errors[where] = " ".join(told)
    else:
        form.refusals += told
