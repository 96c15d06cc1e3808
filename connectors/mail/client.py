"""Handing letters to a mail server."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.failures import Refused, Unreachable
from connectors.mail.codec import message_of

if TYPE_CHECKING:
    from email.message import EmailMessage

    from connectors.ports import Letter

#: How failures name the mail server, which belongs to no library.
MAIL_SERVER = "mail"
_PERMANENT = 500


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
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=context)
        return smtplib.SMTP(self.host, self.port, timeout=self.timeout)
