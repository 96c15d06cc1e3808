"""Messages that partners send us, read and answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from connectors.failures import Objection
from connectors.iso18626 import codec, mapping
from connectors.iso18626 import messages as m
from connectors.iso18626.answering import answer, identity
from connectors.iso18626.codec import Flawed
from connectors.iso18626.requests import wanted
from connectors.iso18626.supplying import action

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from connectors.iso18626.messages import Received
    from connectors.partner_ports import PartnerAction, PartnerRequest, StatusReport


@dataclass(frozen=True, slots=True)
class Heard:
    """One message that may be answered; a flawed one as far as it could be read."""

    received: Received | Flawed

    @property
    def message(self) -> m.Business:
        return cast("m.Business", self.received.message)

    @property
    def message_id(self) -> str:
        return identity(self.message)

    @property
    def sender(self) -> str:
        """The agency that wrote it; empty if it does not say."""
        header: m.Header | None = self.message.header
        is_suppliers = isinstance(self.message, m.SupplyingMessage)
        agency = None if header is None else header.supplying if is_suppliers else header.requesting
        return "" if agency is None else f"{agency.type}:{agency.value}"

    @property
    def is_flawed(self) -> bool:
        return isinstance(self.received, Flawed)

    def report(self, zone: tzinfo) -> StatusReport | None:
        message = self.message
        return mapping.report(message, zone=zone) if isinstance(message, m.SupplyingMessage) else None

    def request(self, zone: tzinfo) -> PartnerRequest | None:
        return wanted(self.message, zone=zone) if isinstance(self.message, m.Request) else None

    def action(self) -> PartnerAction | None:
        return action(self.message) if isinstance(self.message, m.RequestingMessage) else None

    def answer(self, *, now: datetime, objection: Objection | None = None) -> bytes:
        errors = () if objection is None else (self._error(objection),)
        return answer(self.received, now=now, errors=errors)

    def _error(self, objection: Objection) -> m.Error:
        if objection is Objection.UNKNOWN_REQUEST:
            return m.Error(m.ErrorType.UNRECOGNISED_VALUE, f"requestingAgencyRequestId: {objection}")
        if objection is Objection.TIMELESS:
            return m.Error(m.ErrorType.BADLY_FORMED, f"statusInfo/lastChange: {objection}")
        if isinstance(self.message, m.RequestingMessage):
            return m.Error(m.ErrorType.UNSUPPORTED_ACTION, f"action: {objection}")
        if isinstance(self.message, m.SupplyingMessage):
            return m.Error(m.ErrorType.UNSUPPORTED_REASON, f"reasonForMessage: {objection}")
        return m.Error(m.ErrorType.UNRECOGNISED_ELEMENT, f"request: {objection}")


class IsoDialogue:
    """ISO 18626 as the service hears it, in either revision."""

    def read(self, body: bytes) -> Heard:
        try:
            received: Received | Flawed = codec.decode(body)
        except Flawed as flawed:
            received = flawed
        if not isinstance(received.message, m.Business):
            raise codec.NotIso18626("a confirmation that nobody waits for")
        return Heard(received)

    def text(self, body: bytes) -> str:
        return codec.as_text(body)
