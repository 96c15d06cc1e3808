"""A mail server on loopback whose letters a test can read, as strict as large mail hosts are."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Mapping
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from typing import Self

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.html_letters import html_faults

#: RFC 5322, 3.2.3 and 3.6.4, without what is obsolete
_DOT_ATOM = r"[!#$%&'*+\-/0-9=?A-Z^_`a-z{|}~]+(?:\.[!#$%&'*+\-/0-9=?A-Z^_`a-z{|}~]+)*"
_MESSAGE_ID = re.compile(rf"Message-ID: *(?:\r\n )?<{_DOT_ATOM}@{_DOT_ATOM}>", re.IGNORECASE)
_ONCE = ("From", "To", "Date", "Message-ID", "Subject", "MIME-Version", "Auto-Submitted", "Content-Language")
_STRICT = policy.default.clone(raise_on_defect=True)
_LONGEST_LINE, _LONG_LINE = 998, 78


class Postbox:
    """Takes every letter and keeps it.

    A recipient in *refused* is answered with 550, and so is a letter that is malformed or says too little.
    """

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
    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        content = envelope.content or b""
        sent = content.encode() if isinstance(content, str) else content
        if faults := faults_of(sent):
            return f"550 malformed: {', '.join(faults)}"
        letter = message_from_bytes(sent.replace(b"\r\n", b"\n"), policy=policy.default)
        self.letters.append(letter)
        return "250 OK"


def faults_of(sent: bytes) -> list[str]:
    """Return what is wrong with a letter as it came over the wire."""
    try:
        letter = message_from_bytes(sent, policy=_STRICT)
        parts = {part.get_content_type(): part.get_content() for part in _parts(letter)}
    except (MessageError, ValueError, LookupError) as error:
        return [repr(error)]
    faults = [
        f"{name} {len(letter.get_all(name, []))} times"
        for name in _ONCE
        if len(letter.get_all(name, [])) != 1
    ]
    faults += [f"{name}: {defect}" for name, value in letter.items() for defect in value.defects]
    head, _, body = sent.partition(b"\r\n\r\n")
    if _MESSAGE_ID.search(head.decode("ascii", errors="replace")) is None:
        faults.append("no Message-ID of RFC 5322")
    if not sent.isascii():
        faults.append("eight bits, which were not announced")
    if any(len(line) > _LONGEST_LINE or b"\r" in line or b"\n" in line for line in sent.split(b"\r\n")):
        faults.append("a line that is too long or ends in half")
    # What has no space in it cannot be folded.
    head_lines = [line for line in head.split(b"\r\n") if b" " in line.partition(b": ")[2].strip()]
    if any(len(line) > _LONG_LINE for line in (*head_lines, *body.split(b"\r\n"))):
        faults.append("a line longer than screens are wide")
    return faults or [*_untold(letter), *_told_otherwise(letter, parts)]


def _parts(letter: EmailMessage) -> list[EmailMessage]:
    """Return the bodies, the plainest first; a letter without HTML has one."""
    return [part for part in letter.walk() if not part.is_multipart()]


def _told_otherwise(letter: EmailMessage, parts: Mapping[str, str]) -> list[str]:
    """Return how the HTML, where there is one, differs from the text."""
    if list(parts) == ["text/plain"]:
        return []
    if list(parts) != ["text/plain", "text/html"]:
        return [f"bodies: {', '.join(parts)}"]
    return html_faults(
        parts["text/html"],
        subject=str(letter["subject"]),
        text=parts["text/plain"],
        tag=str(letter["content-language"]),
    )


def _untold(letter: EmailMessage) -> list[str]:
    """Return what a well-formed letter leaves open that a machine must say."""
    faults = []
    if parsedate_to_datetime(str(letter["date"])).tzinfo is None:
        faults.append("a Date without its zone")
    if letter["auto-submitted"] != "auto-generated":
        faults.append("not said to come from a machine")
    if letter["content-language"] not in {"zh-Hans", "en"}:
        faults.append(f"in {letter['content-language']}")
    return faults


def text_of(letter: EmailMessage) -> str:
    """Return what a letter says to a reader without HTML."""
    body = letter.get_body(("plain",))
    return str(body.get_content()).replace("\r\n", "\n") if body else ""


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with Postbox() as box:
        yield box


def _free_port() -> int:
    """Pick a port beforehand: the controller connects to the port it was told, so 0 does not work."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
