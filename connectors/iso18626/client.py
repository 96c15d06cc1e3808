"""Asking and telling one partner by ISO 18626."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.failures import Garbled, Refused, Unreadable
from connectors.iso18626 import codec, mapping
from connectors.iso18626 import messages as m
from connectors.ports import Acknowledgement
from connectors.transport import approve

if TYPE_CHECKING:
    from connectors.iso18626.profile import IsoProfile
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
        library = self.target.library
        said = mapping.business(message, self.profile)
        body = codec.encode(said, self.profile.revision)
        reply = approve(library, self.target.post(self.profile.url, content=body, headers=self._headers()))
        try:
            confirmed = codec.decode(reply.body).message
        except Unreadable as error:
            raise Garbled(library, str(error)) from error
        self._check(said, confirmed)
        return Acknowledgement(message.message_id)

    def _headers(self) -> dict[str, str]:
        headers = {"content-type": "application/xml; charset=utf-8", "accept": "application/xml, text/xml"}
        token = self.profile.token
        return headers if token is None else {**headers, self.profile.token_header: token}

    def _check(self, said: m.Request | m.RequestingMessage, confirmed: m.Message) -> None:
        """Make sure that this confirms what we said.

        :raises Garbled: if it confirms something else
        :raises Refused: if the partner did not take it
        """
        library = self.target.library
        wanted = m.RequestConfirmation if isinstance(said, m.Request) else m.RequestingConfirmation
        if not isinstance(confirmed, wanted):
            raise Garbled(library, f"answered by {type(confirmed).__name__}")
        if confirmed.header.request_id not in {None, said.header.request_id}:
            raise Garbled(library, "confirms another request")
        if confirmed.header.status is m.MessageStatus.ERROR and not _was_there(said, confirmed.errors):
            told = "; ".join(f"{error.type}: {error.value or ''}" for error in confirmed.errors)
            raise Refused(library, told or "messageStatus ERROR")


def _was_there(said: m.Request | m.RequestingMessage, errors: tuple[m.Error, ...]) -> bool:
    """Tell whether the partner only says that it has this request: its first copy came after all."""
    is_new = (
        isinstance(said, m.Request)
        and said.service is not None
        and said.service.request_type is m.RequestType.NEW
    )
    return is_new and any(_EXISTS.search(error.value or "") for error in errors)
