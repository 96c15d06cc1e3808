"""Announcements: said by the office to all libraries, by a library's staff to its own readers and desk."""

from typing import Any

from marshmallow import fields, post_load

from ill_broker.api.idempotency import once, receipt
from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Shown, Strict
from ill_broker.api.versions import ETAG, IF_MATCH, etag, expect
from ill_broker.services.office.announcements import Announcements
from ill_broker.services.office.announcements import Text as Said
from ill_broker.storage.announcements import Announcement, Audience, Weight
from ill_broker.web.access import actor, needs
from ill_broker.web.announcing import MOST, Announced, said
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, Day, Id, Instant, OneOf, Text, Whole
from workflows.actors import Role

blueprint = Resource("announcements", description="What is said to readers and desks for some days")
_ONE = "/announcements/<id('ann'):announcement_id>"


class AnnouncementIn(Announced, Strict):
    @post_load
    def as_text(self, read: dict[str, Any], **_: Any) -> Said:
        """Return the record."""
        return said(read)


class AnnouncementOut(Shown):
    id = Id("ann", required=True)
    #: null for all libraries
    library = Code(required=True, allow_none=True)
    audience = OneOf(*Audience, required=True)
    weight = OneOf(*Weight, required=True)
    zh = Text(required=True, allow_none=True, max_length=MOST, lines=True)
    en = Text(required=True, allow_none=True, max_length=MOST, lines=True)
    first = Day(required=True)
    last = Day(required=True)
    withdrawn_at = Instant(required=True, allow_none=True)


class AnnouncementsOut(Shown):
    items = fields.List(fields.Nested(AnnouncementOut), required=True)


class WrittenIn(Strict):
    after = Id("ann")
    limit = Whole(minimum=1, maximum=100, load_default=25)


class AnnouncementPageOut(AnnouncementsOut):
    #: give it as ``after`` for the next page; null on the last one
    next = Id("ann", required=True, allow_none=True)


@blueprint.route("/announcements", methods=["GET"])
@needs(Role.PATRON, Role.STAFF, Role.OFFICE)
@blueprint.response(200, AnnouncementsOut)
def list_announcements() -> Any:
    """List what is said today to whoever asks, the oldest first; to the office, what it says itself."""
    return {"items": service(Announcements).holding(actor(), now=now())}


@blueprint.route("/announcements/written", methods=["GET"])
@needs(Role.STAFF, Role.OFFICE)
@blueprint.arguments(WrittenIn, location="query")
@blueprint.response(200, AnnouncementPageOut)
def list_written_announcements(wanted: dict[str, Any]) -> Any:
    """List what one may change, over or not, newest first: all for the office, else one's own library's."""
    items, following = service(Announcements).page(actor(), **wanted)
    return {"items": items, "next": following}


@blueprint.route("/announcements", methods=["POST"])
@needs(Role.STAFF, Role.OFFICE)
@once()
@blueprint.arguments(AnnouncementIn)
@blueprint.response(201, AnnouncementOut)
def make_announcement(said: Said) -> Any:
    """Say something for some days: the office to all libraries, staff to their own readers and desk."""
    return service(Announcements).announce(said, actor(), now=now(), also=receipt(AnnouncementOut(), 201))


@blueprint.route(_ONE, methods=["GET"])
@needs(Role.STAFF, Role.OFFICE)
@blueprint.response(200, AnnouncementOut, headers=ETAG)
def show_announcement(announcement_id: str) -> Any:
    """Show an announcement to whoever may change it."""
    return _answer(service(Announcements).one(announcement_id, actor()))


@blueprint.route(_ONE, methods=["PUT"])
@needs(Role.STAFF, Role.OFFICE)
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.arguments(AnnouncementIn)
@blueprint.response(200, AnnouncementOut, headers=ETAG)
def change_announcement(said: Said, announcement_id: str) -> Any:
    """Say this instead from now on, also where it was withdrawn."""
    return _answer(service(Announcements).change(announcement_id, said, actor(), now=now(), expected=expect))


@blueprint.route(_ONE, methods=["DELETE"])
@needs(Role.STAFF, Role.OFFICE)
@blueprint.response(204)
def withdraw_announcement(announcement_id: str) -> None:
    """Say it no longer; pages stop showing it within seconds."""
    service(Announcements).withdraw(announcement_id, actor(), now=now())


def _answer(announcement: Announcement) -> Any:
    return announcement, 200, etag(announcement.version)
