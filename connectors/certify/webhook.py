"""A partner in the broker's own JSON: what it acknowledges and refuses, and, if heard, what it sends."""

from __future__ import annotations

import json
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors import ports
from connectors.certify.examiner import Deviation, accepted, needs, refused, require
from connectors.certify.sender import Sender
from connectors.failures import PartnerFailure, Unreadable
from connectors.webhook import codec, mapping
from connectors.webhook.signing import SIGNATURE, signed_headers
from workflows.citation import Citation

if TYPE_CHECKING:
    from connectors.certify.examiner import Endpoint, Examiner, Exchange
    from connectors.transport import Reply

_OTHER_SECRET = "whsec_bm90IHRoZSBzZWNyZXQgdGhhdCB3YXMgYWdyZWVk"  # noqa: S105 - made to be wrong
_HUGE = 2 * 1024 * 1024
_CLOSED_EARLY = "closed the connection while the message was still being sent"
_UNREADABLE = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)


class Receiver:
    """One examination: all its messages are about one request, cancelled at the end."""

    def __init__(self, endpoint: Endpoint, stamp: str) -> None:
        self.request_id = f"req_certify_{stamp}"
        self._endpoint = endpoint
        self._stamp = stamp
        # written once, so that it is the same letter by letter when it is sent again
        self._body = self._ask_body()
        self._first = b""
        listener = endpoint.listener
        self._sender = Sender(endpoint, listener, self.request_id) if listener else None

    def examine(self, examiner: Examiner) -> None:
        """Try every claim; the first decides whether there is anybody to talk to."""
        self._examiner = examiner
        check = examiner.check
        check("takes a signed ask", "partner webhook: 2xx", self._ask, is_needed=True)
        check("answers the same message id alike, and acts once", "partner webhook: webhook-id", self._again)
        check("says which messages came", "GET /ill/messages/{id}: 200, 404", self._remembers)
        check("refuses a signature of another secret", "Standard Webhooks: verifying", self._wrong_secret)
        check("refuses a body changed after signing", "Standard Webhooks: verifying", self._changed)
        check("refuses a message ten minutes old", "Standard Webhooks: 5 minutes tolerance", self._old)
        check("takes a second signature beside a good one", "Standard Webhooks: rotation", self._rotating)
        check("takes members it does not know", "partner webhook: ignore what is new", self._unknown_member)
        check("refuses what is no JSON", "partner webhook: 400", self._garbled)
        check("refuses what is too large", "partner webhook: 413", self._large)
        check("refuses to speak of a request nobody made", "partner webhook: 404", self._stranger)
        if self._sender is not None:
            self._sender.examine(examiner)
        check("takes a cancellation", "partner webhook: request.cancel", self._cancel)

    # ------------------------------------------------------------ what is done

    def _ask(self, exchange: Exchange) -> None:
        needs(self._endpoint.secret, "the secret")
        self._first = self._acknowledged(self._post(exchange, "ask", self._body))

    def _again(self, exchange: Exchange) -> None:
        again = self._acknowledged(self._post(exchange, "ask", self._body))
        require(holds=again == self._first, otherwise=f"another answer: {again!r} after {self._first!r}")

    def _remembers(self, exchange: Exchange) -> None:
        accepted(self._asked_for(exchange, "ask"))
        refused(self._asked_for(exchange, "never"), HTTPStatus.NOT_FOUND)

    def _wrong_secret(self, exchange: Exchange) -> None:
        reply = self._post(exchange, "forged", self._body, secret=_OTHER_SECRET)
        refused(reply, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)

    def _changed(self, exchange: Exchange) -> None:
        body = self._body
        signed = self._headers("changed", body)
        reply = self._sent(exchange, body.replace(b"Certification", b"Falsification"), signed)
        refused(reply, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)

    def _old(self, exchange: Exchange) -> None:
        reply = self._post(exchange, "old", self._body, age=timedelta(minutes=10))
        refused(reply, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)

    def _rotating(self, exchange: Exchange) -> None:
        body = self._question()
        headers = self._headers("rotating", body)
        other = self._headers("rotating", body, secret=_OTHER_SECRET)
        both = f"{other[SIGNATURE]} {headers[SIGNATURE]}"
        accepted(self._sent(exchange, body, {**headers, SIGNATURE: both}))

    def _unknown_member(self, exchange: Exchange) -> None:
        told = json.loads(self._question())
        told["new"] = {"member": True}
        told["data"]["new"] = [1, 2]
        accepted(self._post(exchange, "new", json.dumps(told).encode()))

    def _garbled(self, exchange: Exchange) -> None:
        refused(self._post(exchange, "garbled", b'{"type": "request.ask", "data":'), *_UNREADABLE)

    def _large(self, exchange: Exchange) -> None:
        body = b'{"type": "request.ask", "padding": "' + b"x" * _HUGE + b'"}'
        try:
            reply = self._post(exchange, "large", body)
        except PartnerFailure:
            exchange.came = _CLOSED_EARLY
            return
        refused(reply, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, *_UNREADABLE)

    def _stranger(self, exchange: Exchange) -> None:
        body = self._shown(
            ports.StatusQuestion(request_id="req_certify_nobody", **self._envelope("stranger"))
        )
        refused(self._post(exchange, "stranger", body), HTTPStatus.NOT_FOUND, *_UNREADABLE)

    def _cancel(self, exchange: Exchange) -> None:
        body = self._shown(ports.CancelAsk(request_id=self.request_id, **self._envelope("cancel")))
        self._acknowledged(self._post(exchange, "cancel", body))

    # ------------------------------------------------------------ how it is said

    def _ask_body(self) -> bytes:
        return self._shown(
            ports.AskToSupply(
                request_id=self.request_id,
                citation=Citation(title="Certification of a partner"),
                desk=ports.Desk("ill-broker", "Certification"),
                **self._envelope("ask"),
            )
        )

    def _question(self) -> bytes:
        return self._shown(ports.StatusQuestion(request_id=self.request_id, **self._envelope("question")))

    def _envelope(self, name: str) -> dict[str, Any]:
        return {"message_id": self._id(name), "at": self._endpoint.now()}

    def _id(self, name: str) -> str:
        return f"msg_certify_{self._stamp}_{name}"

    def _shown(self, message: ports.Message) -> bytes:
        return codec.encode_call(mapping.call(message, now=self._endpoint.now()))

    def _headers(
        self, name: str, body: bytes, *, secret: str | None = None, age: timedelta = timedelta()
    ) -> dict[str, str]:
        used = secret or self._endpoint.secret
        at = self._endpoint.now() - age
        return signed_headers(message_id=self._id(name), body=body, secret=used, now=at)

    def _post(self, exchange: Exchange, name: str, body: bytes, **how: Any) -> Reply:
        return self._sent(exchange, body, self._headers(name, body, **how))

    def _sent(self, exchange: Exchange, body: bytes, headers: dict[str, str]) -> Reply:
        url = f"{self._endpoint.url.rstrip('/')}/ill/requests"
        told = {"content-type": "application/json", **headers}
        return self._examiner.call(exchange, "POST", url, content=body, headers=told)

    def _asked_for(self, exchange: Exchange, name: str) -> Reply:
        url = f"{self._endpoint.url.rstrip('/')}/ill/messages/{quote(self._id(name), safe='')}"
        return self._examiner.call(exchange, "GET", url, headers=self._headers(name, b""))

    def _acknowledged(self, reply: Reply) -> bytes:
        try:
            codec.decode_acknowledgement(accepted(reply).body)
        except Unreadable as error:
            raise Deviation(f"the acknowledgement cannot be read: {error}") from error
        return reply.body
