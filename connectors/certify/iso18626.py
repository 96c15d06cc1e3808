"""A partner as a supplier in ISO 18626: what it confirms, what it refuses, and, if heard, what it sends."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from connectors.certify.examiner import Deviation, Untried, require
from connectors.certify.iso_sender import IsoSender
from connectors.failures import Unreadable
from connectors.iso18626 import codec
from connectors.iso18626 import messages as m
from connectors.iso18626.mapping import agency
from connectors.transport import is_yes

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.certify.examiner import Endpoint, Examiner, Exchange
    from connectors.transport import Reply

_BOMB = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    b'<ISO18626Message xmlns="http://illtransactions.org/2013/iso18626"><request>&b;</request>'
    b"</ISO18626Message>"
)
_UNHEARD = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class SupplierExamination:
    """One examination: all its messages are about one request, cancelled at the end."""

    def __init__(self, endpoint: Endpoint, stamp: str) -> None:
        self.request_id = f"req-certify-{stamp}"
        self._endpoint = endpoint
        self._revision = m.Revision(endpoint.revision)
        listener = endpoint.listener
        self._sender = IsoSender(endpoint, listener, self.request_id) if listener else None
        self._asked = m.Request(
            header=self._header(),
            bibliography=m.Bibliography(title="Certification of a partner"),
            service=m.Service(request_type=m.RequestType.NEW, service_type=m.ServiceType.LOAN),
        )

    def examine(self, examiner: Examiner) -> None:
        """Try every claim; the first decides whether there is anybody to talk to."""
        self._examiner = examiner
        check = examiner.check
        check("confirms a request", "ISO 18626, 6.2 requestConfirmation", self._request, is_needed=True)
        check("echoes id and timestamp letter by letter", "ISO 18626, confirmationHeader", self._echo)
        check("answers in the revision it was asked in", "ISO 18626, version", self._same_revision)
        check("takes the same request again as the one it has", "ISO 18626, requestConfirmation", self._again)
        for action in (m.Action.STATUS_REQUEST, m.Action.NOTIFICATION):
            self._check_action(action)
        check("refuses an action about a request nobody made", "ISO 18626, errorData", self._stranger)
        check("refuses an action that is none", "ISO 18626, UnsupportedActionType", self._no_action)
        check("says of a message without an id that it is badly formed", "ISO 18626, errorType", self._no_id)
        check("does not break over what is no XML", "HTTP 4xx or BadlyFormedMessage", self._garbled)
        check("reads no document type", "XML: entities of strangers", self._bomb)
        check("hears nobody without the token", "agreed between the partners", self._unproven)
        if self._sender is not None:
            self._sender.examine(examiner)
        self._check_action(m.Action.CANCEL)

    def _check_action(self, action: m.Action) -> None:
        clause = "ISO 18626, requestingAgencyMessageConfirmation"
        self._examiner.check(f"confirms {action}", clause, self._doing(action))

    # ------------------------------------------------------------ what is done

    def _request(self, exchange: Exchange) -> None:
        confirmed = self._confirmed(exchange, self._asked).message
        require(
            holds=isinstance(confirmed, m.RequestConfirmation),
            otherwise=f"answered by {type(confirmed).__name__}",
        )
        self._no_errors(confirmed)

    def _echo(self, exchange: Exchange) -> None:
        header = self._confirmed(exchange, self._asked).message.header
        require(
            holds=isinstance(header, m.ConfirmationHeader) and header.request_id == self.request_id,
            otherwise="requestingAgencyRequestId is not echoed",
        )
        said = self._asked.header.timestamp
        wanted = said.strftime("%Y-%m-%dT%H:%M:%S") if said else ""
        received = header.received if isinstance(header, m.ConfirmationHeader) else None
        require(
            holds=(received or "").startswith(wanted),
            otherwise=f"timestampReceived is {received}, the message bore {wanted}",
        )

    def _same_revision(self, exchange: Exchange) -> None:
        reply = self._posted(exchange, codec.encode(self._asked, self._revision))
        require(
            holds=f'"{self._revision.value}"'.encode() in reply.body,
            otherwise=f"the confirmation does not say version {self._revision.value}",
        )

    def _again(self, exchange: Exchange) -> None:
        confirmed = self._confirmed(exchange, self._asked).message
        errors = getattr(confirmed, "errors", ())
        says_it_exists = any("requestingAgencyRequestId" in (error.value or "") for error in errors)
        if not says_it_exists:
            self._no_errors(confirmed)

    def _doing(self, action: m.Action) -> Callable[[Exchange], None]:
        def attempt(exchange: Exchange) -> None:
            said = m.RequestingMessage(header=self._header(), action=action, note="certification")
            confirmed = self._confirmed(exchange, said).message
            if not isinstance(confirmed, m.RequestingConfirmation):
                raise Deviation(f"answered by {type(confirmed).__name__}")
            self._no_errors(confirmed)
            told = confirmed.action
            require(holds=told in {action, None}, otherwise=f"confirms the action {told}")

        return attempt

    def _stranger(self, exchange: Exchange) -> None:
        header = replace(self._header(), request_id="req-certify-nobody")
        said = m.RequestingMessage(header=header, action=m.Action.STATUS_REQUEST)
        self._errors(exchange, codec.encode(said, self._revision))

    def _no_action(self, exchange: Exchange) -> None:
        said = m.RequestingMessage(header=self._header(), action=m.Action.CANCEL)
        body = codec.encode(said, self._revision).replace(b">Cancel<", b">Dance<")
        self._errors(exchange, body, m.ErrorType.UNSUPPORTED_ACTION, m.ErrorType.UNRECOGNISED_VALUE)

    def _no_id(self, exchange: Exchange) -> None:
        body = codec.encode(self._asked, self._revision)
        name = b"requestingAgencyRequestId>"
        cut = body.replace(b"<" + name + self.request_id.encode() + b"</" + name, b"")
        self._errors(exchange, cut, m.ErrorType.BADLY_FORMED, m.ErrorType.UNRECOGNISED_ELEMENT)

    def _garbled(self, exchange: Exchange) -> None:
        self._not_taken(self._posted(exchange, codec.encode(self._asked, self._revision)[:-40]))

    def _bomb(self, exchange: Exchange) -> None:
        self._not_taken(self._posted(exchange, _BOMB))

    def _unproven(self, exchange: Exchange) -> None:
        if not self._endpoint.token:
            raise Untried("no token is given: the network must be proof enough")
        body = codec.encode(self._asked, self._revision)
        reply = self._posted(exchange, body, token=f"{self._endpoint.token}x")
        require(holds=reply.status in _UNHEARD, otherwise=f"HTTP {reply.status} instead of 401 or 403")

    # ------------------------------------------------------------ how it is said

    def _header(self) -> m.Header:
        return m.Header(
            supplying=agency(self._endpoint.their_agency),
            requesting=agency(self._endpoint.our_agency),
            timestamp=self._endpoint.now().replace(microsecond=0),
            request_id=self.request_id,
        )

    def _posted(self, exchange: Exchange, body: bytes, token: str | None = None) -> Reply:
        headers = {"content-type": "application/xml; charset=utf-8", "accept": "application/xml, text/xml"}
        shown = self._endpoint.token if token is None else token
        if shown:
            headers["authorization"] = f"Bearer {shown}"
        return self._examiner.call(exchange, "POST", self._endpoint.url, content=body, headers=headers)

    def _confirmed(self, exchange: Exchange, message: m.Business) -> m.Received:
        reply = self._posted(exchange, codec.encode(message, self._revision))
        require(holds=is_yes(reply), otherwise=f"HTTP {reply.status} instead of 200")
        return _read(reply)

    def _errors(self, exchange: Exchange, body: bytes, *kinds: m.ErrorType) -> None:
        """Make sure that *body* is confirmed as an error, of one of *kinds* if any are named."""
        reply = self._posted(exchange, body)
        require(holds=is_yes(reply), otherwise=f"HTTP {reply.status} instead of a confirmation")
        confirmed = _read(reply).message
        status = getattr(confirmed.header, "status", None)
        require(holds=status is m.MessageStatus.ERROR, otherwise="messageStatus is OK instead of ERROR")
        told = [error.type for error in getattr(confirmed, "errors", ())]
        fits = not kinds or bool(set(told) & set(kinds))
        require(holds=fits, otherwise=f"errorType is {', '.join(told) or 'missing'}")

    @staticmethod
    def _no_errors(confirmed: m.Message) -> None:
        errors = getattr(confirmed, "errors", ())
        words = "; ".join(f"{error.type}: {error.value or ''}" for error in errors)
        is_ok = getattr(confirmed.header, "status", None) is m.MessageStatus.OK
        require(holds=is_ok, otherwise=f"messageStatus ERROR {words}".strip())

    @staticmethod
    def _not_taken(reply: Reply) -> None:
        if HTTPStatus.BAD_REQUEST <= reply.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return
        require(holds=is_yes(reply), otherwise=f"HTTP {reply.status} instead of 4xx or a confirmation")
        status = getattr(_read(reply).message.header, "status", None)
        require(holds=status is m.MessageStatus.ERROR, otherwise="messageStatus is OK instead of ERROR")


def _read(reply: Reply) -> m.Received:
    try:
        return codec.decode(reply.body)
    except Unreadable as error:
        raise Deviation(f"the confirmation cannot be read: {error}") from error
