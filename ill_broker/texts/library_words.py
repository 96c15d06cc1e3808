"""A member library in the words of one language: what it says itself, and what follows from its policy."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from ill_broker.texts.catalogue import say
from ill_broker.texts.days_and_amounts import said_amount
from ill_broker.texts.policy_values import joined, spoken
from workflows.languages import Language
from workflows.money import Money
from workflows.policies.library_page import LibraryPage
from workflows.policies.particulars import Document, particulars, said_in

#: what is said of a library that has no policy
_NOTHING: Document = {"opening_hours": {}}


class Sentence(StrEnum):
    """What follows from a policy for its readers."""

    FREE = "free"
    FEE = "fee"
    CALLED = "called"
    FOREIGN_FIRST = "foreign_first"
    CARD_MEMBERS = "card_members"
    CARDS = "cards"
    STUDENT_CARD_NUMBER = "student_card_number"
    MOBILE_PHONE = "mobile_phone"
    EMAIL = "email"
    EMAIL_VERIFICATION = "email_verification"
    NOT_LENDABLE = "not_lendable"
    READING_ROOM_ONLY = "reading_room_only"
    LANGUAGE_NOT_LENT = "language_not_lent"
    CATEGORY_NOT_ENTITLED = "category_not_entitled"
    PERMISSION_REQUIRED = "permission_required"

    @property
    def message(self) -> str:
        return f"library.{self}"


_NOT_LENT = (
    Sentence.NOT_LENDABLE,
    Sentence.READING_ROOM_ONLY,
    Sentence.LANGUAGE_NOT_LENT,
    Sentence.CATEGORY_NOT_ENTITLED,
    Sentence.PERMISSION_REQUIRED,
)
_REGISTRATION = (Sentence.STUDENT_CARD_NUMBER, Sentence.MOBILE_PHONE, Sentence.EMAIL)


def in_words(entry: LibraryPage, wanted: str) -> dict[str, Any]:
    """Return what is shown of a library."""
    language: Language = "en" if wanted == "en" else "zh"
    library, said = entry.library, said_in(entry.said or _unsaid(), language)
    follows = {
        ("notices", "not_lent"): not_lent(entry.document, language),
        ("notices", "borrowing"): _borrowing(entry, language),
        ("registration", "hints"): _registering(entry.document, language),
    }
    for (section, key), sentences in follows.items():
        said[section][key] = [*sentences, *said[section][key]]
    return said | {
        "code": library.code,
        "name": library.name_zh if language == "zh" else library.name,
        "desk": library.desk_zh if language == "zh" else library.desk,
        "lends": library.lends,
        "opening_hours": said["opening_hours"] or None,
    }


def not_lent(document: Document, language: Language) -> Iterator[str]:
    """Yield what is not lent to everybody, by the rules of a policy."""
    for rule in document.get("lendability") or ():
        if rule["lend"] != "yes":
            known = next((one for one in _NOT_LENT if one == rule["code"]), None)
            otherwise = (
                Sentence.PERMISSION_REQUIRED if rule["lend"] == "permission" else Sentence.NOT_LENDABLE
            )
            yield say((known or otherwise).message, language, {"what": _what(rule.get("when"), language)})


def _what(when: Mapping[str, Any] | None, language: Language) -> str:
    """Return what a rule is about: "newspaper, reference work", "language foreign"."""
    if not when:
        return spoken("everything_else", language)
    told = (
        spoken(value, language)
        if key == "type"
        else spoken(key, language)
        if value is True
        else f"{spoken(key, language)} {spoken(value, language)}"
        for key, value in when.items()
    )
    return joined("value.parts", told, language)


def _borrowing(entry: LibraryPage, language: Language) -> Iterator[str]:
    fee = entry.document.get("service_fee")
    if fee is not None:
        amount = Money.parse(fee, entry.document["currency"])
        sentence = Sentence.FEE if amount.minor else Sentence.FREE
        yield say(sentence.message, language, {"amount": said_amount(amount, language)})
    if entry.policy is not None and entry.policy.calls_patrons:
        yield say(Sentence.CALLED.message, language)
    if entry.policy is not None and entry.policy.prefers_foreign:
        yield say(Sentence.FOREIGN_FIRST.message, language)
    yield from _cards(entry, language)


def _cards(entry: LibraryPage, language: Language) -> Iterator[str]:
    """Yield what there is to know of loan cards, the consortium's own words last."""
    if entry.cards is None:
        return
    if isinstance(members := entry.cards.get("members"), int):
        yield say(Sentence.CARD_MEMBERS.message, language, {"members": members})
    terms = entry.cards["loan_cards"]
    facts = {"most": terms["max_per_reader"], "period": spoken(terms["period"], language)}
    yield say(Sentence.CARDS.message, language, facts)
    said = particulars(entry.cards, {}, today=entry.today)
    yield from said_in(said, language)["notices"]["borrowing"]


def _registering(document: Document, language: Language) -> Iterator[str]:
    told = document.get("registration")
    if not isinstance(told, Mapping):
        return
    required = told.get("required")
    for sentence in _REGISTRATION:
        if isinstance(required, list) and sentence in required:
            yield say(sentence.message, language)
    if told.get("email_verification") is True:
        yield say(Sentence.EMAIL_VERIFICATION.message, language)


def _unsaid() -> Document:
    return particulars(_NOTHING, {}, today="")
