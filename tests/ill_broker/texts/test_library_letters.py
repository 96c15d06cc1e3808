"""What libraries that are asked by e-mail are written: what is wanted, and where it is answered."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

import pytest

from connectors import ports
from connectors.mail.codec import message_of
from connectors.ports import Letter, Telling
from ill_broker.texts.catalogue import LANGUAGES
from ill_broker.texts.library_letters import library_letter
from tests.connectors.factories import NOW, ask
from tests.ill_broker.texts.hostile import HOSTILE
from tests.support.smtp import faults_of
from workflows.citation import Citation, Holding
from workflows.ids import LibraryCode

TELLINGS = get_args(ports.Telling)
LINK = "https://broker.example/partner/req_1"


def written(message: ports.Message, language: str = "en") -> Letter:
    return library_letter(message, to="ill@bhu.example", language=language, link=LINK)


def test_the_ask_says_what_is_wanted_and_where_it_is_answered() -> None:
    letter = written(ask(number="K7M2-93", needed_by=date(2026, 4, 1), note="Hard cover, please"))

    assert "Inter-library loan request K7M2-93: 三体" == letter.subject
    assert ("ill@bhu.example", "en") == (letter.to, letter.language)
    for said in (
        "三体",
        "9787536692930",
        "Barcode: B1",
        "Needed by: 1 April 2026",
        "Send it to: Main desk",
        "Hard cover, please",
        LINK,
        "write K7M2-93 on the parcel",
    ):
        assert said in letter.text


def test_a_library_is_written_to_in_its_language() -> None:
    letter = written(ask(number="K7M2-93"), "zh")

    assert "zh" == letter.language
    assert "索书号" not in letter.text
    assert "条码：B1" in letter.text


def test_the_desk_is_named_in_the_language_of_the_letter() -> None:
    desk = ports.Desk("bjtu", "BJTU Library", "Main desk", "北京交通大学图书馆", "主馆三层办证处")
    chinese, english = (written(ask(desk=desk), language).text for language in ("zh", "en"))

    assert "北京交通大学图书馆的一位读者" in chinese
    assert "寄往：北京交通大学图书馆，主馆三层办证处" in chinese
    assert "Send it to: BJTU Library, Main desk" in english
    assert "BJTU" not in chinese
    assert "北京" not in english


def test_a_title_cannot_break_out_of_the_subject() -> None:
    letter = written(ask(citation=Citation(title="One\r\nBcc: all@example.org")))

    assert "Inter-library loan request req_1: One Bcc: all@example.org" == letter.subject


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", TELLINGS)
def test_there_are_words_for_everything_that_is_told(kind: Any, language: str) -> None:
    telling: Telling = kind(message_id="msg_9", request_id="req_1", at=NOW, number="K7M2-93")
    letter = written(telling, language)

    assert "msg_9" == letter.message_id
    assert "K7M2-93" in letter.subject
    assert "None" not in letter.text
    assert "{" not in letter.subject + letter.text


def test_what_is_known_stands_in_the_letter() -> None:
    returned = ports.TellReturned(message_id="m", request_id="req_1", at=NOW, tracking="SF123")
    due = ports.TellDueDate(message_id="m", request_id="req_1", at=NOW, lender_due=date(2026, 4, 20))

    assert "SF123" in written(returned).text
    assert "20 April 2026" in written(due).text
    assert "not known" in written(ports.TellReturned(message_id="m", request_id="req_1", at=NOW)).text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_word_of_a_catalogue_or_a_reader_is_taken_for_markup(hostile: str, language: str) -> None:
    held = Holding(library=LibraryCode("bhu"), record_id="1", barcode=hostile, call_number=hostile)
    message = ask(citation=Citation(title=hostile, author=hostile), holding=held, note=hostile)
    letter = written(message, language)

    assert hostile in letter.text
    assert [] == faults_of(message_of(letter, sender="ill@lib.example").as_bytes())
