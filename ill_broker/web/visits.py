"""Who visits the pages: a session of the service's own in a signed cookie that the API never takes."""

from __future__ import annotations

from hmac import compare_digest

from flask import g, request, session

from ill_broker import mint
from ill_broker.services.audit import act_as
from ill_broker.services.people.sessions import Opened, Sessions
from ill_broker.web.context import now, service
from workflows.actors import Actor

_SESSION, _FORM = "session", "form"


def visitor() -> Actor | None:
    """Return who is logged in, None for a stranger."""
    if "visitor" not in g:
        token = session.get(_SESSION)
        g.visitor = service(Sessions).actor_of(token, now()) if token else None
        g.actor = g.visitor
        act_as(g.visitor)
    known: Actor | None = g.visitor
    return known


def begin_visit(opened: Opened) -> None:
    """Let the browser come back as whoever has logged in; forms that were open before are worth nothing."""
    session.clear()
    session.permanent = True
    session[_SESSION] = opened.token
    g.visitor = g.actor = opened.actor
    act_as(opened.actor)


def end_visit() -> None:
    """Log out: neither the browser nor what it carried is good for anything any more."""
    token = session_token()
    if token:
        service(Sessions).close(token, now=now())
    session.clear()
    g.visitor = g.actor = None


def session_token() -> str:
    """Return the token of the visitor's session, nothing for a stranger."""
    token: str = session.get(_SESSION, "")
    return token


def form_token() -> str:
    """Return what every form of this browser brings back, so that no page of others can send one."""
    token: str = session.setdefault(_FORM, mint.token())
    return token


def is_own_form() -> bool:
    """Tell whether the form was shown to this browser by us."""
    sent, known = request.form.get("form_token", ""), session.get(_FORM, "")
    return bool(known) and compare_digest(sent.encode(), known.encode())
