"""Fills in what patrons are told: the letter whole, the text short enough for a telephone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ill_broker.services.notice_texts import CARD_SIGN, CARDS, FRAMES, REQUEST_SIGN, REQUESTS, Wording
from workflows.effects import Notice
from workflows.ids import LibraryCode
from workflows.libraries import Library
from workflows.loan_cards import CardLoan, CardNotice, LoanCard
from workflows.money import Money
from workflows.patrons import Patron
from workflows.requests import Request

#: characters of one text: 70 with Han in them, 160 without
_LONGEST = {"zh": 70, "en": 160}
#: what is cut when a text is too long, in that order, and how much is left of it at least
_CUT = (("title", 8), ("library", 8), ("desk", 8), ("amount", 8), ("number", 8))


@dataclass(frozen=True, slots=True)
class Text:
    """A notice in the patron's language."""

    subject: str
    body: str
    sms: str


def text(
    notice: Notice,
    request: Request,
    patron: Patron,
    libraries: Mapping[LibraryCode, Library],
    *,
    base_url: str,
    fine: Money | None = None,
) -> Text:
    """Return what the patron is told of a request."""
    speech = _Speech(patron.language)
    facts = {
        "title": " ".join(request.citation.title.split()),
        "desk": speech.desk(libraries[request.desk]),
        "lender": speech.library(libraries.get(request.lender) if request.lender else None),
        "mobile": patron.mobile,
        "conditions": request.conditions or "",
        "amount": speech.amount(fine),
        "number": request.number,
        "link": f"{base_url}/requests/{request.id}",
    }
    days = {"hold_until": request.hold_until, "due": request.due}
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

    def amount(self, money: Money | None) -> str:
        if money is None:
            return ""
        if self.language == "zh" and money.currency == "CNY":
            return f"{money.amount}元"
        return f"{money.currency} {money.amount}"

    def short_day(self, day: date | None) -> str:
        if day is None:
            return ""
        return f"{day.month}月{day.day}日" if self.language == "zh" else day.isoformat()


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
    whole = {**facts, **{name: day.isoformat() if day else "" for name, day in days.items()}}
    letter = FRAMES[patron.language].format(
        name=patron.name,
        letter=wording.letter.format(**whole),
        sign=sign[patron.language].format(**whole),
        home=speech.library(home),
    )
    brief = {**facts, **{name: speech.short_day(day) for name, day in days.items()}}
    return Text(wording.subject, letter, _fitted(wording.sms, brief, _LONGEST[patron.language]))


def _fitted(template: str, facts: Mapping[str, str], longest: int) -> str:
    """Return the text with its longest facts cut until it fits."""
    kept = dict(facts)
    for name, least in _CUT:
        over = len(template.format(**kept)) - longest
        if over > 0 and name in kept and f"{{{name}}}" in template:
            kept[name] = _cut(kept[name], max(least, len(kept[name]) - over))
    return template.format(**kept)


def _cut(fact: str, length: int) -> str:
    # An ellipsis of one character would turn an English text into one of 70 characters.
    dots = "..." if fact.isascii() else "…"
    return fact if len(fact) <= length else fact[: length - len(dots)] + dots
