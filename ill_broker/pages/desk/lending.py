"""The lender's desk: what others ask of us, what is to be taken from the shelf, sent, and received back."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from marshmallow import validates_schema

from ill_broker.pages.desk.lending_presenters import (
    reasons,
    shown_asked,
    shown_lists,
    shown_one,
    shown_pause,
    slips_address,
)
from ill_broker.pages.desk.slips import paper_links
from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import came_from, me, page, room, seen_by
from ill_broker.services.members.lending_limits import AskingLimits
from ill_broker.services.partners.mail_answers import Reason
from ill_broker.services.requests.door import Requests
from ill_broker.services.requests.lending import Asked, Lending
from ill_broker.services.requests.scanning import Desk
from ill_broker.texts.flaws import Flaw
from ill_broker.web.context import now, service
from ill_broker.web.fields import Identifier, OneOf, Text, refuse
from workflows.actors import Role
from workflows.ids import LibraryCode, RequestId
from workflows.requests.lending import Answer, LendingList, list_of
from workflows.requests.papers import Paper

blueprint = room("lending", __name__)
_ONE = "/desk/lending/<id('req'):request_id>"
_PAGE = 50
_NOTE = 2000


class AnswerForm(Form):
    """What one of the page's buttons says, with what stands beside it."""

    answer = OneOf(*Answer, required=True)
    item_barcode = Identifier(max_length=60)
    tracking = Text(max_length=100)
    #: why not
    reason = OneOf(*Reason)
    #: under which condition
    condition = Text(max_length=_NOTE, lines=True)
    note = Text(max_length=_NOTE, lines=True)

    @validates_schema
    def ask_why(self, read: dict[str, Any], **_: Any) -> None:
        """Want a reason for a no, and words for a condition."""
        for answer, field in ((Answer.CANNOT, "reason"), (Answer.ON_CONDITION, "condition")):
            if read.get("answer") == answer and field not in read:
                raise refuse(Flaw.REQUIRED, at=field)


@blueprint.get("/desk/lending")
@seen_by(Role.STAFF)
def show() -> Any:
    """Show one of the lists, longest waiting first."""
    lending, told = service(Lending), request.args.get("list")
    which = LendingList(told) if told in set(LendingList) else LendingList.TO_ANSWER
    after = request.args.get("after")
    found = lending.page(which, me(), after=RequestId(after) if after else None, limit=_PAGE)
    return page(
        "desk/lending.html",
        which=which.value,
        lists=shown_lists(lending.counts(me()), which),
        rows=[shown_asked(asked) for asked in found.items],
        next=found.next,
        pause=shown_pause(service(AskingLimits).one(LibraryCode(me().library or ""))[0]),
        answers_by_itself=lending.answers_by_itself(LibraryCode(me().library or "")),
    )


@blueprint.get("/desk/lending/pull-list")
@seen_by(Role.STAFF)
def show_pull_list() -> Any:
    """Show what may have to be taken from the shelves, as it stands there."""
    wanted = service(Lending).to_pull(me())
    rows = [shown_asked(asked) for asked in wanted]
    return page("desk/pull_list.html", rows=rows, slips=slips_address(Paper.PULL_SLIP, wanted))


@blueprint.get(_ONE)
@seen_by(Role.STAFF)
def show_one(request_id: str) -> Any:
    """Show one request, and what can be said to it now."""
    asked = service(Lending).one(RequestId(request_id), me())
    return _one(asked, Filled(values={"item_barcode": shown_asked(asked)["barcode"]}))


@blueprint.post(f"{_ONE}/answer")
@seen_by(Role.STAFF)
def answer(request_id: str) -> Any:
    """Say what a button says, and go back to where it was pressed."""
    read, form = read_form(AnswerForm())
    if read is None:
        return _one(service(Lending).one(RequestId(request_id), me()), form)
    report = service(Desk).report_of(RequestId(request_id), me(), _said(read), now=now())
    service(Requests).handle(RequestId(request_id), report, me(), now=now())
    return redirect(came_from(), 303)


def _said(read: dict[str, Any]) -> dict[str, Any]:
    """Return the answer in the words of ISO 18626."""
    condition = read.pop("condition", None)
    if read["answer"] == Answer.ON_CONDITION:
        read |= {"reason": "LoanCondition", "note": condition}
    return {"status": read.pop("answer"), **read}


def _one(asked: Asked, form: Filled) -> Any:
    values: dict[str, Any] = {"form": form, "reasons": reasons(), "asked": shown_one(asked)}
    back = url_for(".show", list=list_of(asked.request))
    return page("desk/lending_request.html", **values, back=back, papers=paper_links(asked.request, me()))
