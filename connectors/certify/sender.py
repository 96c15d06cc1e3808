"""What a partner sends in the broker's own JSON: whether it is signed, dated, in order, and repeated."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from connectors.certify.examiner import Deviation, Untried, require
from connectors.failures import MessageFault
from connectors.webhook import codec
from connectors.webhook.signing import ID, verified_id
from workflows.requests.commands import ReportedStatus

if TYPE_CHECKING:
    from connectors.certify.examiner import Endpoint, Examiner, Exchange
    from connectors.certify.listening import Letter, Listener
    from connectors.partner_ports import StatusReport

_ASKED = (
    ReportedStatus.REQUEST_RECEIVED,
    ReportedStatus.EXPECT_TO_SUPPLY,
    ReportedStatus.WILL_SUPPLY,
    ReportedStatus.LOANED,
)
#: After these, a lender has nothing more to say for the time being.
_SAID_ALL = frozenset({ReportedStatus.LOANED, ReportedStatus.UNFILLED, ReportedStatus.RETRY_POSSIBLE})
#: How far clocks may be apart.
_APART = timedelta(minutes=5)


class Sender:
    """One examination of what comes after an ask."""

    def __init__(self, endpoint: Endpoint, listener: Listener, request_id: str) -> None:
        self._endpoint = endpoint
        self._listener = listener
        self._request_id = request_id
        self._letters: list[Letter] = []
        listener.answer = lambda letter: (b"", "text/plain") if self._read(letter) else None

    def examine(self, examiner: Examiner) -> None:
        check = examiner.check
        check("tells what comes of an ask", "partner webhook: POST /webhooks/{library}", self._comes)
        check("signs what it sends", "Standard Webhooks: signing", self._signed)
        check("writes what was agreed", "partner webhook: body", self._readable)
        check(
            "sends again, under the same id, what was not taken", "Standard Webhooks: retries", self._repeated
        )
        check("gives another message another id", "Standard Webhooks: webhook-id", self._own_ids)
        check("names the request it was asked for", "partner webhook: request_id", self._named)
        check("tells of nothing before it happened", "partner webhook: occurred_at", self._dated)
        check("tells of a loan in an order it can have gone", "ISO 18626 statuses", self._ordered)

    # ------------------------------------------------------------ what is looked at

    def _comes(self, exchange: Exchange) -> None:
        self._letters = self._listener.wait(self._is_enough)
        exchange.came = f"{len(self._letters)} messages"
        path = self._letters[0].path if self._letters else ""
        require(holds=bool(self._letters), otherwise=f"nothing within {self._listener.seconds:g} seconds")
        require(holds="/webhooks/" in path, otherwise=f"sent to {path}")

    def _signed(self, exchange: Exchange) -> None:
        for letter in self._all(exchange):
            try:
                verified_id(letter.headers, letter.body, secrets=[self._endpoint.secret], now=letter.at)
            except MessageFault as fault:
                raise Deviation(str(fault)) from fault

    def _readable(self, exchange: Exchange) -> None:
        for letter in self._all(exchange):
            try:
                codec.decode_report(letter.body)
            except MessageFault as fault:
                raise Deviation(str(fault)) from fault

    def _repeated(self, exchange: Exchange) -> None:
        first, *others = self._all(exchange)
        again = [each for each in others if each.headers.get(ID) == first.headers.get(ID)]
        require(holds=bool(again), otherwise="the message that was answered by 503 did not come again")
        require(holds=again[0].body == first.body, otherwise="another text under the same id")

    def _own_ids(self, exchange: Exchange) -> None:
        told = {(letter.headers.get(ID), letter.body) for letter in self._all(exchange)}
        require(holds=len({name for name, _ in told}) == len(told), otherwise="one id for two messages")

    def _named(self, exchange: Exchange) -> None:
        told = {report.request_id for report in self._reports(exchange)}
        require(holds=self._request_id in told, otherwise=f"names {', '.join(map(str, told))}")

    def _dated(self, exchange: Exchange) -> None:
        for letter, report in zip(self._letters, self._reports(exchange), strict=False):
            require(holds=report.occurred_at <= report.said_at, otherwise="occurred_at is after timestamp")
            require(holds=report.said_at <= letter.at + _APART, otherwise="timestamp is in the future")

    def _ordered(self, exchange: Exchange) -> None:
        told = sorted(self._reports(exchange), key=lambda report: report.occurred_at)
        places = [_ASKED.index(report.status) for report in told if report.status in _ASKED]
        words = ", ".join(report.status for report in told)
        require(holds=places == sorted(places), otherwise=f"by the time they happened: {words}")

    # ------------------------------------------------------------ how it is read

    def _all(self, exchange: Exchange) -> list[Letter]:
        if not self._letters:
            raise Untried("nothing came")
        exchange.came = "; ".join(letter.body.decode("utf-8", "replace") for letter in self._letters)
        return self._letters

    def _reports(self, exchange: Exchange) -> list[StatusReport]:
        found = [report for report in map(self._read, self._all(exchange)) if report is not None]
        if not found:
            raise Untried("nothing that came can be read")
        return found

    def _read(self, letter: Letter) -> StatusReport | None:
        try:
            verified_id(letter.headers, letter.body, secrets=[self._endpoint.secret], now=letter.at)
            return codec.decode_report(letter.body)
        except MessageFault:
            return None

    def _is_enough(self, letters: list[Letter]) -> bool:
        """Whether something final was said, and the first message came twice."""
        told = [report.status for report in map(self._read, letters) if report is not None]
        first = [letter for letter in letters if letter.headers.get(ID) == letters[0].headers.get(ID)]
        return bool(_SAID_ALL & set(told)) and len(first) > 1
