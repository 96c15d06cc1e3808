"""Forms that were sent after the session had ended: what was typed waits in the log-in page.

Nothing is stored: whoever has logged in reads what was typed and sends it, with the token of the new session.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from flask import Response, current_app, redirect, request, url_for

from ill_broker.pages.errors import error_page
from ill_broker.pages.forms import Filled
from ill_broker.pages.frame import LogInFirst, StaleForm, came_from, ours, page, room
from ill_broker.pages.libraries import choices, sign_ons
from ill_broker.web.visits import visitor

blueprint = room("kept", __name__)
#: bytes of a form; what is longer is lost with its session, as it would not fit into the log-in page's own
_MOST = 350_000
#: of each text that was typed, as much is shown again
_SHOWN = 400
#: what the page or a choice put there, and nobody typed: ids, numbers, single words
_CHOSEN = re.compile(r"\s*[a-z0-9_:-]{0,60}\s*")
#: what forms bring beside what was typed in them, or what is never told twice
_NEVER = frozenset({"form_token", "kept", "password", "new_password", "current_password"})
#: forms that say nothing that somebody typed
_NOTHING_TYPED = ("pages.log_in.", "pages.language.", "pages.kept.")


class Kept(NamedTuple):
    """A form as it was sent: where to, and each field with what stood in it."""

    to: str
    here: str
    fields: list[tuple[str, str]]


def keep(error: LogInFirst | StaleForm) -> Any:
    """Answer a form of nobody who is logged in, or of a session that was another: what was typed is kept."""
    is_ours = isinstance(error, LogInFirst) or _is_from_here()
    kept = (kept_form() or _sent()) if is_ours else None
    if kept is not None:
        return resumed(kept, 400) if visitor() or not _asks_who() else ask_first(kept)
    if isinstance(error, LogInFirst):
        return redirect(url_for("pages.log_in.ask", to=came_from()), 303)
    return error_page(error)


@blueprint.post("/log-in/kept")
def go_on() -> Any:
    """Go on with what was kept, for who has logged in elsewhere meanwhile, as at their library's sign-on."""
    kept = kept_form()
    if kept is None:
        return redirect("/", 303)
    return resumed(kept) if visitor() else ask_first(kept, status=422)


def kept_form() -> Kept | None:
    """Return what the log-in page at hand keeps, None if it keeps nothing that we could have put there."""
    try:
        to, here, fields = json.loads(request.form.get("kept", ""))
        kept = Kept(ours(to), ours(here), [(str(name), str(value)) for name, value in fields])
    except (ValueError, TypeError):
        return None
    return None if kept.to == "/" else kept


def resumed(kept: Kept, status: int = 200) -> Response:
    """Return the page that shows what was typed, and sends it again by a button."""
    typed = (value for name, value in kept.fields if name != "here" and not _CHOSEN.fullmatch(value))
    shown = [value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…" for value in typed]
    return page("everybody/kept.html", status=status, kept=kept, shown=shown)


def ask_first(kept: Kept, form: Filled | None = None, status: int = 401) -> Response:
    """Return the log-in page with what was typed in it."""
    return page(
        "everybody/log_in.html",
        status=status,
        form=form or Filled(),
        to=kept.here,
        kept=json.dumps(kept, ensure_ascii=False),
        libraries=choices(),
        sign_ons=sign_ons(kept.here),
    )


def _sent() -> Kept | None:
    """Return the form at hand, None if nobody typed anything in it, or more than is kept."""
    if (request.endpoint or "").startswith(_NOTHING_TYPED):
        return None
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in _NEVER]
    if all(name == "here" for name, _ in fields) or (request.content_length or 0) > _MOST:
        return None
    return Kept(ours(request.full_path.rstrip("?")), came_from(), fields)


def _is_from_here() -> bool:
    """Tell whether the browser says that a page of ours has sent the form: strangers' pages keep nothing."""
    return urlsplit(request.headers.get("Origin", "")).netloc == request.host


def _asks_who() -> bool:
    """Tell whether the form's page is for those who are logged in."""
    return hasattr(current_app.view_functions.get(request.endpoint or ""), "roles")
