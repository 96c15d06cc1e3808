"""What patrons are told: every notice in both languages, as a letter and as a text that fits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ill_broker.services.delivery.notices import News, Text, card_text, text
from tests.factories import BJTU, LIBRARIES, PKU, START, SZUTL, a_citation, a_library, a_patron, a_request
from workflows.cards.card import CardLoan, CardNotice, CardStatus, LoanCard
from workflows.ids import CardId, LibraryCode
from workflows.money import Money
from workflows.requests.effects import Notice

DUE = date(2026, 4, 1)
DESK = a_library(BJTU, name_zh="北京交通大学图书馆", desk="Main desk", desk_zh="总服务台")
KNOWN = {**LIBRARIES, BJTU: DESK, PKU: a_library(PKU, name="Peking University", name_zh="北京大学图书馆")}
LANGUAGES = ("en", "zh")
LONGEST = {"en": 160, "zh": 70}
#: titles as libraries have them, in every script
TITLES = [
    "红楼梦",
    "Café society",
    "[Kant] {reader}",
    "𠮷野家" * 20,
    "war & peace " * 20,
    "Война и мир",
    "资治通鉴" * 60,
]


def units(sms: str) -> int:
    """Return how much of a telephone's message a text takes, as gateways count it."""
    return len(sms) + sum(map(sms.count, "[]{}\\^~|")) if sms.isascii() else len(sms.encode("utf-16-le")) // 2


def told(notice: Notice, language: str = "en", desk: Any = DESK, **facts: Any) -> Text:
    request = a_request(
        **{"lender": PKU, "conditions": "in the room", "due": DUE, "hold_until": date(2026, 3, 9), **facts}
    )
    known = {**KNOWN, BJTU: desk}
    patron, fine = a_patron(language=language), Money("CNY", 60)
    return text(notice, News(request, known, "https://ill.test", fine=fine), patron)


def of_card(notice: CardNotice, language: str = "en", known: dict[LibraryCode, Any] | None = None) -> Text:
    loan = CardLoan(patron=a_patron().id, issued=START, due=DUE)
    card = LoanCard(
        id=CardId("card_1"), barcode="C1", library=PKU, desk=BJTU, consortium="bulc", status=CardStatus.ISSUED
    )
    return card_text(notice, card, loan, a_patron(language=language), known or KNOWN)


ALL = [(language, each) for language in LANGUAGES for each in (*Notice, *CardNotice)]
OF_REQUESTS = [(language, each) for language in LANGUAGES for each in Notice]


def is_whole(said: str) -> bool:
    return bool(said.strip()) and not {"{", "}"} & set(said) and "None" not in said


def test_every_notice_is_whole_in_both_languages_on_paper_and_on_the_telephone() -> None:
    faulty = []
    for language, notice in ALL:
        written = told(notice, language) if isinstance(notice, Notice) else of_card(notice, language)
        letter, sms = written.letter, written.sms
        rules = {
            "whole": all(map(is_whole, (letter.subject, letter.text, sms))),
            "addressed": "Anna" in letter.text,
            "in the telephone's alphabet": sms.isascii() or language == "zh",
            "short": len(sms) <= LONGEST[language],
        }
        faulty += [(language, notice, rule, written) for rule, holds in rules.items() if not holds]

    assert [] == faulty


def test_every_notice_names_the_book_and_the_request() -> None:
    faulty = []
    for language, notice in OF_REQUESTS:
        written = told(notice, language)
        by_telephone = ({"en": "your book", "zh": "《红楼梦》"}[language], "A1")
        by_letter = ("红楼梦", "A1", "https://ill.test/requests/req_1")
        faulty += [(language, notice, fact, written.sms) for fact in by_telephone if fact not in written.sms]
        letter = written.letter.text
        faulty += [(language, notice, fact, letter) for fact in by_letter if fact not in letter]

    assert [] == faulty


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "notice", [Notice.HANDED_OVER, Notice.DUE_SOON, Notice.OVERDUE, Notice.DUE_CHANGED, Notice.RECALLED]
)
def test_who_has_the_book_is_told_where_to_bring_it_and_when(notice: Notice, language: str) -> None:
    written = told(notice, language)

    assert {"en": "1 April 2026", "zh": "2026年4月1日"}[language] in written.letter.text
    assert {"en": "1 April", "zh": "4月1日"}[language] in written.sms
    assert {"en": "Main desk", "zh": "总服务台"}[language] in written.letter.text
    assert {"en": "Main desk", "zh": "总服务台"}[language] in written.sms


@pytest.mark.parametrize(("language", "amount"), [("en", "CNY 0.60"), ("zh", "0.60 元")])
def test_a_fine_is_told_with_its_lender_and_where_to_read_why(language: str, amount: str) -> None:
    written = told(Notice.ACCOUNT, language)

    assert amount in written.letter.text
    assert amount in written.sms
    assert {"en": "Peking University", "zh": "北京大学图书馆"}[language] in written.letter.text


def test_an_amount_in_another_currency_is_not_called_yuan() -> None:
    request, patron = a_request(lender=PKU, due=DUE), a_patron(language="zh")
    written = text(Notice.ACCOUNT, News(request, KNOWN, "", fine=Money("INR", 500)), patron)

    assert "5.00 印度卢比" in written.letter.text


LONG = {"en": "On the origin of " * 30, "zh": "资治通鉴" * 60}


