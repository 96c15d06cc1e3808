"""Handing letters to a mail server."""

from __future__ import annotations

import smtplib
import ssl
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors.failures import Refused, Unreachable
from connectors.mail.codec import message_of

if TYPE_CHECKING:
    import socket
    from email.message import EmailMessage

    from connectors.ports import Letter

#: How failures name the mail server, which belongs to no library.
MAIL_SERVER = "mail"
_PERMANENT = 500
#: a reply says yes or no; nothing that is longer is one
_LONGEST_REPLY = 64 * 1024
_CHUNK = 4096


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """A mailer over SMTP; *timeout* is in seconds for each step of the talk."""

    host: str
    port: int
    sender: str
    user: str | None = None
    password: str | None = None
    #: "none", "starttls", or "tls" from the first byte
    security: str = "none"
    timeout: float = 10.0

    def send(self, letter: Letter) -> None:
        """Hand the letter to the mail server.

        :raises Unreachable: if the server does not answer or says: not now
        :raises Refused: if it will never take this letter
        """
        try:
            self._deliver(message_of(letter, sender=self.sender))
        except smtplib.SMTPRecipientsRefused as error:
            code = max((code for code, _ in error.recipients.values()), default=_PERMANENT)
            raise Refused(MAIL_SERVER, f"recipient refused: {code}", again=code < _PERMANENT) from error
        except smtplib.SMTPResponseException as error:
            detail = f"SMTP {error.smtp_code}"
            raise Refused(MAIL_SERVER, detail, again=error.smtp_code < _PERMANENT) from error
        except (smtplib.SMTPNotSupportedError, ValueError) as error:
            raise Refused(MAIL_SERVER, type(error).__name__) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(MAIL_SERVER, type(error).__name__) from error

    def _deliver(self, message: EmailMessage) -> None:
        with self._connected() as server:
            if self.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if self.user is not None:
                server.login(self.user, self.password or "")
            server.send_message(message)

    def _connected(self) -> smtplib.SMTP:
        if self.security == "tls":
            context = ssl.create_default_context()
            return _TlsTalk(self.host, self.port, timeout=self.timeout, context=context)
        return _Talk(self.host, self.port, timeout=self.timeout)


class _Talk(smtplib.SMTP):
    """A talk in which each reply is bounded in time and size, however it drips or floods."""

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = _Replies(self.sock)
        if self.file is not None:
            self.file.begin(self.timeout)
        reply = super().getreply()
        if self.sock is not None:
            self.sock.settimeout(self.timeout)
        return reply


class _TlsTalk(_Talk, smtplib.SMTP_SSL):
    pass


@dataclass(slots=True)
class _Replies:
    """What the server says, line by line."""

    sock: socket.socket
    _heard: bytearray = field(default_factory=bytearray)
    _until: float = 0.0
    _left: int = 0

    def begin(self, seconds: float) -> None:
        """Give the next reply *seconds* in all."""
        self._until, self._left = time.monotonic() + seconds, _LONGEST_REPLY

    def readline(self, most: int) -> bytes:
        """Return the next line, or as much of it as came before the server hung up.

        :raises OSError: if it does not come in time, or the reply grows too long
        """
        while (end := self._heard.find(b"\n", 0, most) + 1) == 0 and len(self._heard) < most:
            if not self._more():
                break
        line = bytes(self._heard[: end or most])
        del self._heard[: len(line)]
        self._left -= len(line)
        if self._left < 0:
            raise OSError("a reply that never ends")
        return line

    def close(self) -> None:
        """Do nothing: the socket is closed by whoever opened it."""

    def _more(self) -> bool:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.sock.settimeout(left)
        heard = self.sock.recv(_CHUNK)
        self._heard += heard
        return bool(heard)
