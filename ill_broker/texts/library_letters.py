"""What libraries that are asked by e-mail are written."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from connectors import ports
from ill_broker.texts.catalogue import say
from ill_broker.texts.days_and_amounts import said_day
from ill_broker.texts.labels import described, said_place
from ill_broker.texts.letters import written

#: what is said to a library -> what its letter is called
LETTERS: Mapping[type[ports.Message], str] = MappingProxyType(
    {
        ports.AskToSupply: "library_letter.ask",
        ports.CancelAsk: "library_letter.cancel",
        ports.AcceptConditions: "library_letter.accept_conditions",
        ports.RejectConditions: "library_letter.reject_conditions",
        ports.TellReceived: "library_letter.received",
        ports.TellReturned: "library_letter.returned",
        ports.TellDueDate: "library_letter.due_date",
        ports.TellRenew: "library_letter.renew",
        ports.TellLost: "library_letter.lost",
        ports.TellDamaged: "library_letter.damaged",
        ports.StatusQuestion: "library_letter.status_question",
    }
)
#: what a letter may tell of beside the request
_TOLD = ("tracking", "lender_due", "until")


def library_letter(message: ports.Message, *, to: str, language: str, link: str) -> ports.Letter:
    """Return the letter that says *message*, with the address at which it is answered."""
    facts: dict[str, object] = {
        "number": message.number or message.request_id,
        "note": message.note,
        "link": link,
        "described": {},
        **{name: _said(getattr(message, name, None), language) for name in _TOLD},
    }
    if isinstance(message, ports.AskToSupply):
        facts |= _asked(message, language)
    said = written("library.txt", LETTERS[type(message)], language, facts)
    return ports.Letter(
        message_id=message.message_id,
        at=message.at,
        to=to,
        subject=said.subject,
        text=said.text,
        html=said.html,
        language=language,
    )


def _asked(message: ports.AskToSupply, language: str) -> dict[str, object]:
    needed_by = said_day(message.needed_by, language) if message.needed_by else None
    library, desk = message.desk.said(language)
    sent_to = said_place(library, desk, language)
    return {
        "desk": library,
        "title": " ".join(message.citation.title.split()),
        "described": described(message.citation, message.holding, needed_by=needed_by, send_to=sent_to),
    }


def _said(fact: date | str | None, language: str) -> str:
    if isinstance(fact, date):
        return said_day(fact, language)
    return fact or say("letter.not_known", language)
