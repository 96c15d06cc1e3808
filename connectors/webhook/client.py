"""Asking and telling one partner by signed JSON."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from connectors.failures import Garbled, Unreadable
from connectors.ports import Acknowledgement
from connectors.transport import approve
from connectors.webhook import codec, mapping
from connectors.webhook.signing import signed_headers

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from connectors.ports import AskToSupply, Message, Telling
    from connectors.transport import Reply, Target


@dataclass(frozen=True, slots=True)
class WebhookPartner:
    """A supplier and witness that speaks the broker's own protocol.

    Messages go to `{base_url}/ill/requests`; `{base_url}/ill/messages/{id}` says which arrived.
    """

    target: Target
    base_url: str
    secret: str
    #: Tells the time a message is signed at.
    now: Callable[[], datetime]

    def ask(self, message: AskToSupply) -> Acknowledgement:
        return self._send(message)

    def tell(self, message: Telling) -> Acknowledgement:
        return self._send(message)

    def did_you_get(self, message_id: str) -> bool:
        url = f"{self.base_url.rstrip('/')}/ill/messages/{quote(message_id, safe='')}"
        headers = signed_headers(message_id=message_id, body=b"", secret=self.secret, now=self.now())
        reply = self.target.call("GET", url, headers=headers)
        if reply.status == HTTPStatus.NOT_FOUND:
            return False
        # A yes is read, too: a page of somebody else's, such as a proxy's, says nothing of our message.
        self._told(reply)
        return True

    def _send(self, message: Message) -> Acknowledgement:
        now = self.now()
        body = codec.encode_call(mapping.call(message, now=now))
        headers = {
            "content-type": "application/json",
            **signed_headers(message_id=message.message_id, body=body, secret=self.secret, now=now),
        }
        url = f"{self.base_url.rstrip('/')}/ill/requests"
        reply = self.target.post(url, content=body, headers=headers)
        return Acknowledgement(message.message_id, self._told(reply))

    def _told(self, reply: Reply) -> str | None:
        approve(self.target.library, reply)
        try:
            return codec.decode_acknowledgement(reply.body)
        except Unreadable as error:
            raise Garbled(self.target.library, str(error)) from error
