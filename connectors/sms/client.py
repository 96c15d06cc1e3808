"""Handing texts to a gateway over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors.failures import Garbled, Refused
from connectors.sms import codec
from connectors.sms.messages import Form
from connectors.transport import Limits, Target, approve

if TYPE_CHECKING:
    from connectors.ports import ShortText

#: how failures name the gateway, which belongs to no library
SMS_GATEWAY = "sms"
#: an answer says yes or no
LIMITS = Limits(connect=3.0, total=10.0, size=64 * 1024)
_LONGEST = 100


def gateway_target() -> Target:
    """Return what calls the gateway over the network."""
    return Target(SMS_GATEWAY, limits=LIMITS)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpGateway:
    """A gateway that takes one text with each call."""

    url: str
    token: str = field(default="", repr=False)
    form: Form = field(default_factory=Form)
    target: Target = field(default_factory=gateway_target)

    def send(self, text: ShortText) -> None:
        """Hand the text to the gateway.

        :raises Unreachable: if it does not answer in time or says: not now
        :raises Refused: if it will not send this text
        :raises Garbled: if its answer cannot be read
        """
        body, kind = codec.encode(text, self.form)
        headers = {"content-type": kind, "idempotency-key": text.message_id}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        reply = approve(SMS_GATEWAY, self.target.post(self.url, content=body, headers=headers))
        try:
            no = codec.refusal(reply.body, self.form)
        except ValueError as error:
            raise Garbled(SMS_GATEWAY, type(error).__name__) from error
        if no is not None:
            raise Refused(SMS_GATEWAY, no[:_LONGEST])
