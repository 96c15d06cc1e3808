"""Fills in what patrons are told: the letter whole, the text short enough for a telephone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from unicodedata import combining, normalize

from ill_broker.texts.calendar_changes import said_run
from ill_broker.texts.catalogue import say
from ill_broker.texts.days_and_amounts import said_amount, said_day
from ill_broker.texts.letters import Written, written
from ill_broker.texts.policy_values import joined
from workflows.cards.card import CardLoan, CardNotice, LoanCard
from workflows.discovery.wishes import Wish, WishNotice
from workflows.ids import LibraryCode
from workflows.libraries import Library
from workflows.money import Money
from workflows.patrons import Patron
from workflows.policies.calendar_days import Run
from workflows.requests.effects import Notice
from workflows.requests.request import Request
from workflows.requests.typed import TypedNotice, TypedRequest

#: characters of one text: 160 of the telephone's own alphabet, 70 as soon as one other is among them
_LONGEST, _LONGEST_WITH_HAN = 160, 70
#: what takes the room of two in the telephone's own alphabet
_TWICE = frozenset("[]{}\\^~|")
#: what is cut when a text is too long, in that order, and how much is left of it at least
_CUT = (("title", 8), ("library", 8), ("desk", 8), ("amount", 8), ("number", 8))


@dataclass(frozen=True, slots=True)
class Text:
    """A notice in the patron's language."""

    letter: Written
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
    #: when the desk is closed while the book is kept there, out of its usual week
    closed: tuple[Run, ...] = ()
    is_renewable: bool = False


def text(notice: Notice, news: News, patron: Patron) -> Text:
    """Return what the patron is told of a request."""
    speech, request, libraries = _Speech(patron.language), news.request, news.libraries
    facts = {
        "title": " ".join(request.citation.title.split()),
        "desk": speech.desk(libraries[request.desk]),
        "lender": speech.library(libraries.get(request.lender) if request.lender else None),
        "conditions": request.conditions or "",
        "amount": said_amount(news.fine, patron.language) if news.fine else "",
        "number": request.number,
    }
    bring_by = news.last_desk_day or request.due
    days = {"hold_until": request.hold_until, "due": request.due, "bring_by": bring_by}
    in_the_letter = {
        **facts,
        **speech.days({**days, "last_desk_day": news.last_desk_day}),
        "name": patron.name,
        "mobile": patron.mobile,
        "is_renewable": news.is_renewable,
        "closed_days": speech.runs(news.closed),
        "link": f"{news.base_url}/requests/{request.id}",
        "home": speech.library(libraries[request.home]),
    }
    message = f"notice.{notice}"
    letter = written("request.txt", message, patron.language, in_the_letter)
    return Text(letter, speech.brief(message, facts, days))


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
    days = {"due": loan.due}
    in_the_letter = {**facts, **speech.days(days), "name": patron.name, "home": speech.library(desk)}
    message = f"card_notice.{notice}"
    letter = written("card.txt", message, patron.language, in_the_letter)
    return Text(letter, speech.brief(message, facts, days))


def wish_text(
    notice: WishNotice,
    wish: Wish,
    patron: Patron,
    libraries: Mapping[LibraryCode, Library],
    *,
    base_url: str,
) -> Text:
    """Return what is told to whoever has waited for a work."""
    speech = _Speech(patron.language)
    facts = {
        "title": " ".join(wish.citation.title.split()),
        "library": speech.library(libraries.get(wish.library) if wish.library else None),
    }
    in_the_letter = {
        **facts,
        "name": patron.name,
        "call_number": wish.call_number or "",
        "link": f"{base_url}/wishes/{wish.id}",
        "home": speech.library(libraries[patron.home]),
    }
    message = f"wish_notice.{notice}"
    return Text(
        written("wish.txt", message, patron.language, in_the_letter), speech.brief(message, facts, {})
    )


def typed_text(
    notice: TypedNotice,
    typed: TypedRequest,
    patron: Patron,
    libraries: Mapping[LibraryCode, Library],
    *,
    base_url: str,
) -> Text:
    """Return what is told to whoever typed what no search had found."""
    speech = _Speech(patron.language)
    facts = {
        "title": " ".join(typed.typed.title.split()),
        "number": typed.number,
        "library": speech.library(libraries[patron.home]),
    }
    in_the_letter = {
        **facts,
        "name": patron.name,
        "why": say(typed.reason.message, patron.language) if typed.reason else "",
        "said": (typed.question if notice is TypedNotice.QUESTION else typed.remark) or "",
        "link": f"{base_url}/typed/{typed.id}",
        "home": speech.library(libraries[patron.home]),
    }
    message = f"typed_notice.{notice}"
    return Text(
        written("typed.txt", message, patron.language, in_the_letter), speech.brief(message, facts, {})
    )


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

    def brief(self, message: str, facts: Mapping[str, str], days: Mapping[str, date | None]) -> str:
        """Return what is told by telephone."""
        told = {name: self._brief(name, fact) for name, fact in facts.items()}
        return _fitted(f"{message}.sms", self.language, {**told, **self.days(days, short=True)})

    def _brief(self, name: str, fact: str) -> str:
        """Return a fact for a text: in English without what would leave 70 characters of the 160."""
        if self.language == "zh":
            return fact
        plain = "".join(letter for letter in normalize("NFKD", fact) if not combining(letter))
        if name != "title":
            return plain
        return f'"{plain}"' if plain.isascii() else say("sms.your_book", self.language)

    def runs(self, runs: Iterable[Run]) -> str:
        said = [said_run(run, self.language) for run in runs]
        return joined("value.several", said, self.language) if said else ""

    def days(self, days: Mapping[str, date | None], *, short: bool = False) -> dict[str, str]:
        return {name: said_day(day, self.language, short=short) if day else "" for name, day in days.items()}


def _fitted(message: str, language: str, facts: Mapping[str, str]) -> str:
    """Return the text with its longest facts cut until it goes out as one."""
    kept = dict(facts)
    for name, least in _CUT:
        over = _over(say(message, language, kept))
        if over > 0 and name in kept:
            kept[name] = _cut(kept[name], max(least, len(kept[name]) - over))
    return say(message, language, kept)


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
