"""What every page is made of: the blueprint they hang in, the frame around one, and who may see it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import partial, wraps
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest, NotFound, Unauthorized
from werkzeug.wrappers import Response as Answer

from ill_broker.pages.navigation import NAVIGATION, Entry
from ill_broker.services.members.directory import Directory
from ill_broker.services.office.announcements import Announcements
from ill_broker.storage.announcements import Weight
from ill_broker.texts.catalogue import LANGUAGES, say, say_count
from ill_broker.texts.days_and_amounts import said_amount, said_day
from ill_broker.web.context import now, service
from ill_broker.web.language import LANGUAGE_COOKIE, page_language
from ill_broker.web.visits import form_token, is_own_form, visitor
from workflows.actors import Actor, Role
from workflows.languages import TAGS

View = TypeVar("View", bound=Callable[..., Any])
#: an address of our own, such as /requests?closed=1, and of nobody else
_OURS = re.compile(r"/([^/\\\s][^\\\s]*)?")
_YEAR_SECONDS = 365 * 24 * 3600
#: where a stranger, who has no library, is taken to be
_ZONE = ZoneInfo("Asia/Shanghai")


class StaleForm(BadRequest):
    """The form was shown to another browser, or to nobody: it is shown anew."""


class LogInFirst(Unauthorized):
    """A form was sent by nobody who is logged in: what was typed in it is kept while they log in."""


def room(name: str, import_name: str) -> Blueprint:
    """Return what the pages of one person hang in; each form that comes there is one of ours."""
    made = Blueprint(name, import_name)
    made.before_request(_refuse_strange_forms)
    return made


def _refuse_strange_forms() -> None:
    if request.method == "POST" and not is_own_form():
        raise StaleForm


def seen_by(*roles: Role) -> Callable[[View], View]:
    """Let a page be seen in these roles only: strangers log in first, and to others it is not there."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*arguments: Any, **named: Any) -> Any:
            who = visitor()
            if who is None and request.method == "POST":
                raise LogInFirst
            if who is None:
                return redirect(url_for("pages.log_in.ask", to=came_from()), 303)
            if who.role not in roles:
                raise NotFound
            return view(*arguments, **named)

        guarded.roles = roles  # type: ignore[attr-defined]  # so that a form knows whether its page asks who
        return guarded  # type: ignore[return-value]  # wraps the same view

    return decorate


def me() -> Actor:
    """Return who sees the page at hand; it has been asked for by :func:`seen_by`."""
    known: Actor = g.actor
    return known


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    """Return a page: a template in its frame, given plain *values*, in the visitor's language."""
    spoken = page_language()
    who = visitor()
    framed = {
        "who": who.role.value if who else "",
        "navigation": [_entry(one, spoken) for one in NAVIGATION[who.role]] if who else [],
        "form_token": form_token(),
        "announcements_here": _announced(spoken),
        "here": came_from(),
    }
    return written(template, spoken, status=status, **framed, **values)


def written(template: str, spoken: str, *, status: int = 200, **values: Any) -> Response:
    """Return a template in a language, without asking who looks."""
    other = next(one for one in LANGUAGES if one != spoken)
    html = render_template(template, **words(spoken), lang=spoken, other=other, tag=TAGS[spoken], **values)
    answer = make_response(html, status)
    answer.headers.update(
        {"Cache-Control": "no-store", "Content-Language": spoken, "Vary": "Accept-Language, Cookie"}
    )
    if request.args.get("lang") == spoken:
        remember_language(answer, spoken)
    return answer


def words(spoken: str) -> dict[str, Any]:
    """Return how templates say sentences, days and amounts."""
    return {
        "say": lambda message, **facts: say(message, spoken, facts),
        "say_count": partial(_say_count, spoken),
        "said_day": lambda day, **how: said_day(day, spoken, **how),
        "said_amount": lambda amount: said_amount(amount, spoken),
    }


def _say_count(spoken: str, message: str, count: int) -> str:
    return say_count(message, spoken, count)


def _announced(spoken: str) -> list[dict[str, Any]]:
    """Return what is said today to whoever looks, in their language if it is said in it."""
    return [
        {
            "text": getattr(one, spoken) or one.zh or one.en,
            "tag": TAGS[spoken if getattr(one, spoken) else "zh" if one.zh else "en"],
            "is_warning": one.weight is Weight.WARNING,
        }
        for one in service(Announcements).holding(visitor(), now=now())
    ]


def _entry(entry: Entry, spoken: str) -> dict[str, Any]:
    """Return where a word of the navigation leads, and whether the page at hand is there."""
    return {
        "address": url_for(entry.endpoint),
        "text": say(entry.message, spoken),
        "is_here": request.endpoint == entry.endpoint,
    }


def remember_language(answer: Answer, spoken: str) -> None:
    """Let the browser come back in this language."""
    answer.set_cookie(LANGUAGE_COOKIE, spoken, max_age=_YEAR_SECONDS, httponly=True, samesite="Lax")


def came_from() -> str:
    """Return the address to come back to: of the page at hand, or of the one whose form was sent."""
    if request.method == "GET":
        return ours(request.full_path.rstrip("?"))
    return ours(request.form.get("here", request.path))


def ours(address: str | None) -> str:
    """Return an address if it is of this service, else that of the first page."""
    return address if address and _OURS.fullmatch(address) else "/"


def zone() -> ZoneInfo:
    """Return the zone of the visitor's library."""
    who = visitor()
    book = service(Directory).in_force(now())
    if who is None or who.library is None or who.library not in book.ids:
        return _ZONE
    return book.policy(who.library).calendar.zone


def local_day(moment: datetime) -> date:
    """Return the day on which *moment* falls at the visitor's library."""
    return moment.astimezone(zone()).date()
