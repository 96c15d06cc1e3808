"""Speaking to one library's NCIP responder as the initiator."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connectors.failures import Garbled
from connectors.ncip import codec, mapping
from connectors.ncip.mapping import Speaker
from connectors.transport import approve

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from connectors.ncip.mapping import NcipProfile
    from connectors.ncip.messages import Message, Response
    from connectors.ports import ArrivedItem, LocalPatron
    from connectors.transport import Target

_HEADERS = {"content-type": "application/xml; charset=utf-8", "accept": "application/xml, text/xml"}


@dataclass(frozen=True, slots=True)
class NcipSystem:
    """A patron directory, a hold shelf and a circulation desk over NCIP.

    NCIP names no message: that one was sent twice shows in what the system says to it (`mapping.done`).
    """

    target: Target
    profile: NcipProfile
    #: Tells the time at which a block holds or not.
    now: Callable[[], datetime]

    def look_up(self, card_number: str, *, password: str | None = None) -> LocalPatron | None:
        """Return what the library knows of whoever holds that card, or None if nobody does.

        :raises PartnerFailure: if it does not answer, or not clearly
        """
        if password is None or not self.profile.checks_pins:
            return self._found(self._speaker.look_up(card_number), card_number)
        message = self._speaker.look_up(card_number, pin=password)
        response = self._ask(message)
        is_right = not mapping.pin_is_wrong(response)
        if is_right:
            found = self._read(response, message, card_number)
        else:
            found = self._found(self._speaker.look_up(card_number), card_number)
        return None if found is None else replace(found, password_is_right=is_right)

    def accept(self, item: ArrivedItem) -> str:
        """Make the book known to the local system and hold it for the patron; return its barcode there.

        :raises PartnerFailure: if the system did not take it, or may not have
        """
        return self._obeyed(self._speaker.accept(item)).item or item.barcode

    def check_out(self, message_id: str, *, card_number: str, barcode: str, due: date) -> None:  # noqa: ARG002 - the port's
        """Record the hand-over in the local system.

        :raises PartnerFailure: if the system did not take it, or may not have
        """
        self._obeyed(self._speaker.check_out(card_number=card_number, barcode=barcode, due=due))

    def check_in(self, message_id: str, *, barcode: str) -> None:  # noqa: ARG002 - the port's
        """Record the return in the local system.

        :raises PartnerFailure: if the system did not take it, or may not have
        """
        self._obeyed(self._speaker.check_in(barcode))

    def renew(self, *, card_number: str, barcode: str, until: date | None = None) -> date | None:
        """Let the patron keep the book longer in the local system; return its due date, if it says one.

        :raises PartnerFailure: if the system did not do it, or may not have
        """
        due = self._obeyed(self._speaker.renew(card_number=card_number, barcode=barcode, until=until)).due
        return None if due is None else mapping.day_at(due, self.profile.zone)

    def forget(self, message_id: str, *, barcode: str) -> None:  # noqa: ARG002 - the port's
        """Have the local system forget a borrowed book.

        :raises PartnerFailure: if the system did not do it, or may not have
        """
        self._obeyed(self._speaker.delete(barcode))

    def request_copy(
        self, request_id: str, *, card_number: str, barcode: str, pickup_location: str | None = None
    ) -> str:
        """Place a request on one copy, and return the number the system knows it by.

        :raises PartnerFailure: if the system did not take it, or may not have
        """
        message = self._speaker.request_copy(
            request_id, card_number=card_number, barcode=barcode, pickup_location=pickup_location
        )
        return self._obeyed(message).request or request_id

    def request_any_copy(
        self, request_id: str, *, card_number: str, record_id: str, pickup_location: str | None = None
    ) -> str:
        """Place a request on whichever copy of a record comes first, and return the system's number of it.

        :raises PartnerFailure: if the system did not take it, or may not have
        """
        message = self._speaker.request_any_copy(
            request_id, card_number=card_number, record_id=record_id, pickup_location=pickup_location
        )
        return self._obeyed(message).request or request_id

    def cancel_request(self, request_id: str, *, card_number: str) -> None:
        """Take a request back.

        :raises PartnerFailure: if the system did not do it, or may not have
        """
        self._obeyed(self._speaker.cancel(request_id, card_number=card_number))

    @property
    def _speaker(self) -> Speaker:
        return Speaker(self.profile)

    def _found(self, message: Message, card_number: str) -> LocalPatron | None:
        return self._read(self._ask(message), message, card_number)

    def _read(self, response: Response, message: Message, card_number: str) -> LocalPatron | None:
        return mapping.local_patron(
            response,
            message,
            card_number,
            library=self.target.library,
            zone=self.profile.zone,
            now=self.now(),
        )

    def _obeyed(self, message: Message) -> Response:
        return mapping.done(self._ask(message), message, library=self.target.library)

    def _ask(self, message: Message) -> Response:
        """Return the answer, whatever it says: a refusal, too, comes with HTTP 200."""
        reply = self.target.post(self.profile.url, content=codec.encode(message), headers=_HEADERS)
        approve(self.target.library, reply)
        try:
            return codec.decode(reply.body)
        except codec.NotNcip as error:
            raise Garbled(self.target.library, str(error)) from error
