"""Searching: results come as libraries answer; a work with who would lend it, and asking for it."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from marshmallow import validates_schema
from werkzeug.exceptions import BadRequest

from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.pages.patron.found import choice_of, shown_search, shown_work, told_so_far
from ill_broker.pages.patron.requests import listed
from ill_broker.pages.refused import said
from ill_broker.services.discovery.paging import Cursor, Wanted
from ill_broker.services.discovery.search import Discovery
from ill_broker.services.discovery.terms import query_of
from ill_broker.services.places import Crowded
from ill_broker.services.requests.submissions import Submission, Submissions
from ill_broker.texts.flaws import Flaw
from ill_broker.web.context import now, service
from ill_broker.web.fields import Isbn, Pattern, Text, Years, refuse
from ill_broker.web.language import page_language
from workflows.actors import Role
from workflows.discovery.works import Sort
from workflows.errors import WorkflowError

blueprint = room("search", __name__)
_WORK = "/searches/<id('srch'):search_id>/works/<work_id>"


class SearchForm(Form):
    text = Text(max_length=300)
    title = Text(max_length=300)
    author = Text(max_length=300)
    subject = Text(max_length=300)
    isbn = Isbn()
    year = Years()

    @validates_schema
    def looks_for_something(self, read: dict[str, Any], **_: Any) -> None:
        """Refuse a search for nothing."""
        if not read:
            raise refuse(Flaw.NO_QUERY, at="text")


class AskingForm(Form):
    pickup_site = Pattern(r"[a-z0-9_]+")


@blueprint.post("/searches")
@seen_by(Role.PATRON)
def begin() -> Any:
    """Ask all members."""
    read, form = read_form(SearchForm())
    if read is None:
        return page("patron/home.html", status=422, form=form, **listed())
    try:
        search = service(Discovery).start(query_of(**read), me(), now())
    except Crowded as full:
        return _come_again(form, full)
    return redirect(url_for(".show", search_id=search.id), 303)


def _come_again(form: Filled, full: Crowded) -> Any:
    """Keep what was typed, and say when there may be room."""
    told = {"form": form, "come_again": full.retry_after, **listed()}
    answer = page("patron/home.html", status=503, **told)
    answer.headers["Retry-After"] = str(full.retry_after)
    return answer


@blueprint.get("/searches/<id('srch'):search_id>")
@seen_by(Role.PATRON)
def show(search_id: str) -> Any:
    """Show a search as far as it has come; the page looks again by itself until all have answered."""
    wanted = _wanted()
    found = service(Discovery).page(search_id, me(), now(), wanted)
    if request.args.get("told") == told_so_far(found.search):
        return "", 204
    told = shown_search(found, wanted)
    return page("patron/search.html", form=Filled(values=told["typed"]), **told)


@blueprint.get(_WORK)
@seen_by(Role.PATRON)
def show_work(search_id: str, work_id: str) -> Any:
    """Show who has a work, and on what terms each would lend it."""
    return page("patron/work.html", search_id=search_id, form=Filled(), **_work(search_id, work_id))


@blueprint.post(_WORK)
@seen_by(Role.PATRON)
def submit(search_id: str, work_id: str) -> Any:
    """Ask for the work; an open request for the same one is shown instead of a second one."""
    read, form = read_form(AskingForm())
    try:
        asked = Submission(search=search_id, work=work_id, **(read or {}))
        made = service(Submissions).submit(asked, me(), now=now())
    except WorkflowError as error:
        told = {**_work(search_id, work_id), "reasons": said(error, page_language()), "form": form}
        return page("patron/work.html", status=409, search_id=search_id, **told)
    return redirect(url_for("pages.requests.show", request_id=made.id), 303)


def _work(search_id: str, work_id: str) -> dict[str, Any]:
    """Return a work as its page shows it."""
    found = service(Discovery).found_work(search_id, work_id, me(), now=now())
    return shown_work(found.work, service(Discovery).search(search_id, me(), now()))


def _wanted() -> Wanted:
    """Return which page the address asks for.

    :raises BadRequest: if it is none that was ever shown
    """
    asked = request.args
    try:
        after = Cursor.read(asked["after"]) if "after" in asked else None
        sort = Sort(asked.get("sort", Sort.RELEVANCE))
    except ValueError as error:
        raise BadRequest from error
    return Wanted(after=after, choice=choice_of(dict(asked.lists())), sort=sort)
