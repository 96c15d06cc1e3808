"""Libraries that are asked by e-mail: what they are written, over a real mail server."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

import pytest

from connectors import ports
from connectors.failures import Unreachable
from connectors.mail.client import SmtpMailer
from connectors.mail.partner import ByMail, MailProfile
from connectors.ports import Letter, Supplier, Telling
from tests.connectors.factories import NOW, ask, cancel
from tests.connectors.promises import SupplierPromises
from tests.support.smtp import Postbox
from workflows.citation import Citation

TELLINGS = get_args(ports.Telling)


class Desk:
    """A mailer that keeps what it is handed."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def send(self, letter: Letter) -> None:
        self.letters.append(letter)


def by_mail(mailer: ports.Mailer, language: str = "en") -> ByMail:
    profile = MailProfile("ill@bhu.example", language)
    return ByMail("bhu", profile, mailer, lambda request_id: f"https://broker.example/partner/{request_id}")


def written(message: ports.Message, language: str = "en") -> Letter:
    desk = Desk()
    library = by_mail(desk, language)
    library.ask(message) if isinstance(message, ports.AskToSupply) else library.tell(message)
    return desk.letters[0]


class TestByMail(SupplierPromises):
    @pytest.fixture
    def supplier(self, postbox: Postbox) -> Supplier:
        return by_mail(SmtpMailer(postbox.host, postbox.port, "Library <ill@lib.example>"))


def test_the_ask_says_what_is_wanted_and_where_it_is_answered(postbox: Postbox) -> None:
    library = by_mail(SmtpMailer(postbox.host, postbox.port, "Library <ill@lib.example>"))
    library.ask(ask(number="K7M2-93", needed_by=date(2026, 4, 1), note="Hard cover, please"))
    (mail,) = postbox.letters
    text = mail.get_content()

    assert "Inter-library loan request K7M2-93: 三体" == str(mail["subject"])
    assert ("ill@bhu.example", "en") == (str(mail["to"]), str(mail["content-language"]))
    for said in (
        "三体",
        "9787536692930",
        "Barcode: B1",
        "Needed by: 1 April 2026",
        "Send it to: Main desk",
        "Hard cover, please",
        "https://broker.example/partner/req_1",
        "write K7M2-93 on the parcel",
    ):
        assert said in text


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


def test_a_mail_server_that_does_not_answer_is_tried_again() -> None:
    nobody = by_mail(SmtpMailer("127.0.0.1", 1, "ill@lib.example", timeout=1))
    with pytest.raises(Unreachable) as failure:
        nobody.tell(cancel())

    assert failure.value.again
