"""Searching: results come as libraries answer; a work with who would lend it, and asking for it."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for

from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.pages.patron.presenters import shown_found, shown_work
from ill_broker.pages.patron.requests import listed
from ill_broker.pages.refused import said
from ill_broker.services.discovery.search import Discovery
from ill_broker.services.discovery.terms import query_of
from ill_broker.services.requests.submissions import Submission, Submissions
from ill_broker.web.context import now, service
from ill_broker.web.fields import Text
from ill_broker.web.language import page_language
from workflows.actors import Role
from workflows.errors import WorkflowError

blueprint = room("search", __name__)


class SearchForm(Form):
    text = Text(required=True, max_length=300)


@blueprint.post("/searches")
@seen_by(Role.PATRON)
def begin() -> Any:
    """Ask all members."""
    read, form = read_form(SearchForm())
    if read is None:
        return page("patron/home.html", status=422, form=form, **listed())
    search = service(Discovery).start(query_of(**read), me(), now())
    return redirect(url_for(".show", search_id=search.id), 303)


@blueprint.get("/searches/<id('srch'):search_id>")
@seen_by(Role.PATRON)
def show(search_id: str) -> Any:
    """Show a search as far as it has come; the page looks again by itself until all have answered."""
    search = service(Discovery).search(search_id, me(), now())
    told = shown_found(search)
    return page("patron/search.html", form=Filled(values={"text": told["text"]}), **told)


@blueprint.get("/searches/<id('srch'):search_id>/works/<work_id>")
@seen_by(Role.PATRON)
def show_work(search_id: str, work_id: str) -> Any:
    """Show who has a work, and on what terms each would lend it."""
    found = service(Discovery).found_work(search_id, work_id, me(), now=now())
    return page("patron/work.html", search_id=search_id, **shown_work(found.work))


@blueprint.post("/searches/<id('srch'):search_id>/works/<work_id>")
@seen_by(Role.PATRON)
def submit(search_id: str, work_id: str) -> Any:
    """Ask for the work; an open request for the same one is shown instead of a second one."""
    try:
        made = service(Submissions).submit(Submission(search=search_id, work=work_id), me(), now=now())
    except WorkflowError as error:
        found = service(Discovery).found_work(search_id, work_id, me(), now=now())
        told = {**shown_work(found.work), "reasons": said(error, page_language())}
        return page("patron/work.html", status=409, search_id=search_id, **told)
    return redirect(url_for("pages.requests.show", request_id=made.id), 303)
