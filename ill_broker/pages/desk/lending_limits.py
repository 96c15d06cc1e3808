"""What the desk says against being asked: a pause, so many a day, not this title."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for

from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.services.members.lending_limits import AskingLimits
from ill_broker.web.context import now, service
from ill_broker.web.fields import Day, Pattern, Text
from workflows.actors import Role
from workflows.ids import LibraryCode
from workflows.libraries import LendingLimits

blueprint = room("lending_limits", __name__)
_WORDS = 20_000


class LimitsForm(Form):
    """One title or ISBN in a line."""

    paused = Pattern("true")
    paused_until = Day(load_default=None)
    daily_most = Pattern("[1-9][0-9]{0,3}")
    withheld = Text(max_length=_WORDS, lines=True, load_default="")


@blueprint.get("/desk/lending/limits")
@seen_by(Role.STAFF)
def show() -> Any:
    """Show what the desk has said."""
    return _form(_filled(service(AskingLimits).one(_here())[0]))


@blueprint.post("/desk/lending/limits")
@seen_by(Role.STAFF)
def change() -> Any:
    """Let it be so from now on."""
    read, form = read_form(LimitsForm())
    if read is None:
        return _form(form)
    service(AskingLimits).change(_here(), _said(read), expected=lambda _: None, now=now())
    return redirect(url_for("pages.lending.show"), 303)


def _here() -> LibraryCode:
    return LibraryCode(me().library or "")


def _form(form: Filled) -> Any:
    return page("desk/lending_limits.html", form=form)


def _filled(limits: LendingLimits) -> Filled:
    return Filled(
        values={
            "paused": "true" if limits.paused else "",
            "paused_until": limits.paused_until.isoformat() if limits.paused_until else "",
            "daily_most": str(limits.daily_most or ""),
            "withheld": "\n".join(limits.withheld),
        }
    )


def _said(read: dict[str, Any]) -> LendingLimits:
    titles = (line.strip() for line in read["withheld"].splitlines())
    return LendingLimits(
        paused="paused" in read,
        paused_until=read["paused_until"],
        daily_most=int(read["daily_most"]) if "daily_most" in read else None,
        withheld=tuple(dict.fromkeys(title for title in titles if title)),
    )
