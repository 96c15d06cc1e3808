"""Asking for a book on a reader's behalf: looked for at the desk, submitted by the reader's own rules."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for
from werkzeug.exceptions import NotFound

from ill_broker.pages.desk.asking_presenters import shown_search, shown_work
from ill_broker.pages.desk.reader_presenters import shown_reader
from ill_broker.pages.desk.readers import READER, known
from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.pages.refused import said
from ill_broker.services.discovery.search import Discovery
from ill_broker.services.discovery.terms import query_of
from ill_broker.services.requests.submissions import Submission, Submissions
from ill_broker.web.context import now, service
from ill_broker.web.fields import Text
from ill_broker.web.language import page_language
from workflows.actors import Role
from workflows.errors import WorkflowError
from workflows.patrons import Patron

blueprint = room("asking", __name__)
_SEARCH = f"{READER}/searches/<id('srch'):search_id>"


class SearchForm(Form):
    text = Text(required=True, max_length=300)


@blueprint.get(f"{READER}/searches")
@seen_by(Role.STAFF)
def ask(patron_id: str) -> Any:
    """Ask what the reader wants."""
    return page("desk/ask.html", reader=shown_reader(_ours(patron_id)), form=Filled(), search=None)


@blueprint.post(f"{READER}/searches")
@seen_by(Role.STAFF)
def begin(patron_id: str) -> Any:
    """Ask all members."""
    reader = _ours(patron_id)
    read, form = read_form(SearchForm())
    if read is None:
        return page("desk/ask.html", status=422, reader=shown_reader(reader), form=form, search=None)
    search = service(Discovery).start(query_of(**read), me(), now())
    return redirect(url_for(".show", patron_id=patron_id, search_id=search.id), 303)


@blueprint.get(_SEARCH)
@seen_by(Role.STAFF)
def show(patron_id: str, search_id: str) -> Any:
    """Show the clerk's search as far as it has come."""
    reader = shown_reader(_ours(patron_id))
    told = shown_search(service(Discovery).search(search_id, me(), now()))
    return page("desk/ask.html", reader=reader, form=Filled(values={"text": told["text"]}), search=told)


@blueprint.get(f"{_SEARCH}/works/<work_id>")
@seen_by(Role.STAFF)
def show_work(patron_id: str, search_id: str, work_id: str) -> Any:
    """Show who would lend a work, and when it would be here."""
    return _work(patron_id, search_id, work_id, [])


@blueprint.post(f"{_SEARCH}/works/<work_id>")
@seen_by(Role.STAFF)
def submit(patron_id: str, search_id: str, work_id: str) -> Any:
    """Ask for it on the reader's behalf; the request says that the desk did."""
    reader = _ours(patron_id)
    wanted = Submission(search=search_id, work=work_id, patron=reader.id)
    try:
        made = service(Submissions).submit(wanted, me(), now=now())
    except WorkflowError as error:
        return _work(patron_id, search_id, work_id, said(error, page_language()), 409)
    return redirect(url_for("pages.readers.show", patron_id=patron_id, done=made.id), 303)


def _work(patron_id: str, search_id: str, work_id: str, refusals: list[str], status: int = 200) -> Any:
    reader = shown_reader(_ours(patron_id))
    found = service(Discovery).found_work(search_id, work_id, me(), now=now())
    told = {"reader": reader, "search_id": search_id, "form": Filled(refusals=refusals)}
    return page("desk/ask_work.html", status=status, **told, **shown_work(found.work))


def _ours(patron_id: str) -> Patron:
    """Return a reader of the desk's own library: nobody asks for another's."""
    reader = known(patron_id)
    if reader.home != me().library:
        raise NotFound
    return reader
