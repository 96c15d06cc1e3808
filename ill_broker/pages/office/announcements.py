"""What is said to readers and desks for some days: written, changed, withdrawn."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request, url_for
from marshmallow import post_load

from ill_broker.pages.forms import Filled, Form, means, read_form
from ill_broker.pages.frame import local_day, me, page, room, seen_by
from ill_broker.pages.libraries import library_name
from ill_broker.services.office.announcements import Announcements
from ill_broker.services.office.announcements import Text as Said
from ill_broker.storage.announcements import Announcement, Audience, Weight
from ill_broker.texts.catalogue import say
from ill_broker.texts.days_and_amounts import said_day
from ill_broker.web.announcing import Announced, said
from ill_broker.web.context import now, service
from ill_broker.web.fields import Whole
from ill_broker.web.language import page_language
from workflows.actors import Role
from workflows.errors import WorkflowError

blueprint = room("announcements", __name__)
_ALL = "/announcements"
_ONE = f"{_ALL}/<id('ann'):announcement_id>"
#: announcements on a page
_MOST = 25


class AnnouncementForm(Announced, Form):
    #: of the one that is changed, when the form was shown
    version = Whole(load_default=0)

    @post_load
    def as_text(self, read: dict[str, Any], **_: Any) -> tuple[Said, int]:
        """Return what is said, and of which version it is a change."""
        version = read.pop("version")
        return said(read), version


@blueprint.get(_ALL)
@seen_by(Role.OFFICE, Role.STAFF)
def show_all() -> Response:
    """Show what was said, the newest first, and a form for something new."""
    today = local_day(now()).isoformat()
    return _shown(Filled(values={"first": today, "weight": Weight.INFO.value}))


@blueprint.post(_ALL)
@seen_by(Role.OFFICE, Role.STAFF)
def announce() -> Any:
    """Say something for some days."""
    read, form = read_form(AnnouncementForm())
    if read is None:
        return _shown(form, status=422)
    service(Announcements).announce(read[0], me(), now=now())
    return redirect(url_for(".show_all"), 303)


@blueprint.get(_ONE)
@seen_by(Role.OFFICE, Role.STAFF)
def edit(announcement_id: str) -> Response:
    """Show one in a form."""
    one = service(Announcements).one(announcement_id, me())
    texts = {"zh": one.zh or "", "en": one.en or "", "version": str(one.version)}
    days = {"first": one.first.isoformat(), "last": one.last.isoformat()}
    form = Filled(values={"audience": one.audience, "weight": one.weight, **texts, **days})
    return page("office/announcement.html", form=form, one=_told(one), **_choices())


@blueprint.post(_ONE)
@seen_by(Role.OFFICE, Role.STAFF)
def change(announcement_id: str) -> Any:
    """Say this instead from now on."""
    one, keeps = service(Announcements).one(announcement_id, me()), service(Announcements)
    read, form = read_form(AnnouncementForm())
    if read is not None:
        try:
            keeps.change(one.id, read[0], me(), now=now(), expected=means(read[1]))
            return redirect(url_for(".show_all"), 303)
        except WorkflowError as error:
            form.refuse(error)
    return page("office/announcement.html", status=422, form=form, one=_told(one), **_choices())


@blueprint.post(f"{_ONE}/withdrawal")
@seen_by(Role.OFFICE, Role.STAFF)
def withdraw(announcement_id: str) -> Any:
    """Say it no longer."""
    service(Announcements).withdraw(announcement_id, me(), now=now())
    return redirect(url_for(".show_all"), 303)


def _shown(form: Filled, *, status: int = 200) -> Response:
    after = request.args.get("after")
    found, following = service(Announcements).page(me(), after=after, limit=_MOST)
    told = {"announcements": [_told(one) for one in found], "next": following}
    return page("office/announcements.html", status=status, form=form, **told, **_choices())


def _choices() -> dict[str, Any]:
    spoken = page_language()
    return {
        "audiences": [(one.value, say(f"announcement.audience.{one}", spoken)) for one in Audience],
        "weights": [(one.value, say(f"announcement.weight.{one}", spoken)) for one in Weight],
        "is_office": me().role is Role.OFFICE,
    }


def _told(one: Announcement) -> dict[str, Any]:
    spoken, today = page_language(), local_day(now())
    state = "withdrawn" if one.withdrawn_at else "over" if one.last < today else ""
    state = state or ("waits" if one.first > today else "holds")
    return {
        "id": one.id,
        "zh": one.zh or "",
        "en": one.en or "",
        "of": library_name(one.library) if one.library else say("audit_page.everywhere", spoken),
        "audience": say(f"announcement.audience.{one.audience}", spoken),
        "is_warning": one.weight is Weight.WARNING,
        "days": f"{said_day(one.first, spoken)} – {said_day(one.last, spoken)}",
        "state": say(f"announcement.state.{state}", spoken),
        "mood": {"holds": "good", "waits": "look"}.get(state, "quiet"),
        "is_over": state in {"withdrawn", "over"},
    }
