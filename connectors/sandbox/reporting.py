"""Reports of a sandbox library to the broker, sent until they are taken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from connectors.failures import PartnerFailure
from connectors.sandbox import supplying
from connectors.transport import approve
from connectors.webhook import codec
from connectors.webhook.signing import SIGNATURE, signed_headers

if TYPE_CHECKING:
    from connectors.partner_ports import StatusReport
    from connectors.sandbox.agenda import Agenda, SandboxClock
    from connectors.sandbox.config import Config
    from connectors.sandbox.supplying import Thread
    from connectors.transport import Target

MOST_ATTEMPTS = 12
_FIRST_WAIT = 0.2
_LONGEST_WAIT = 15.0


@dataclass(slots=True)
class Sent:
    """A report on its way: the same id and the same words at each attempt."""

    message_id: str
    report: StatusReport
    #: Where it belongs in ISO 18626; None where it goes out as JSON.
    thread: Thread | None = None
    #: The type of the broker's message that it answers.
    answers: str | None = None
    attempts: int = 0
    taken: bool = False
    failure: str | None = None


class Reporter:
    def __init__(self, config: Config, *, target: Target, agenda: Agenda, clock: SandboxClock) -> None:
        self._config = config
        self._target = target
        self._agenda = agenda
        self._clock = clock
        self.sent: list[Sent] = []

    def send(self, letter: Sent, *, copies: int = 1, garbled: bool = False) -> None:
        """Send the report now, and again until it is taken or nobody seems to want it."""
        for _ in range(copies):
            copy = replace(letter)
            self.sent.append(copy)
            self._attempt(copy, garbled)

    def _attempt(self, letter: Sent, garbled: bool) -> None:  # noqa: FBT001 - private
        if self._config.broker_url is None:
            return
        letter.attempts += 1
        try:
            post = self._post if letter.thread is None else partial(self._post_iso, letter.thread)
            post(letter, self._config.broker_url.rstrip("/"), garbled)
        except PartnerFailure as failure:
            letter.failure = str(failure)
            if letter.attempts < MOST_ATTEMPTS:
                wait = max(_FIRST_WAIT * 2**letter.attempts, failure.retry_after or 0.0)
                self._agenda.add(min(_LONGEST_WAIT, wait), partial(self._attempt, letter, garbled))
        else:
            letter.taken, letter.failure = True, None

    def _post(self, letter: Sent, broker_url: str, garbled: bool) -> None:  # noqa: FBT001 - private
        body = codec.encode_report(letter.report)
        headers = signed_headers(
            message_id=letter.message_id, body=body, secret=self._config.secret, now=self._clock.real()
        )
        if garbled:
            headers[SIGNATURE] = "v1,bm90IGEgc2lnbmF0dXJl"
        url = f"{broker_url}/api/v1/webhooks/{self._config.library}"
        content = {"content-type": "application/json", **headers}
        approve(self._config.library, self._target.post(url, content=body, headers=content))

    def _post_iso(self, thread: Thread, letter: Sent, broker_url: str, garbled: bool) -> None:  # noqa: FBT001 - private
        library, token = self._config.library, self._config.iso_token
        body = supplying.message(letter.report, thread, answers=letter.answers)
        headers = {"content-type": "application/xml; charset=utf-8"}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        content = body[: len(body) // 2] if garbled else body
        reply = self._target.post(f"{broker_url}/api/v1/iso18626", content=content, headers=headers)
        supplying.check_confirmation(library, approve(library, reply).body)
