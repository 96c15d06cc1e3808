"""What a partner sends as a supplier in ISO 18626: whether it is readable, dated, in order, repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.certify.examiner import Deviation, Untried, require
from connectors.failures import Unreadable
from connectors.iso18626 import messages as m
from connectors.iso18626.dialogue import IsoDialogue
from connectors.iso18626.mapping import agency

if TYPE_CHECKING:
    from connectors.certify.examiner import Endpoint, Examiner, Exchange
    from connectors.certify.listening import Letter, Listener

_ASKED = (m.Status.REQUEST_RECEIVED, m.Status.EXPECT_TO_SUPPLY, m.Status.WILL_SUPPLY, m.Status.LOANED)
#: After these, a supplier has nothing more to say for the time being.
_SAID_ALL = frozenset({m.Status.LOANED, m.Status.UNFILLED, m.Status.RETRY_POSSIBLE})
_HEADER = "ISO 18626, header"
_XML = "application/xml; charset=utf-8"


class IsoSender:
    """One examination of what comes after a request."""

    def __init__(self, endpoint: Endpoint, listener: Listener, request_id: str) -> None:
        self._endpoint = endpoint
        self._listener = listener
        self._request_id = request_id
        self._letters: list[Letter] = []
        listener.answer = self._confirmation

    def examine(self, examiner: Examiner) -> None:
        check = examiner.check
        check("tells what comes of a request", "ISO 18626, supplyingAgencyMessage", self._comes)
        check("writes messages without a flaw", "ISO 18626, schema", self._flawless)
        check("sends again, letter by letter, what was not taken", "HTTP 503", self._repeated)
        check("names the request it was asked for", f"{_HEADER} requestingAgencyRequestId", self._named)
        check("names both agencies as they were agreed", f"{_HEADER} agency ids", self._agencies)
        check("begins by a RequestResponse", "ISO 18626, reasonForMessage", self._first_reason)
        check("says when each status was reached", "ISO 18626, statusInfo lastChange", self._dated)
        check("tells of a loan in an order it can have gone", "ISO 18626, status", self._ordered)

    # ------------------------------------------------------------ what is looked at

    def _comes(self, exchange: Exchange) -> None:
        self._letters = self._listener.wait(self._is_enough)
        exchange.came = f"{len(self._letters)} messages"
        require(holds=bool(self._letters), otherwise=f"nothing within {self._listener.seconds:g} seconds")

    def _flawless(self, exchange: Exchange) -> None:
        for letter in self._all(exchange):
            try:
                heard = IsoDialogue().read(letter.body)
            except Unreadable as error:
                raise Deviation(str(error)) from error
            require(holds=not heard.is_flawed, otherwise=str(heard.received))
            is_suppliers = isinstance(heard.message, m.SupplyingMessage)
            require(holds=is_suppliers, otherwise=f"a {type(heard.message).__name__}")

    def _repeated(self, exchange: Exchange) -> None:
        first, *others = self._all(exchange)
        again = any(letter.body == first.body for letter in others)
        require(holds=again, otherwise="the message that was answered by 503 did not come again as it was")

    def _named(self, exchange: Exchange) -> None:
        told = {message.header.request_id for message in self._messages(exchange)}
        require(holds=told == {self._request_id}, otherwise=f"names {', '.join(sorted(told))}")

    def _agencies(self, exchange: Exchange) -> None:
        ours, theirs = agency(self._endpoint.our_agency), agency(self._endpoint.their_agency)
        for message in self._messages(exchange):
            told = (message.header.requesting, message.header.supplying)
            require(holds=told == (ours, theirs), otherwise=f"names {told[0]} and {told[1]}")

    def _first_reason(self, exchange: Exchange) -> None:
        told = self._messages(exchange)[0].info.reason
        require(holds=told is m.Reason.REQUEST_RESPONSE, otherwise=f"begins by {told}")

    def _dated(self, exchange: Exchange) -> None:
        for message in self._messages(exchange):
            changed, said = message.status_info.last_change, message.header.timestamp
            if changed is None or said is None:
                raise Deviation(f"{message.status_info.status} without its time")
            require(
                holds=changed <= said, otherwise=f"{message.status_info.status} is told before it was reached"
            )

    def _ordered(self, exchange: Exchange) -> None:
        dated = [message for message in self._messages(exchange) if message.status_info.last_change]
        told = sorted(dated, key=lambda message: str(message.status_info.last_change))
        places = [_ASKED.index(each.status_info.status) for each in told if each.status_info.status in _ASKED]
        words = ", ".join(message.status_info.status for message in told)
        require(holds=places == sorted(places), otherwise=f"by the time they were reached: {words}")

    # ------------------------------------------------------------ how it is read

    def _all(self, exchange: Exchange) -> list[Letter]:
        if not self._letters:
            raise Untried("nothing came")
        exchange.came = "; ".join(letter.body.decode("utf-8", "replace") for letter in self._letters)
        return self._letters

    def _messages(self, exchange: Exchange) -> list[m.SupplyingMessage]:
        found = [message for message in map(self._read, self._all(exchange)) if message is not None]
        if not found:
            raise Untried("nothing that came can be read")
        return found

    @staticmethod
    def _read(letter: Letter) -> m.SupplyingMessage | None:
        try:
            heard = IsoDialogue().read(letter.body)
        except Unreadable:
            return None
        is_whole = isinstance(heard.message, m.SupplyingMessage) and not heard.is_flawed
        return heard.message if is_whole else None  # type: ignore[return-value]  # it is a supplier's then

    def _confirmation(self, letter: Letter) -> tuple[bytes, str] | None:
        try:
            return IsoDialogue().read(letter.body).answer(now=letter.at), _XML
        except Unreadable:
            return None

    def _is_enough(self, letters: list[Letter]) -> bool:
        """Whether something final was said, and the first message came twice."""
        told = {message.status_info.status for message in map(self._read, letters) if message is not None}
        return bool(_SAID_ALL & told) and any(letter.body == letters[0].body for letter in letters[1:])
