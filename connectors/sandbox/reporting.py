"""Signed reports of a sandbox library to the broker, sent until they are taken."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from connectors.failures import PartnerFailure
from connectors.transport import approve
from connectors.webhook import codec
from connectors.webhook.signing import SIGNATURE, signed_headers

if TYPE_CHECKING:
    from connectors.ports import StatusReport
    from connectors.sandbox.agenda import Agenda, SandboxClock
    from connectors.sandbox.config import Config
    from connectors.transport import Target

MOST_ATTEMPTS = 12
_FIRST_WAIT = 0.2
_LONGEST_WAIT = 15.0


@dataclass(slots=True)
class Sent:
    """A report on its way: the same id and the same words at each attempt."""

    message_id: str
    report: StatusReport
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

    def send(self, message_id: str, report: StatusReport, *, copies: int = 1, garbled: bool = False) -> None:
        """Send the report now, and again until it is taken or nobody seems to want it."""
        for _ in range(copies):
            letter = Sent(message_id, report)
            self.sent.append(letter)
            self._attempt(letter, garbled)

    def _attempt(self, letter: Sent, garbled: bool) -> None:  # noqa: FBT001 - private
        if self._config.broker_url is None:
            return
        letter.attempts += 1
        try:
            self._post(letter, self._config.broker_url, garbled)
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
        url = f"{broker_url.rstrip('/')}/api/v1/webhooks/{self._config.library}"
        content = {"content-type": "application/json", **headers}
        approve(self._config.library, self._target.post(url, content=body, headers=content))
