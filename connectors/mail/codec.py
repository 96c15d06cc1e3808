"""Letters as e-mail messages."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from typing import TYPE_CHECKING

from workflows.languages import TAGS

if TYPE_CHECKING:
    from connectors.ports import Letter


def message_of(letter: Letter, *, sender: str) -> EmailMessage:
    """Return *letter* as an e-mail whose Message-ID stays the same when it is sent again.

    :raises ValueError: if an address or the subject cannot stand in a header
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = letter.to
    message["Subject"] = letter.subject
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    message["Message-ID"] = f"<{letter.message_id}@{domain}>"
    # Receivers do not answer a machine with their holiday notes.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, charset="utf-8")
    # After the content, which takes every header of its kind away.
    # What release 0.1 left in the outbox is a tag already.
    message["Content-Language"] = TAGS.get(letter.language, letter.language)
    return message
