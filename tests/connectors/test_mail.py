"""Letters over SMTP, handed to a real server on loopback."""

from __future__ import annotations

import smtplib
import socket
from email.utils import parsedate_to_datetime

import pytest

from connectors.failures import PartnerFailure, Refused, Unreachable
from connectors.mail.client import SmtpMailer
from connectors.mail.codec import message_of
from connectors.ports import Letter, Mailer
from tests.connectors.factories import letter
from tests.connectors.promises import MailerPromises
from tests.support.smtp import Postbox, faults_of, text_of
from workflows.languages import TAGS

SENDER = "Library <ill@lib.example>"
#: tag -> our word for it
LANGUAGES = {tag: language for language, tag in TAGS.items()}


def mailer_to(postbox: Postbox, **facts: object) -> SmtpMailer:
    return SmtpMailer(postbox.host, postbox.port, SENDER, **facts)  # type: ignore[arg-type]  # facts of several types


class TestSmtpMailer(MailerPromises):
    @pytest.fixture(autouse=True)
    def _postbox(self, postbox: Postbox) -> None:
        self.postbox = postbox

    @pytest.fixture
    def mailer(self) -> Mailer:
        return mailer_to(self.postbox)

    @pytest.fixture
    def unreachable(self) -> Mailer:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        return SmtpMailer("127.0.0.1", port, SENDER, timeout=2)

    def arrived(self) -> list[Letter]:
        return [
            Letter(
                message_id=str(mail["message-id"]).strip("<>").partition("@")[0],
                at=parsedate_to_datetime(str(mail["date"])),
                to=str(mail["to"]),
                subject=str(mail["subject"]),
                text=text_of(mail),
                language=LANGUAGES[str(mail["content-language"])],
            )
            for mail in self.postbox.letters
        ]


def test_a_letter_sent_again_has_the_same_id() -> None:
    first, second = (message_of(letter(), sender=SENDER) for _ in range(2))

    assert str(first["message-id"]) == str(second["message-id"]) == "<msg_3@lib.example>"


@pytest.mark.parametrize(
    "facts",
    [
        {"message_id": "req_01jd7m3k9x4t2v8cq.11.arrived:email"},
        {"message_id": "card_01jd7m3k9x4t2v8cq.2.due_soon:card_notice:email"},
        {"message_id": f"req_{'0' * 200}:email"},
        {"subject": "书" * 300},
        {"text": "Chinese 书 " * 300},
        {"text": "x" * 2000 + "\n"},
        {"text": ".\n\n.\n"},
        {"to": "o'neill+ill@lib.example"},
    ],
)
@pytest.mark.parametrize(
    "sender", ["ill-broker@localhost", "图书馆 <ill@a-very-long-name.of-a-library.example>"]
)
def test_no_letter_is_malformed(facts: dict[str, str], sender: str) -> None:
    message = message_of(letter(**facts), sender=sender)

    assert [] == faults_of(message.as_bytes())


def test_ids_that_differ_differ_in_letters() -> None:
    ids = ("req_1.2.arrived:email", "req_1.2.arrived:sms", "req_1.21.arrived:email", "msg_1:mail")
    written = {str(message_of(letter(message_id=each), sender=SENDER)["message-id"]) for each in ids}

    assert len(ids) == len(written)


def test_a_letter_that_release_0_1_left_in_the_outbox_names_its_tag() -> None:
    assert "zh-Hans" == message_of(letter(language="zh-Hans"), sender=SENDER)["content-language"]


@pytest.mark.parametrize("facts", [{"to": "a@b\nBcc: c@d"}, {"subject": "x\r\nBcc: c@d"}])
def test_no_header_can_be_smuggled_in(postbox: Postbox, facts: dict[str, str]) -> None:
    with pytest.raises(Refused):
        mailer_to(postbox).send(letter(**facts))

    assert postbox.letters == []


def test_a_mailbox_that_does_not_exist_is_given_up(postbox: Postbox) -> None:
    postbox.refused.add("li@example.org")
    with pytest.raises(Refused) as caught:
        mailer_to(postbox).send(letter())

    assert not caught.value.again


@pytest.mark.parametrize("facts", [{"security": "starttls"}, {"user": "u", "password": "p"}, {"user": "u"}])
def test_a_server_that_lacks_what_we_need_refuses(postbox: Postbox, facts: dict[str, object]) -> None:
    with pytest.raises(Refused):
        mailer_to(postbox, **facts).send(letter())


def test_tls_from_the_first_byte_is_not_talked_to_a_server_without_it(postbox: Postbox) -> None:
    with pytest.raises(Unreachable):
        mailer_to(postbox, security="tls", timeout=2).send(letter())

    assert postbox.letters == []


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (smtplib.SMTPDataError(451, b"later"), True),
        (smtplib.SMTPDataError(554, b"no"), False),
        (smtplib.SMTPRecipientsRefused({"a": (450, b"greylisted")}), True),
        (smtplib.SMTPServerDisconnected("gone"), True),
    ],
)
def test_a_server_that_says_later_is_asked_later(
    monkeypatch: pytest.MonkeyPatch,
    postbox: Postbox,
    error: Exception,
    *,
    again: bool,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(smtplib.SMTP, "send_message", refuse)
    with pytest.raises(PartnerFailure) as caught:
        mailer_to(postbox).send(letter())

    assert again is caught.value.again
