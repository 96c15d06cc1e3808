"""The lists of a desk, one page for all of them: rows in the order of the work, narrowed down, by key."""

from __future__ import annotations

from typing import Any

from flask import request, url_for

from ill_broker import mint
from ill_broker.pages.desk.bar import counted
from ill_broker.pages.desk.list_presenters import shown_row
from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.pages.libraries import choices
from ill_broker.services.requests.desk_lists import MARK, DeskLists, Narrowed
from ill_broker.services.requests.overview import Overview
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, Day, Id, Pattern, Text
from workflows.actors import Role
from workflows.ids import RequestId
from workflows.requests.commands import CallResult
from workflows.requests.desk_lists import DeskList

blueprint = room("desk_lists", __name__)
#: rows on a page
_MOST = 50
#: the keys by which a call is noted, and how it ended
CALLS = {
    "r": CallResult.REACHED,
    "n": CallResult.NO_ANSWER,
    "a": CallResult.MESSAGE_ACCEPTED,
    "c": CallResult.CAME_IN_PERSON,
}


class NarrowForm(Form):
    reader = Text(max_length=200)
    title = Text(max_length=300)
    lender = Code()
    since = Day()
    until = Day()


class ListForm(NarrowForm):
    after = Pattern(MARK, max_length=80)
    #: the request with which something was just done
    done = Id("req")


@blueprint.get("/desk/lists/<desk_list:wanted>")
@seen_by(Role.STAFF)
def show(wanted: DeskList) -> Any:
    """Show a list; what is asked of it in vain is said at its field, and the whole list stands below."""
    read, form = read_form(ListForm())
    asked = read or {}
    done, after = asked.pop("done", None), asked.pop("after", None)
    found = service(DeskLists).page(wanted, Narrowed(**asked), me(), after=after, limit=_MOST, now=now())
    rows = [shown_row(row) for row in found.rows]
    told = {"wanted": wanted.value, "rows": rows, "next": _next(wanted, found.next), "done": _done(done)}
    return page(
        "desk/list.html", status=200 if read is not None else 422, form=form, **told, **_around(form, after)
    )


def _around(form: Filled, after: str | None) -> dict[str, Any]:
    """Return what stands about the rows of every list."""
    return {
        "lists": counted(),
        "libraries": choices(),
        "is_narrowed": any(form.values.get(name) for name in NarrowForm().fields),
        "is_first": after is None,
        "calls": CALLS,
        "new_key": mint.token,
    }


def _next(wanted: DeskList, mark: str | None) -> str:
    """Return the address of the next page, narrowed down like this one."""
    if mark is None:
        return ""
    names = NarrowForm().fields
    kept: dict[str, Any] = {name: value for name, value in request.args.items() if name in names and value}
    return url_for(".show", wanted=wanted, **kept, after=mark)


def _done(request_id: str | None) -> dict[str, Any] | None:
    """Return what became of the request with which something was just done."""
    if request_id is None:
        return None
    seen = service(Overview).one(RequestId(request_id), me()).request
    return shown_row(service(DeskLists).row(seen, me(), now=now()))
