"""A mail server on loopback whose letters a test can read."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Self

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Postbox:
    """Takes every letter and keeps it; a recipient in *refused* is answered with 550."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refused: set[str] = set()
        self.host = "127.0.0.1"
        self.port = _free_port()
        self._controller = Controller(self, hostname=self.host, port=self.port)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    def to(self, address: str) -> list[EmailMessage]:
        """Return the letters to *address*, the oldest first."""
        return [letter for letter in self.letters if address in str(letter["to"])]

    # The names of the next two are aiosmtpd's.
    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content or b""
        sent = content.encode() if isinstance(content, str) else content
        letter = message_from_bytes(sent.replace(b"\r\n", b"\n"), policy=policy.default)
        self.letters.append(letter)
        return "250 OK"


def text_of(letter: EmailMessage) -> str:
    """Return what a letter says to a reader without HTML."""
    body = letter.get_body(("plain",))
    return str(body.get_content()) if body else ""


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with Postbox() as box:
        yield box


def _free_port() -> int:
    """Pick a port beforehand: the controller connects to the port it was told, so 0 does not work."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
