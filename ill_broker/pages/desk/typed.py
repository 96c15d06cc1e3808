"""What readers typed because no search had found it: looked at, corrected, matched, asked about, refused."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from flask import redirect, request, url_for

from ill_broker.pages.citing import CitedForm, cited_values, languages
from ill_broker.pages.desk.bar import counted
from ill_broker.pages.desk.typed_presenters import LISTED, lenders, reasons, shown_found, shown_typed
from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.services.discovery.paging import Cursor, Wanted
from ill_broker.services.discovery.search import Discovery
from ill_broker.services.discovery.terms import terms_of
from ill_broker.services.requests.typed import Match, TypedRequests
from ill_broker.texts.flaws import Flaw
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, Id, OneOf, Text, WrongValue
from ill_broker.web.language import page_language
from workflows.actors import Role
from workflows.citation import Citation
from workflows.errors import WorkflowError
from workflows.ids import TypedRequestId
from workflows.requests import typed as rules
from workflows.requests.typed import Declined, TypedStatus

blueprint = room("desk_typed", __name__)
_PATH = "/desk/typed/<id('typ'):typed_id>"
_FOUND = f"{_PATH}/searches/<id('srch'):search_id>"
_CURSOR = re.compile(r"\d{1,6}\.\d{1,6}", re.ASCII)
_MOST, _WORKS = 25, 10


class QuestionForm(Form):
    text = Text(required=True, max_length=2000, lines=True)


class RefusalForm(Form):
    reason = OneOf(*Declined, required=True)
    remark = Text(max_length=2000, lines=True)


class MatchForm(Form):
    """A work of a search and who is asked first, or only whom to ask by hand."""

    search = Id("srch")
    work = Text(max_length=60)
    lender = Code(required=True)


@blueprint.get("/desk/typed")
@seen_by(Role.STAFF)
def show_all() -> Any:
    """Show what waits, the longest waiting first, or what has become of others."""
    asked_for = request.args.get("status", "")
    status = asked_for if asked_for in LISTED else TypedStatus.WAITING.value
    after = request.args.get("after") or None
    found = service(TypedRequests).page(me(), limit=_MOST, status=status, after=after)
    rows = [shown_typed(seen) for seen in found.items]
    told: dict[str, Any] = {"rows": rows, "next": found.next, "wanted": status, "listed": LISTED}
    return page("desk/typed_list.html", lists=counted(), **told)


@blueprint.get(_PATH)
@seen_by(Role.STAFF)
def show(typed_id: str) -> Any:
    """Show what was typed, whose it is, and what can be done."""
    return _shown(typed_id)


@blueprint.post(f"{_PATH}/citation")
@seen_by(Role.STAFF)
def search(typed_id: str) -> Any:
    """Keep what was put right, and search with these words."""
    read, form = read_form(CitedForm())
    if read is None:
        return _shown(typed_id, cited=form, status=422)
    citation = Citation(**read)
    refused = _taken(typed_id, partial(rules.corrected, citation=citation))
    if refused:
        return refused
    begun = service(Discovery).start(terms_of(citation), me(), now())
    return redirect(url_for(".show_found", typed_id=typed_id, search_id=begun.id), 303)


@blueprint.get(_FOUND)
@seen_by(Role.STAFF)
def show_found(typed_id: str, search_id: str) -> Any:
    """Show what the desk's search finds, and who would lend each; it looks again until all have answered."""
    return _found(typed_id, search_id, [])


@blueprint.post(f"{_PATH}/match")
@seen_by(Role.STAFF)
def match(typed_id: str) -> Any:
    """Ask for it on the reader's behalf."""
    read, form = read_form(MatchForm())
    if read is None:
        return _shown(typed_id, by_hand=form, status=422)
    try:
        seen = service(TypedRequests).match(TypedRequestId(typed_id), Match(**read), me(), now=now())
    except WorkflowError as error:
        form.refuse(error)
        if "search" in read:
            return _found(typed_id, read["search"], [*form.refusals, *form.errors.values()], 409)
        return _shown(typed_id, by_hand=form, status=409)
    return redirect(url_for(".show", typed_id=seen.typed.id), 303)


@blueprint.post(f"{_PATH}/question")
@seen_by(Role.STAFF)
def ask(typed_id: str) -> Any:
    """Ask the reader something."""
    read, form = read_form(QuestionForm())
    if read is None:
        return _shown(typed_id, question=form, status=422)
    return _taken(typed_id, partial(rules.asked, question=read["text"])) or _back(typed_id)


@blueprint.post(f"{_PATH}/refusal")
@seen_by(Role.STAFF)
def refuse(typed_id: str) -> Any:
    """Say that nothing can be done, and why."""
    read, form = read_form(RefusalForm())
    if read is not None and read["reason"] == Declined.OTHER and "remark" not in read:
        read, form.errors["remark"] = None, WrongValue(Flaw.REQUIRED).said(page_language())
    if read is None:
        return _shown(typed_id, refusal=form, status=422)
    why = {"reason": Declined(read["reason"]), "remark": read.get("remark")}
    return _taken(typed_id, partial(rules.declined, **why, now=now())) or _back(typed_id)


def _taken(typed_id: str, change: Any) -> Any:
    """Take a step; return the page that says why not, if it is refused."""
    try:
        service(TypedRequests).take(TypedRequestId(typed_id), change, me(), now=now())
    except WorkflowError as error:
        form = Filled()
        form.refuse(error)
        return _shown(typed_id, cited=form, status=409)
    return None


def _back(typed_id: str) -> Any:
    return redirect(url_for(".show", typed_id=typed_id), 303)


def _shown(typed_id: str, *, status: int = 200, **forms: Filled) -> Any:
    seen = service(TypedRequests).one(TypedRequestId(typed_id), me(), now=now())
    filled = {name: forms.get(name, Filled()) for name in ("by_hand", "question", "refusal")}
    cited = forms.get("cited", Filled())
    cited.values = cited.values or cited_values(seen.typed.citation)
    told = {"languages": languages(), "lenders": lenders(seen), "reasons": reasons()}
    return page("desk/typed.html", status=status, typed=shown_typed(seen), cited=cited, **filled, **told)


def _found(typed_id: str, search_id: str, refusals: list[str], status: int = 200) -> Any:
    seen = service(TypedRequests).one(TypedRequestId(typed_id), me(), now=now())
    after = request.args.get("after", "")
    place = Cursor.read(after) if _CURSOR.fullmatch(after) else None
    found = service(Discovery).page(search_id, me(), now(), Wanted(after=place, limit=_WORKS))
    told = {"typed": shown_typed(seen), "refusals": refusals}
    return page("desk/typed_found.html", status=status, **told, **shown_found(found))
