"""Due dates moved for many loans at once: first dry, as a table and a picture, then done, or taken back."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request, url_for
from marshmallow import fields, validates_schema

from ill_broker import mint
from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.pages.libraries import choices
from ill_broker.pages.office.amendment_presenters import shown_amendment, shown_dry_run, shown_rule
from ill_broker.services.office.amendments import Amendments
from ill_broker.texts.flaws import Flaw
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, Day, Id, OneOf, Text, refuse
from workflows.actors import Role
from workflows.errors import WorkflowError
from workflows.ids import AmendmentId, RequestId
from workflows.loan_clock.amendments import Amendment

blueprint = room("amendments", __name__)
_ALL = "/office/amendments"
_ONE = f"{_ALL}/<id('amd'):amendment_id>"
_REASON = 2000
#: amendments, and loans of a dry run, on a page
_MOST = 25
_MOST_LOANS = 100
_EVERY, _ONLY, _EXCEPT = "every", "only", "except"


class AmendmentForm(Form):
    """Loans handed over on these days are due on ``new_due`` if that is later."""

    issued_from = Day(required=True)
    issued_until = Day()
    new_due = Day(required=True)
    which = OneOf(_EVERY, _ONLY, _EXCEPT, required=True)
    lenders = fields.List(Code(), load_default=list)
    reason = Text(required=True, max_length=_REASON, lines=True)
    #: of a dry run: behind which loan it goes on
    after = Id("req")

    @validates_schema(skip_on_field_errors=True)
    def makes_sense(self, read: dict[str, Any], **_: Any) -> None:
        """Refuse days that run backwards, and "only these" without any."""
        if read["issued_from"] > read.get("issued_until", read["issued_from"]):
            raise refuse(Flaw.ENDS_BEFORE_START, at="issued_until")
        if read["which"] != _EVERY and not read["lenders"]:
            raise refuse(Flaw.REQUIRED, at="lenders")


class RevocationForm(Form):
    reason = Text(required=True, max_length=_REASON, lines=True)


@blueprint.get(_ALL)
@seen_by(Role.OFFICE)
def show_all() -> Response:
    """Show what was amended, the newest first."""
    after = request.args.get("after")
    found = service(Amendments).page(limit=_MOST + 1, after=AmendmentId(after) if after else None)
    following = found[_MOST - 1].amendment.id if len(found) > _MOST else None
    items = [shown_amendment(one) for one in found[:_MOST]]
    return page("office/amendments.html", amendments=items, next=following)


@blueprint.route(f"{_ALL}/new", methods=["GET", "POST"])
@seen_by(Role.OFFICE)
def ask() -> Response:
    """Ask which loans are due when; what was typed before stands in its fields again."""
    typed = request.form.to_dict() if request.method == "POST" else {"which": _EVERY}
    return _asked(Filled(values=typed))


@blueprint.post(f"{_ALL}/dry-run")
@seen_by(Role.OFFICE)
def try_dry() -> Response:
    """Show which dates would move, and from when to when; nothing is changed."""
    read, form = read_form(AmendmentForm())
    if read is None:
        return _asked(form, status=422)
    after = RequestId(read["after"]) if "after" in read else None
    try:
        found = service(Amendments).dry_run(_amendment(read), now=now(), limit=_MOST_LOANS, after=after)
    except WorkflowError as error:
        form.refuse(error)
        return _asked(form, status=409)
    return page(
        "office/amendment_dry_run.html", sent=_sent(), **shown_rule(_amendment(read)), **shown_dry_run(found)
    )


@blueprint.post(_ALL)
@seen_by(Role.OFFICE)
def carry_out() -> Any:
    """Move the dates; one that says the same and stands already is shown instead of a second one."""
    read, form = read_form(AmendmentForm())
    if read is None:
        return _asked(form, status=422)
    try:
        kept = service(Amendments).apply(_amendment(read), me(), now=now())
    except WorkflowError as error:
        form.refuse(error)
        return _asked(form, status=409)
    return redirect(url_for(".show", amendment_id=kept.amendment.id), 303)


@blueprint.get(_ONE)
@seen_by(Role.OFFICE)
def show(amendment_id: str) -> Response:
    """Show an amendment and how far it has come."""
    return _shown(amendment_id, Filled())


@blueprint.post(f"{_ONE}/revocation")
@seen_by(Role.OFFICE)
def revoke(amendment_id: str) -> Any:
    """Take an amendment back: dates are what they would be without it."""
    read, form = read_form(RevocationForm())
    if read is None:
        return _shown(amendment_id, form, status=422)
    service(Amendments).revoke(AmendmentId(amendment_id), read["reason"], me(), now=now())
    return redirect(url_for(".show", amendment_id=amendment_id), 303)


def _amendment(read: dict[str, Any]) -> Amendment:
    named = tuple(sorted(set(read["lenders"])))
    return Amendment(
        id=AmendmentId(mint.new_id("amd", now())),
        new_due=read["new_due"],
        issued_from=read["issued_from"],
        issued_until=read.get("issued_until"),
        lenders=named if read["which"] == _ONLY else (),
        exclude_lenders=named if read["which"] == _EXCEPT else (),
        reason=read["reason"],
    )


def _sent() -> list[tuple[str, str]]:
    """Return what the form at hand said, to be said again by the button that carries it out."""
    own = AmendmentForm().fields.keys() - {"after"}
    return [(name, value) for name, value in request.form.items(multi=True) if name in own]


def _asked(form: Filled, *, status: int = 200) -> Response:
    chosen = request.form.getlist("lenders")
    return page("office/amendment_new.html", status=status, form=form, libraries=choices(), chosen=chosen)


def _shown(amendment_id: str, form: Filled, *, status: int = 200) -> Response:
    kept = service(Amendments).one(AmendmentId(amendment_id))
    told = shown_amendment(kept) | shown_rule(kept.amendment)
    return page("office/amendment.html", status=status, form=form, **told)
