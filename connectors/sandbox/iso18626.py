"""The ISO 18626 supplier of a sandbox library: one door for all messages, each confirmed at once."""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from connectors.failures import NotAuthentic, Objection
from connectors.iso18626 import messages as m
from connectors.iso18626.answering import answer
from connectors.iso18626.dialogue import IsoDialogue
from connectors.sandbox.cql import Clause
from connectors.sandbox.manners import library, shown
from connectors.sandbox.supplying import Thread
from connectors.webhook.messages import Call

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.iso18626.dialogue import Heard

#: What each action is among the broker's own messages.
_TYPES = {
    m.Action.RECEIVED: "request.received",
    m.Action.CANCEL: "request.cancel",
    m.Action.RENEW: "request.renew",
    m.Action.SHIPPED_RETURN: "request.returned",
    m.Action.LOST: "request.lost",
    m.Action.STATUS_REQUEST: "request.status_question",
    m.Action.NOTIFICATION: "request.notification",
}
_TAKEN_ID = m.Error(m.ErrorType.UNRECOGNISED_VALUE, "requestingAgencyRequestId: exists already")

doors = Blueprint("iso18626", __name__)


@doors.post("/iso18626")
def hear() -> Response:
    _prove()
    heard = IsoDialogue().read(request.get_data())
    return shown(_confirmation(heard), "application/xml; charset=utf-8")


def _prove() -> None:
    token = library().config.iso_token
    claimed = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token is not None and not compare_digest(claimed.encode(), token.encode()):
        raise NotAuthentic("no token, or another one")


def _confirmation(heard: Heard) -> bytes:
    now = library().clock.real()
    if heard.is_flawed:
        return heard.answer(now=now)
    message = heard.message
    if isinstance(message, m.SupplyingMessage):
        return heard.answer(now=now, objection=Objection.NOT_OFFERED)
    if isinstance(message, m.Request):
        return _asked(heard, message)
    if message.action not in _TYPES:
        return heard.answer(now=now, objection=Objection.NOT_OFFERED)
    try:
        _hear(heard, _TYPES[message.action], {})
    except LookupError:
        return heard.answer(now=now, objection=Objection.UNKNOWN_REQUEST)
    return heard.answer(now=now)


def _asked(heard: Heard, message: m.Request) -> bytes:
    """Take a request; one that is made again must say so, or be the same letter by letter."""
    now, here = library().clock.real(), library()
    kind = message.service.request_type if message.service else None
    is_known = any(asked.request_id == message.header.request_id for asked in here.asked)
    if is_known and kind is m.RequestType.REMINDER:
        _hear(heard, "request.status_question", {})
    elif is_known and kind is m.RequestType.RETRY:
        _hear(heard, "request.conditions_accepted", {})
    elif is_known and not here.knows(heard.message_id):
        return answer(heard.received, now=now, errors=(_TAKEN_ID,))
    else:
        _hear(heard, "request.ask", _wanted(message))
    return heard.answer(now=now)


def _hear(heard: Heard, call_type: str, data: Mapping[str, Any]) -> None:
    here, header = library(), heard.message.header
    # an agency that is not named is this library itself
    ours = header.supplying or m.AgencyId(here.config.agency.rpartition(":")[2])
    thread = Thread(header.requesting, ours, heard.received.revision)
    call = Call(call_type, header.timestamp or here.clock.real(), {"request_id": header.request_id, **data})
    here.hear(heard.message_id, call, thread=thread)


def _wanted(message: m.Request) -> dict[str, Any]:
    """Return what is asked for, with a copy of it that is in, if there is one."""
    work = message.bibliography
    clause = Clause("id", "=", work.record_id or "")
    titles = library().catalogue.search(clause) if work.record_id else []
    copies = [copy.barcode for title in titles for copy in title.copies if copy.available]
    return {"citation": {"title": work.title}, "holding": {"barcode": copies[0] if copies else None}}
