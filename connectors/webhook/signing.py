"""Signatures of the Standard Webhooks specification, with the time as an argument."""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from standardwebhooks import Webhook

from connectors.failures import NotAuthentic
from workflows.reasons import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ID = "webhook-id"
TIMESTAMP = "webhook-timestamp"
SIGNATURE = "webhook-signature"
TOLERANCE = timedelta(minutes=5)

#: Marks that cannot be taken for the end of the id in the signed text.
_MESSAGE_ID = re.compile(r"[A-Za-z0-9_\-.:~]{1,255}")
_SECONDS = re.compile(r"[0-9]{1,11}")
_MOST_SIGNATURES = 16


def signed_headers(*, message_id: str, body: bytes, secret: str, now: datetime) -> dict[str, str]:
    """Return the headers that prove *body* to be ours."""
    return {
        ID: message_id,
        TIMESTAMP: str(int(now.timestamp())),
        SIGNATURE: _signature(secret, message_id, now, body),
    }


def verified_id(headers: Mapping[str, str], body: bytes, *, secrets: Iterable[str], now: datetime) -> str:
    """Return the id of a message that one of *secrets* has signed within five minutes of *now*.

    :raises NotAuthentic: if a header is missing, the time is off or no signature fits
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    message_id = lowered.get(ID, "")
    if not _MESSAGE_ID.fullmatch(message_id):
        raise NotAuthentic(Refusal.UNUSABLE_MESSAGE_ID)
    said = _moment(lowered.get(TIMESTAMP, ""))
    if abs(now - said) > TOLERANCE:
        raise NotAuthentic(Refusal.TIMESTAMP_OFF)
    if not _fits(lowered.get(SIGNATURE, ""), message_id, said, body, secrets):
        raise NotAuthentic(Refusal.NO_SIGNATURE_FITS)
    return message_id


def _moment(text: str) -> datetime:
    if not _SECONDS.fullmatch(text):
        raise NotAuthentic(Refusal.UNUSABLE_TIMESTAMP)
    return datetime.fromtimestamp(int(text), UTC)


def _fits(header: str, message_id: str, said: datetime, body: bytes, secrets: Iterable[str]) -> bool:
    """Compare every signature given with every one that would do, each in constant time."""
    given = [text.encode() for text in header.split(" ")[:_MOST_SIGNATURES]]
    try:
        wanted = [_signature(secret, message_id, said, body).encode() for secret in secrets]
    except UnicodeDecodeError as error:
        raise NotAuthentic(Refusal.NOT_UTF8) from error
    return any([hmac.compare_digest(one, other) for one in given for other in wanted])  # noqa: C419 - all of them


def _signature(secret: str, message_id: str, at: datetime, body: bytes) -> str:
    return Webhook(secret).sign(message_id, at.astimezone(UTC), body.decode())
