"""Letters about a patron's own account, and how they come into the outbox."""

from dataclasses import asdict
from datetime import datetime
from enum import StrEnum

from ill_broker import mint
from ill_broker.storage.outbox import Entry
from ill_broker.texts.letters import written
from workflows.patrons import Patron

#: the kind of the outbox entry; its body is to, subject, text, html, language
KIND = "mail"


class Mail(StrEnum):
    """What patrons are written about their accounts."""

    VERIFY = "verify"
    TRIED_AGAIN = "tried_again"
    RESET = "reset"
    CHANGED = "changed"
    ENROLLED = "enrolled"


def letter(mail: Mail, patron: Patron, now: datetime, **facts: object) -> Entry:
    """Return the outbox entry that writes to *patron* in their language."""
    known = {"name": patron.name, "card": patron.card_number, **facts}
    said = written(f"{mail}.txt", f"letter.{mail}", patron.language, known)
    body = {"to": patron.email, "language": patron.language, **asdict(said)}
    return Entry(id=f"{mint.new_id('msg', now)}:{KIND}", kind=KIND, body=body, created_at=now, due_at=now)