def test_a_long_title_is_cut_so_that_the_rest_of_the_text_stays() -> None:
    faulty = []
    for language, notice in OF_REQUESTS:
        title = LONG[language]
        written = told(notice, language, citation=a_citation(title=title))
        kept = [fact in written.sms for fact in ("A1", {"en": "...", "zh": "…"}[language])]
        if len(written.sms) > LONGEST[language] or not all(kept) or title.strip() not in written.letter.text:
            faulty.append((language, notice, written))

    assert [] == faulty


def test_a_desk_with_a_long_name_is_cut_as_well() -> None:
    desk = replace(DESK, desk="The desk behind the stairs " * 20, desk_zh="主馆三层办证处" * 20)
    texts = {
        (language, notice): told(notice, language, desk, citation=a_citation(title=LONG[language])).sms
        if isinstance(notice, Notice)
        else of_card(notice, language, {**KNOWN, BJTU: desk}).sms
        for language, notice in ALL
    }

    assert {} == {which: sms for which, sms in texts.items() if len(sms) > LONGEST[which[0]]}


def test_a_title_is_text_and_no_gap_to_fill() -> None:
    written = told(Notice.ARRIVED, citation=a_citation(title="{mobile}\n  {0} %s"))

    assert "“{mobile} {0} %s”" in written.letter.text


def test_a_desk_without_a_name_is_the_librarys() -> None:
    assert DESK.name in told(Notice.ARRIVED, desk=replace(DESK, desk="", desk_zh="")).letter.text


def test_who_was_asked_by_nobody_in_the_end_has_no_lender() -> None:
    assert (
        "Anna" in told(Notice.UNFILLED, lender=None, due=None, hold_until=None, conditions=None).letter.text
    )


def test_a_fine_that_is_not_known_is_left_open() -> None:
    request = a_request(lender=SZUTL)

    assert "None" not in text(Notice.HOLD_EXPIRED, News(request, KNOWN, ""), a_patron()).letter.text


def test_a_text_goes_out_as_one_message_whatever_the_title_is_written_in() -> None:
    texts = {
        (language, notice, title): told(notice, language, citation=a_citation(title=title)).sms
        for language, notice in OF_REQUESTS
        for title in TITLES
    }

    assert {} == {which: sms for which, sms in texts.items() if units(sms) > (160 if sms.isascii() else 70)}
    assert {} == {which: sms for which, sms in texts.items() if "A1" not in sms}


def test_a_title_in_latin_letters_stands_in_an_english_text() -> None:
    assert '"Cafe society"' in told(Notice.ARRIVED, citation=a_citation(title="Café society")).sms


def test_an_english_letter_begins_with_a_capital_or_the_title() -> None:
    letters: dict[Notice | CardNotice, str] = {notice: told(notice).letter.text for notice in Notice}
    letters |= {notice: of_card(notice).letter.text for notice in CardNotice}
    begun = {notice: said.split("\n\n")[1] for notice, said in letters.items()}

    assert {} == {notice: said for notice, said in begun.items() if not said[0].isupper() and said[0] != "“"}


LAST = date(2026, 3, 31)


def test_a_letter_says_when_the_desk_is_closed_while_the_book_is_kept() -> None:
    closed = (date(2026, 3, 16), date(2026, 3, 17)), (date(2026, 3, 20), date(2026, 3, 20))
    news = News(a_request(hold_until=date(2026, 3, 23)), KNOWN, "https://ill.test", closed=closed)
    said = {
        "zh": "服务台以下日子不开放：2026年3月16日至2026年3月17日、2026年3月20日。",
        "en": "the desk is closed: 16 March 2026 to 17 March 2026, 20 March 2026.",
    }
    for language, sentence in said.items():
        patron = a_patron(language=language)

        assert sentence in text(Notice.HOLD_ENDING, news, patron).letter.text
        assert sentence not in text(Notice.HOLD_ENDING, replace(news, closed=()), patron).letter.text


@pytest.mark.parametrize(
    ("language", "last", "said"),
    [
        ("zh", DUE, "该日服务台开放。"),
        ("zh", LAST, "该日服务台不开放，此前最后一个开放日为2026年3月31日。"),
        ("en", DUE, "The desk is open on that day."),
        (
            "en",
            LAST,
            "closed on that day; it is open for the last time before it on 31 March 2026.",
        ),
    ],
)
@pytest.mark.parametrize("notice", [Notice.HANDED_OVER, Notice.DUE_SOON])
def test_a_letter_says_when_the_desk_is_open_for_the_last_time(
    notice: Notice, language: str, last: date, said: str
) -> None:
    news = News(a_request(lender=PKU, due=DUE), KNOWN, "", last_desk_day=last)

    assert said in text(notice, news, a_patron(language=language)).letter.text


@pytest.mark.parametrize(("language", "offer"), [("zh", "可以续借"), ("en", "you can renew it")])
def test_a_renewal_is_offered_while_one_is_left(language: str, offer: str) -> None:
    request, patron = a_request(lender=PKU, due=DUE), a_patron(language=language)
    left, used_up = (
        text(Notice.DUE_SOON, News(request, KNOWN, "", is_renewable=is_left), patron).letter.text
        for is_left in (True, False)
    )

    assert (True, False) == (offer in left, offer in used_up)
    assert "renew" not in used_up
    assert "续借" not in used_up
