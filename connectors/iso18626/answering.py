"""Confirmations: what a partner hears in the same breath, before anything comes of its message."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from connectors.iso18626 import codec
from connectors.iso18626 import messages as m

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from connectors.iso18626.codec import Flawed
    from connectors.iso18626.messages import Error, Received


def answer(received: Received | Flawed, *, now: datetime, errors: Sequence[Error] = ()) -> bytes:
    """Return the confirmation of a message in its own revision; with errors, it was not taken."""
    told = (*getattr(received, "errors", ()), *errors)
    return codec.encode(confirmation(received.message, now=now, errors=told), received.revision)


def confirmation(message: m.Message, *, now: datetime, errors: Sequence[Error] = ()) -> m.Confirmation:
    """Return the confirmation that belongs to *message*, echoing what names it.

    :raises NotIso18626: if it is a confirmation itself
    """
    told = tuple(errors)
    match message:
        case m.Request():
            return m.RequestConfirmation(header=_header(message.header, now, told), errors=told)
        case m.SupplyingMessage():
            # of a message that could not be read, the reason may be missing
            info: m.Info | None = message.info
            reason = info.reason if info is not None else None
            header = _header(message.header, now, told)
            return m.SupplyingConfirmation(header=header, reason=reason, errors=told)
        case m.RequestingMessage():
            header = _header(message.header, now, told)
            return m.RequestingConfirmation(header=header, action=message.action, errors=told)
        case _:
            raise codec.NotIso18626("a confirmation is not answered")


def _header(header: m.Header | None, now: datetime, errors: tuple[Error, ...]) -> m.ConfirmationHeader:
    status = m.MessageStatus.ERROR if errors else m.MessageStatus.OK
    if header is None:
        return m.ConfirmationHeader(status=status, timestamp=now)
    return m.ConfirmationHeader(
        status=status,
        supplying=header.supplying,
        requesting=header.requesting,
        timestamp=now,
        request_id=header.request_id,
        received=header.timestamp_text,
    )


def identity(message: m.Business) -> str:
    """Return the name of a message: the same for the same message sent again, of no other.

    The protocol gives messages no ids. What tells them apart is who writes to whom about which request
    at which instant, and what: two steps of one second are two messages.
    """
    header, supplying = message.header, message.header.supplying
    said: tuple[object, ...]
    match message:
        case m.SupplyingMessage():
            said = (message.info, message.status_info)
        case m.RequestingMessage():
            said = (message.action, message.note)
        case _:
            said = (message.service, message.bibliography)
    parts = (type(message).__name__, header.requesting, supplying, header.request_id, header.timestamp, *said)
    return "iso-" + hashlib.sha256(repr(parts).encode()).hexdigest()[:40]
