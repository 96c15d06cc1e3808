"""Letters as e-mail messages."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import parseaddr
from typing import TYPE_CHECKING

from workflows.languages import TAGS

if TYPE_CHECKING:
    from connectors.ports import Letter

#: not every mail server on the way takes letters of eight bits
_POLICY = SMTP_POLICY.clone(cte_type="7bit")


def message_of(letter: Letter, *, sender: str) -> EmailMessage:
    """Return *letter* as an e-mail whose Message-ID stays the same when it is sent again.

    :raises ValueError: if an address or the subject cannot stand in a header
    """
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = letter.at
    domain = parseaddr(sender)[1].rpartition("@")[2]
    # A colon may not stand in a Message-ID (RFC 5322, 3.6.4); our ids are as distinct without it.
    message["Message-ID"] = f"<{letter.message_id.replace(':', '.')}@{domain}>"
    # Receivers do not answer a machine with their holiday notes.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, charset="utf-8")
    if letter.html is not None:
        message.add_alternative(letter.html, subtype="html", charset="utf-8")
    # After the content, which takes every header of its kind away.
    # What release 0.1 left in the outbox is a tag already.
    message["Content-Language"] = TAGS.get(letter.language, letter.language)
    return message
