"""What went astray: what partners said in vain, and what could not be delivered; trying it again."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for

from ill_broker.pages.desk.bar import counted
from ill_broker.pages.forms import Form, read_form
from ill_broker.pages.frame import local_day, me, page, room, seen_by
from ill_broker.pages.libraries import library_name
from ill_broker.services.delivery.dead_letters import DeadLetters
from ill_broker.services.partners.set_aside import SetAside
from ill_broker.storage.inbox import Message
from ill_broker.storage.outbox import Entry
from ill_broker.texts.catalogue import say
from ill_broker.texts.days_and_amounts import said_day
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, Flag, Instant, Text
from ill_broker.web.language import page_language
from workflows.actors import Role
from workflows.ids import LibraryCode, MessageId

blueprint = room("desk_astray", __name__)
#: of each kind on a page; letters of what was said that are shown
_MOST, _SHOWN = 20, 500
#: what is delivered, by the kind of its entry
KINDS = ("tell", "local", "requester", "notice", "card_notice", "wish_notice", "mail")


class PlaceForm(Form):
    before = Instant()
    after = Text(max_length=300)
    again = Flag()


class MessageForm(Form):
    library = Code(required=True)
    message_id = Text(required=True, max_length=500)


class LetterForm(Form):
    id = Text(required=True, max_length=300)


@blueprint.get("/desk/astray")
@seen_by(Role.STAFF)
def show() -> Any:
    """Show both, newest first, each with why and a button that has it tried again."""
    read, _ = read_form(PlaceForm())
    asked = read or {}
    aside = service(SetAside).listed(me(), before=asked.get("before"), limit=_MOST + 1)
    dead = service(DeadLetters).listed(me(), after=asked.get("after"), limit=_MOST + 1)
    told: dict[str, Any] = {
        "messages": [_message(one) for one in aside[:_MOST]],
        "letters": [_letter(one) for one in dead[:_MOST]],
        "before": aside[_MOST - 1].received_at.isoformat() if len(aside) > _MOST else "",
        "after": dead[_MOST - 1].id if len(dead) > _MOST else "",
        "is_tried": bool(asked.get("again")),
    }
    return page("desk/astray.html", lists=counted(), **told)


@blueprint.post("/desk/astray/message")
@seen_by(Role.STAFF)
def replay_message() -> Any:
    """Have a message tried again."""
    read, _ = read_form(MessageForm())
    if read is not None:
        message = LibraryCode(read["library"]), MessageId(read["message_id"])
        service(SetAside).replay(*message, me(), now=now())
    return redirect(url_for(".show", again="true"), 303)


@blueprint.post("/desk/astray/letter")
@seen_by(Role.STAFF)
def replay_letter() -> Any:
    """Have a delivery tried anew."""
    read, _ = read_form(LetterForm())
    if read is not None:
        service(DeadLetters).replay(read["id"], me(), now=now())
    return redirect(url_for(".show", again="true"), 303)


def _message(message: Message) -> dict[str, Any]:
    return {
        "library": message.library,
        "name": library_name(message.library),
        "id": message.message_id,
        "waits": say(f"desk.astray.{message.state}", page_language()),
        "reason": message.reason or "",
        "status": message.status or "",
        "request": message.request_id,
        "number": message.number or "",
        "day": said_day(local_day(message.received_at), page_language()),
        "body": message.body[:_SHOWN],
    }


def _letter(entry: Entry) -> dict[str, Any]:
    spoken = page_language()
    return {
        "id": entry.id,
        "kind": say(f"desk.astray.kind.{entry.kind}", spoken),
        "name": library_name(entry.library) if entry.library else "",
        "what": entry.what or "",
        "request": entry.request_id,
        "number": entry.number or "",
        "failure": entry.last_failure or "",
        "day": said_day(local_day(entry.done_at or entry.created_at), spoken),
        "attempts": entry.attempts,
    }
