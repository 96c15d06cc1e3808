"""Wishes: works that the reader waits for until somebody can lend them; left, listed, taken back."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for

from ill_broker.pages.forms import Form, read_form
from ill_broker.pages.frame import local_day, me, page, room, seen_by
from ill_broker.pages.libraries import library_name
from ill_broker.pages.patron.presenters import shown_citation
from ill_broker.services.discovery.wishes import Wishes
from ill_broker.texts.days_and_amounts import said_day
from ill_broker.web.context import now, service
from ill_broker.web.fields import Id, Pattern
from ill_broker.web.language import page_language
from workflows.actors import Role
from workflows.discovery.wishes import Wish, WishStatus
from workflows.ids import WishId

blueprint = room("wishes", __name__)
#: wishes on a page
_MOST = 25
_PATH = "/wishes/<id('wsh'):wish_id>"


class WishForm(Form):
    search = Id("srch", required=True)
    work = Pattern(r"wrk_[0-9a-f]{16}", required=True)


@blueprint.get("/wishes")
@seen_by(Role.PATRON)
def show_all() -> Any:
    """List what the reader waits for or has waited for lately, newest first."""
    found = service(Wishes).page(me(), limit=_MOST, after=request.args.get("after"))
    return page("patron/wishes.html", wishes=[_shown(each) for each in found.items], next=found.next)


@blueprint.get(_PATH)
@seen_by(Role.PATRON)
def show(wish_id: str) -> Any:
    """Show one wish: a letter leads here."""
    return page("patron/wish.html", one=_shown(service(Wishes).one(WishId(wish_id), me())))


@blueprint.post("/wishes")
@seen_by(Role.PATRON)
def leave() -> Any:
    """Wait for a work that nobody can lend now."""
    read, _ = read_form(WishForm())
    if read is None:
        return redirect(url_for("pages.home.show"), 303)
    left = service(Wishes).leave(me(), **read, now=now())
    return redirect(url_for(".show", wish_id=left.id), 303)


@blueprint.post(f"{_PATH}/withdrawal")
@seen_by(Role.PATRON)
def take_back(wish_id: str) -> Any:
    """Wait no more."""
    service(Wishes).take_back(WishId(wish_id), me())
    return redirect(url_for(".show_all"), 303)


def _shown(wish: Wish) -> dict[str, Any]:
    spoken, cited = page_language(), wish.citation
    return {
        "id": wish.id,
        "cited": shown_citation(cited),
        "terms": cited.isbn or " ".join(part for part in (cited.title, cited.author) if part),
        "status": wish.status.value,
        "since": said_day(local_day(wish.created_at), spoken),
        "until": said_day(local_day(wish.until), spoken),
        "ended": said_day(local_day(wish.ended_at), spoken) if wish.ended_at else "",
        "is_found": wish.status is WishStatus.FOUND,
        "is_waiting": wish.status is WishStatus.WAITING,
        "library": library_name(wish.library),
        "is_here": wish.library == me().library,
        "call_number": wish.call_number or "",
    }
