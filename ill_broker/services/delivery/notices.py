"""Fills in what patrons are told: the letter whole, the text short enough for a telephone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from unicodedata import combining, normalize

from ill_broker.services.delivery.notice_texts import (
    CARD_SIGN,
    CARDS,
    FRAMES,
    OPENING,
    RENEWAL,
    REQUEST_SIGN,
    REQUESTS,
    YOUR_BOOK,
    Wording,
)
from workflows.cards.card import CardLoan, CardNotice, LoanCard
from workflows.ids import LibraryCode
from workflows.languages import said_amount, said_day
from workflows.libraries import Library
from workflows.money import Money
from workflows.patrons import Patron
from workflows.requests.effects import Notice
from workflows.requests.request import Request

#: characters of one text: 160 of the telephone's own alphabet, 70 as soon as one other is among them
_LONGEST, _LONGEST_WITH_HAN = 160, 70
#: what takes the room of two in the telephone's own alphabet
_TWICE = frozenset("[]{}\\^~|")
#: what is cut when a text is too long, in that order, and how much is left of it at least
_CUT = (("title", 8), ("library", 8), ("desk", 8), ("amount", 8), ("number", 8))


@dataclass(frozen=True, slots=True)
class Text:
    """A notice in the patron's language."""

    subject: str
    body: str
    sms: str


@dataclass(frozen=True, slots=True)
class News:
    """A request with what a patron is told of it."""

    request: Request
    libraries: Mapping[LibraryCode, Library]
    base_url: str
    #: what is to be paid
    fine: Money | None = None
    #: the last day, not after the date due, on which the desk is open
    last_desk_day: date | None = None
    is_renewable: bool = False


def text(notice: Notice, news: News, patron: Patron) -> Text:
    """Return what the patron is told of a request."""
    speech, request, libraries = _Speech(patron.language), news.request, news.libraries
    facts = {
        "title": " ".join(request.citation.title.split()),
        "desk": speech.desk(libraries[request.desk]),
        "lender": speech.library(libraries.get(request.lender) if request.lender else None),
        "mobile": patron.mobile,
        "conditions": request.conditions or "",
        "amount": said_amount(news.fine, patron.language) if news.fine else "",
        "number": request.number,
        "link": f"{news.base_url}/requests/{request.id}",
        "opening": speech.opening(request.due, news.last_desk_day),
        "renewal": RENEWAL[patron.language] if news.is_renewable else "",
    }
    bring_by = news.last_desk_day or request.due
    days = {"hold_until": request.hold_until, "due": request.due, "bring_by": bring_by}
    wording = REQUESTS[notice][patron.language]
    return _filled(wording, facts, days, patron, sign=REQUEST_SIGN, home=libraries[request.home])


def card_text(
    notice: CardNotice,
    card: LoanCard,
    loan: CardLoan,
    patron: Patron,
    libraries: Mapping[LibraryCode, Library],
) -> Text:
    """Return what the holder of a loan card is told."""
    speech = _Speech(patron.language)
    desk = libraries[card.desk]
    facts = {
        "number": card.barcode,
        "library": speech.library(libraries[card.library]),
        "desk": speech.desk(desk),
    }
    wording = CARDS[notice][patron.language]
    return _filled(wording, facts, {"due": loan.due}, patron, sign=CARD_SIGN, home=desk)


@dataclass(frozen=True, slots=True)
class _Speech:
    """Says things in one language."""

    language: str

    def library(self, library: Library | None) -> str:
        if library is None:
            return ""
        return library.name_zh if self.language == "zh" else library.name

    def desk(self, library: Library) -> str:
        named = library.desk_zh if self.language == "zh" else library.desk
        return named or self.library(library)

    def opening(self, due: date | None, last: date | None) -> str:
        """Tell whether the desk is open on the day due, and if not, when for the last time before it."""
        if due is None or last is None:
            return ""
        return OPENING[due == last][self.language].format(last=said_day(last, self.language))

    def brief(self, name: str, fact: str) -> str:
        """Return a fact for a text: in English without what would leave 70 characters of the 160."""
        if self.language == "zh":
            return fact
        plain = "".join(letter for letter in normalize("NFKD", fact) if not combining(letter))
        if name != "title":
            return plain
        return f'"{plain}"' if plain.isascii() else YOUR_BOOK

    def days(self, days: Mapping[str, date | None], *, short: bool = False) -> dict[str, str]:
        return {name: said_day(day, self.language, short=short) if day else "" for name, day in days.items()}


def _filled(
    wording: Wording,
    facts: Mapping[str, str],
    days: Mapping[str, date | None],
    patron: Patron,
    *,
    sign: Mapping[str, str],
    home: Library,
) -> Text:
    speech = _Speech(patron.language)
    whole = {**facts, **speech.days(days)}
    letter = FRAMES[patron.language].format(
        name=patron.name,
        letter=wording.letter.format(**whole),
        sign=sign[patron.language].format(**whole),
        home=speech.library(home),
    )
    brief = {name: speech.brief(name, fact) for name, fact in facts.items()}
    return Text(wording.subject, letter, _fitted(wording.sms, {**brief, **speech.days(days, short=True)}))


def _fitted(template: str, facts: Mapping[str, str]) -> str:
    """Return the text with its longest facts cut until it goes out as one."""
    kept = dict(facts)
    for name, least in _CUT:
        over = _over(template.format(**kept))
        if over > 0 and name in kept and f"{{{name}}}" in template:
            kept[name] = _cut(kept[name], max(least, len(kept[name]) - over))
    return template.format(**kept)


def _over(said: str) -> int:
    """Return by how much a text is longer than one message of a telephone."""
    if said.isascii():
        return len(said) + sum(letter in _TWICE for letter in said) - _LONGEST
    return len(said.encode("utf-16-le")) // 2 - _LONGEST_WITH_HAN


def _cut(fact: str, length: int) -> str:
    # An ellipsis of one character would turn an English text into one of 70 characters.
    dots = "..." if fact.isascii() else "…"
    end = '"' if fact.endswith('"') else ""
    return fact if len(fact) <= length else fact[: length - len(dots + end)] + dots + end
