"""In which language an answer speaks."""

from __future__ import annotations

from contextlib import suppress

from flask import g, has_request_context, request

from ill_broker.storage import people
from ill_broker.storage.failures import StorageFailure
from ill_broker.storage.store import Store
from ill_broker.texts.catalogue import DEFAULT, language_of
from ill_broker.web.context import service
from workflows.actors import Actor, Role
from workflows.ids import PatronId

#: remembers what was chosen on a page
LANGUAGE_COOKIE = "ill_language"


def language() -> str:
    """Return what ``Accept-Language`` asks for, else what the patron has chosen, else the default."""
    if not has_request_context():
        return DEFAULT
    wanted = [tag for tag, quality in request.accept_languages if quality > 0]
    return language_of(wanted, otherwise="") or language_of(_chosen())


def page_language() -> str:
    """Return what the patron has chosen, else what the page's switch or the browser asks for."""
    return language_of(_chosen(), otherwise="") or browser_language()


def browser_language() -> str:
    """Return what the page's switch asks for, else ``Accept-Language``; no database is asked."""
    switched = [request.args.get("lang", ""), request.cookies.get(LANGUAGE_COOKIE, "")]
    accepted = [tag for tag, quality in request.accept_languages if quality > 0]
    return language_of([*switched, *accepted])


def _chosen() -> list[str]:
    """Return the language in which the patron gets letters; nothing of anybody else."""
    actor: Actor | None = g.get("actor")
    if actor is None or actor.role is not Role.PATRON:
        return []
    with suppress(StorageFailure), service(Store).reading() as conn:
        known = people.enrolment(conn, PatronId(actor.id))
        return [known.patron.language] if known else []
    return []
