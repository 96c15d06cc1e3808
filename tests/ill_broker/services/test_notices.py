"""What patrons are told: every notice in both languages, as a letter and as a text that fits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ill_broker.services.notice_texts import CARDS, REQUESTS, Wording
from ill_broker.services.notices import Text, card_text, text
from tests.factories import BJTU, LIBRARIES, PKU, START, SZUTL, a_citation, a_library, a_patron, a_request
from workflows.effects import Notice
from workflows.ids import CardId, LibraryCode
from workflows.loan_cards import CardLoan, CardNotice, CardStatus, LoanCard
from workflows.money import Money

DUE = date(2026, 4, 1)
DESK = a_library(BJTU, name_zh="北京交通大学图书馆", desk="Main desk", desk_zh="总服务台")
KNOWN = {**LIBRARIES, BJTU: DESK, PKU: a_library(PKU, name="Peking University", name_zh="北京大学图书馆")}
LANGUAGES = ("en", "zh")
LONGEST = {"en": 160, "zh": 70}


def told(notice: Notice, language: str = "en", desk: Any = DESK, **facts: Any) -> Text:
    request = a_request(
        **{"lender": PKU, "conditions": "in the room", "due": DUE, "hold_until": date(2026, 3, 9), **facts}
    )
    known = {**KNOWN, BJTU: desk}
    patron, fine = a_patron(language=language), Money("CNY", 60)
    return text(notice, request, patron, known, base_url="https://ill.test", fine=fine)


def of_card(notice: CardNotice, language: str = "en", known: dict[LibraryCode, Any] | None = None) -> Text:
    loan = CardLoan(patron=a_patron().id, issued=START, due=DUE)
    card = LoanCard(
        id=CardId("card_1"), barcode="C1", library=PKU, desk=BJTU, consortium="bulc", status=CardStatus.ISSUED
    )
    return card_text(notice, card, loan, a_patron(language=language), known or KNOWN)


ALL = [(language, each) for language in LANGUAGES for each in (*Notice, *CardNotice)]


@pytest.mark.parametrize(("language", "notice"), ALL)
def test_every_notice_is_whole_in_both_languages_on_paper_and_on_the_telephone(
    language: str, notice: Notice | CardNotice
) -> None:
    wording: Wording = (REQUESTS[notice] if isinstance(notice, Notice) else CARDS[notice])[language]
    written = told(notice, language) if isinstance(notice, Notice) else of_card(notice, language)

    for said in (written.subject, written.body, written.sms):
        assert said.strip()
        assert not {"{", "}"} & set(said)
        assert "None" not in said
    assert "Anna" in written.body
    assert written.sms.isascii() or language == "zh" or "红楼梦" in written.sms
    assert ("“" in wording.letter) is (language == "en" and isinstance(notice, Notice))
    assert len(written.sms) <= LONGEST[language]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notice", Notice)
def test_every_notice_names_the_book_and_the_request(notice: Notice, language: str) -> None:
    written = told(notice, language)

    for said in (written.body, written.sms):
        assert "红楼梦" in said
        assert "A1" in said
    assert "https://ill.test/requests/req_1" in written.body


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "notice", [Notice.HANDED_OVER, Notice.DUE_SOON, Notice.OVERDUE, Notice.DUE_CHANGED, Notice.RECALLED]
)
def test_who_has_the_book_is_told_where_to_bring_it_and_when(notice: Notice, language: str) -> None:
    written = told(notice, language)

    assert "2026-04-01" in written.body
    assert {"en": "2026-04-01", "zh": "4月1日"}[language] in written.sms
    assert {"en": "Main desk", "zh": "总服务台"}[language] in written.body
    assert {"en": "Main desk", "zh": "总服务台"}[language] in written.sms


@pytest.mark.parametrize(("language", "amount"), [("en", "CNY 0.60"), ("zh", "0.60元")])
def test_a_fine_is_told_with_its_lender_and_where_to_read_why(language: str, amount: str) -> None:
    written = told(Notice.ACCOUNT, language)

    assert amount in written.body
    assert amount in written.sms
    assert {"en": "Peking University", "zh": "北京大学图书馆"}[language] in written.body


def test_an_amount_in_another_currency_is_not_called_yuan() -> None:
    request, patron = a_request(lender=PKU, due=DUE), a_patron(language="zh")
    written = text(Notice.ACCOUNT, request, patron, KNOWN, base_url="", fine=Money("INR", 500))

    assert "INR 5.00" in written.body


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notice", Notice)
def test_a_long_title_is_cut_so_that_the_rest_of_the_text_stays(notice: Notice, language: str) -> None:
    title = {"en": "On the origin of " * 30, "zh": "资治通鉴" * 60}[language]
    written = told(notice, language, citation=a_citation(title=title))

    assert len(written.sms) <= LONGEST[language]
    assert "A1" in written.sms
    assert {"en": "...", "zh": "…"}[language] in written.sms
    assert title.strip() in written.body


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notice", [*Notice, *CardNotice])
def test_a_desk_with_a_long_name_is_cut_as_well(notice: Notice | CardNotice, language: str) -> None:
    desk = replace(DESK, desk="The desk behind the stairs " * 20, desk_zh="主馆三层办证处" * 20)
    title = {"en": "On the origin of " * 30, "zh": "资治通鉴" * 60}[language]
    if isinstance(notice, Notice):
        written = told(notice, language, desk, citation=a_citation(title=title))
    else:
        written = of_card(notice, language, {**KNOWN, BJTU: desk})

    assert len(written.sms) <= LONGEST[language]


def test_a_title_is_text_and_no_gap_to_fill() -> None:
    written = told(Notice.ARRIVED, citation=a_citation(title="{mobile}\n  {0} %s"))

    assert "“{mobile} {0} %s”" in written.body


def test_a_desk_without_a_name_is_the_librarys() -> None:
    assert DESK.name in told(Notice.ARRIVED, desk=replace(DESK, desk="", desk_zh="")).body


def test_who_was_asked_by_nobody_in_the_end_has_no_lender() -> None:
    assert "Anna" in told(Notice.UNFILLED, lender=None, due=None, hold_until=None, conditions=None).body


def test_a_fine_that_is_not_known_is_left_open() -> None:
    request = a_request(lender=SZUTL)

    assert "None" not in text(Notice.HOLD_EXPIRED, request, a_patron(), KNOWN, base_url="").body
