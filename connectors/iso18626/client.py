"""Asking and telling one partner by ISO 18626."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.failures import Garbled, Refused, Unreadable
from connectors.iso18626 import codec, mapping
from connectors.iso18626 import messages as m
from connectors.iso18626.supplying import supplying
from connectors.ports import Acknowledgement
from connectors.transport import approve

if TYPE_CHECKING:
    from connectors.iso18626.mapping import IsoProfile
    from connectors.partner_ports import TellRequester
    from connectors.ports import AskToSupply, Message, Telling
    from connectors.transport import Target

_EXISTS = re.compile(r"requestingAgencyRequestId.*(exist|duplicat)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class IsoPartner:
    """A supplier behind one URL; what it says of a request comes back by messages of its own.

    It is no witness: the protocol cannot be asked whether a message came. One that is sent again is the
    same letter by letter (timestamp and ids), and a request that the partner has already is taken as there.
    """

    target: Target
    profile: IsoProfile

    def ask(self, message: AskToSupply) -> Acknowledgement:
        return self._send(message)

    def tell(self, message: Telling) -> Acknowledgement:
        return self._send(message)

    def _send(self, message: Message) -> Acknowledgement:
        said = mapping.business(message, self.profile)
        self._check(said, _exchanged(self.target, self.profile, said))
        return Acknowledgement(message.message_id)

    def _check(self, said: m.Request | m.RequestingMessage, confirmed: m.Message) -> None:
        """Make sure that this confirms what we said.

        :raises Garbled: if it confirms something else
        :raises Refused: if the partner did not take it
        """
        wanted = m.RequestConfirmation if isinstance(said, m.Request) else m.RequestingConfirmation
        checked = _confirming(self.target.library, said, confirmed, wanted)
        if checked.header.status is m.MessageStatus.ERROR and not _was_there(said, checked.errors):
            raise _refusal(self.target.library, checked)


@dataclass(frozen=True, slots=True)
class IsoRequester:
    """A partner whose system asks us for its own patrons, behind the same URL."""

    target: Target
    profile: IsoProfile

    def tell(self, message: TellRequester) -> None:
        said = supplying(message, self.profile)
        answered = _exchanged(self.target, self.profile, said)
        confirmed = _confirming(self.target.library, said, answered, m.SupplyingConfirmation)
        if confirmed.header.status is m.MessageStatus.ERROR:
            raise _refusal(self.target.library, confirmed)


def _confirming(
    library: str, said: m.Business, confirmed: m.Message, wanted: type[m.Confirmation]
) -> m.Confirmation:
    """Return the confirmation of what we said, whether or not it was taken.

    :raises Garbled: if it confirms something else
    """
    if not isinstance(confirmed, wanted):
        raise Garbled(library, f"answered by {type(confirmed).__name__}")
    if confirmed.header.request_id not in {None, said.header.request_id}:
        raise Garbled(library, "confirms another request")
    return confirmed


def _exchanged(target: Target, profile: IsoProfile, said: m.Business) -> m.Message:
    """Return what a partner answers in the same breath.

    :raises PartnerFailure: if that is nothing of this protocol
    """
    headers = {"content-type": "application/xml; charset=utf-8", "accept": "application/xml, text/xml"}
    if profile.token is not None:
        headers[profile.token_header] = profile.token
    body = codec.encode(said, profile.revision)
    reply = approve(target.library, target.post(profile.url, content=body, headers=headers))
    try:
        return codec.decode(reply.body).message
    except Unreadable as error:
        raise Garbled(target.library, str(error)) from error


def _refusal(library: str, confirmed: m.Confirmation) -> Refused:
    told = "; ".join(f"{error.type}: {error.value or ''}" for error in confirmed.errors)
    return Refused(library, told or "messageStatus ERROR")


def _was_there(said: m.Request | m.RequestingMessage, errors: tuple[m.Error, ...]) -> bool:
    """Tell whether the partner only says that it has this request: its first copy came after all."""
    is_new = (
        isinstance(said, m.Request)
        and said.service is not None
        and said.service.request_type is m.RequestType.NEW
    )
    return is_new and any(_EXISTS.search(error.value or "") for error in errors)
