"""Every kind of letter, in both languages, from the act that causes it to a strict mail server."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest

from connectors import ports
from connectors.mail.client import SmtpMailer
from connectors.mail.partner import ByMail
from connectors.ports import Connectors
from ill_broker.jobs.deadlines import remind_holders, ring_alarms
from ill_broker.services.cards.loan_cards import LoanCards, NewCard
from ill_broker.services.delivery.delivery import Delivery
from ill_broker.services.discovery import wish_notices
from ill_broker.services.people import mails
from ill_broker.services.requests import typed_notices
from ill_broker.storage import outbox
from ill_broker.storage import typed_requests as typed_rows
from ill_broker.storage import wishes as wish_rows
from ill_broker.storage.store import Store
from ill_broker.texts.catalogue import say
from ill_broker.texts.library_letters import library_letter
from tests.factories import BJTU, DAY, FJMU, PKU, SZUTL, a_citation
from tests.ill_broker.services.lending import DESK, LEASE, Lending
from tests.support.smtp import Postbox
from workflows.cards.card import CardNotice
from workflows.discovery.wishes import WishNotice, new_wish
from workflows.ids import LibraryCode, TypedRequestId, WishId
from workflows.requests.commands import (
    AnswerConditions,
    Arrive,
    CallResult,
    Cancel,
    HandOver,
    RecordCall,
    Renew,
    ReportedStatus,
    ReportLoss,
    ShipBack,
    TakeBack,
)
from workflows.requests.effects import Notice, Tell
from workflows.requests.request import Request
from workflows.requests.typed import NOTICE_IN, Declined, TypedNotice, TypedRequest

_NUMBER = re.compile(r"[A-Z0-9]{4}-[A-Z0-9]{2}")
SENDER = "馆际互借 <ill@broker.example>"
LIBRARY = "ill@lender.example"
TAGS = {"zh": "zh-Hans", "en": "en"}
#: the letters are the same on the other one
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Writing(Lending):
    """A consortium whose letters go to a mail server, and whose lenders are asked by letter."""

    def __init__(self, store: Store, postbox: Postbox, language: str) -> None:
        self.postbox, self.language = postbox, language
        self.mailer = SmtpMailer(postbox.host, postbox.port, SENDER)
        super().__init__(store)
        for lender in (SZUTL, FJMU):
            self.lenders.by_hand[lender] = Connectors(lender, supplier=self.by_mail(LIBRARY))
        self.reader = self.patron("li", language=language)
        self._wanted = 0

    def by_mail(self, address: str) -> ByMail:
        return ByMail(
            self.mailer,
            lambda message: library_letter(
                message, to=address, language=self.language, link=f"https://ill.test/{message.request_id}"
            ),
        )

    def hand(self, owner: str) -> Delivery:
        return Delivery(
            self.store,
            self.requests,
            self.directory,
            self.lenders,
            self.mailer,
            owner=owner,
            base_url="https://ill.test",
        )

    def wanted(self, *lenders: LibraryCode) -> Request:
        self._wanted += 1
        isbn = f"978702000{self._wanted:04}"
        request = self.submit(self.reader, self.wish(self.reader, isbn=isbn, lenders=lenders))
        self.deliver()
        return request

    def all(self, request: Request, *commands: Any) -> Request:
        """Let the desk do one thing after another, and send what follows from each."""
        for command in commands:
            request = self.do(request, command)
            self.deliver()
        return request

    def on_loan(self, lender: LibraryCode) -> Request:
        return self.all(self.wanted(lender), Arrive(), RecordCall(result=CallResult.REACHED), HandOver())

    def ring(self, request: Request) -> None:
        """Let the request's alarm ring at its hour, and send in the morning what follows."""
        alarm = self.load(request).alarm
        assert alarm is not None
        self.now = alarm.at
        ring_alarms(self.store, self.requests, self.now)
        self.now += timedelta(hours=10)
        self.deliver()

    def subjects(self, address: str) -> list[str]:
        return [str(letter["subject"]) for letter in self.postbox.to(address)]


@pytest.fixture(params=["zh", "en"])
def writing(request: pytest.FixtureRequest, store: Store, postbox: Postbox) -> Writing:
    return Writing(store, postbox, request.param)


def to_the_end(writing: Writing) -> None:
    """Borrow on conditions, renew, be late, and pay."""
    request = writing.wanted(SZUTL)
    writing.hear(request, ReportedStatus.RETRY_POSSIBLE, reason="LoanCondition", note="馆内阅览")
    writing.deliver()
    request = writing.all(
        request,
        AnswerConditions(accept=True),
        Arrive(),
        RecordCall(result=CallResult.REACHED),
        HandOver(),
        Renew(),
    )
    writing.ring(request)
    writing.ring(request)
    writing.all(request, TakeBack(), ShipBack(tracking="SF1"))


def not_collected(writing: Writing) -> None:
    request = writing.all(writing.wanted(FJMU), Arrive(), RecordCall(result=CallResult.REACHED))
    writing.ring(request)
    writing.ring(request)


def nobody_lends(writing: Writing) -> None:
    writing.hear(writing.wanted(SZUTL), ReportedStatus.UNFILLED)
    writing.deliver()


def called_back_and_lost(writing: Writing) -> None:
    request = writing.on_loan(FJMU)
    writing.hear(request, ReportedStatus.RECALLED)
    writing.deliver()
    writing.all(request, ReportLoss(note="火车上"))


def not_wanted_after_all(writing: Writing) -> None:
    request = writing.wanted(SZUTL)
    writing.hear(request, ReportedStatus.RETRY_POSSIBLE, reason="LoanCondition", note="馆内阅览")
    writing.all(request, AnswerConditions(accept=False))
    writing.all(writing.wanted(SZUTL), Cancel())


def a_card(writing: Writing) -> None:
    cards = LoanCards(writing.store, writing.directory)
    cards.stock_in(NewCard(barcode="C1", library=PKU, desk=BJTU), DESK, now=writing.now)
    cards.issue("C1", writing.reader.card_number, DESK, now=writing.now)
    writing.deliver()
    for days in (28, 5):
        writing.now += days * DAY
        remind_holders(writing.store, cards, writing.now)
        writing.deliver()


def an_account(writing: Writing) -> None:
    facts = {"base": "https://ill.test", "link": "https://ill.test/reset#x", "hours": 2}
    with writing.store.writing() as conn:
        outbox.add(conn, [mails.letter(mail, writing.reader, writing.now, **facts) for mail in mails.Mail])
    writing.deliver()


def wishes(writing: Writing) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    with writing.store.writing() as conn:
        for notice in WishNotice:
            name = WishId(f"wsh_{notice}")
            wish = new_wish(name, writing.reader.id, a_citation(), now=writing.now, zone=zone)
            wish_rows.add(conn, replace(wish, library=SZUTL, call_number="I242.4/7"))
            outbox.add(conn, wish_notices.orders(wish, notice, writing.now, by_sms=False))
    writing.deliver()


def typed(writing: Writing) -> None:
    with writing.store.writing() as conn:
        for number, (status, notice) in enumerate(NOTICE_IN.items()):
            one = TypedRequest(
                id=TypedRequestId(f"typ_{notice}"),
                number=f"K7M2-9{number}",
                patron=writing.reader.id,
                library=writing.reader.home,
                typed=a_citation(),
                citation=a_citation(),
                created_at=writing.now,
                until=writing.now,
                status=status,
                question="Which volume?",
                reason=Declined.OTHER,
                remark="Too old.",
            )
            typed_rows.add(conn, one)
            outbox.add(conn, typed_notices.orders(one, writing.now, by_sms=False))
    writing.deliver()


STORIES: tuple[Callable[[Writing], None], ...] = (
    an_account, wishes, typed, a_card, to_the_end, not_collected, nobody_lends, not_wanted_after_all,
    called_back_and_lost,
)  # fmt: skip


def test_every_kind_of_letter_to_a_patron_is_taken_by_a_strict_mail_server(writing: Writing) -> None:
    for story in STORIES:
        story(writing)
    kinds = {
        "notice": Notice,
        "card_notice": CardNotice,
        "wish_notice": WishNotice,
        "letter": mails.Mail,
        "typed_notice": TypedNotice,
    }
    subjects = {
        say(f"{name}.{each}.subject", writing.language) for name, kind in kinds.items() for each in kind
    }
    letters = writing.postbox.to(writing.reader.email)

    assert subjects == set(writing.subjects(writing.reader.email))
    assert {"multipart/alternative"} == {letter.get_content_type() for letter in letters}
    assert {TAGS[writing.language]} == {letter["content-language"] for letter in letters}
    assert len(letters) == len({letter["message-id"] for letter in letters})


def test_every_kind_of_letter_to_a_library_is_taken_by_a_strict_mail_server(writing: Writing) -> None:
    for story in (to_the_end, not_wanted_after_all, called_back_and_lost):
        story(writing)
    by_the_outbox = {_NUMBER.sub("K7M2-93", subject) for subject in writing.subjects(LIBRARY)}
    for kind in get_args(ports.Telling):
        message = kind(
            message_id=f"req_1.2.{kind.__name__}", request_id="req_1", at=writing.now, number="K7M2-93"
        )
        writing.by_mail("all@lender.example").tell(message)
    by_kind = writing.subjects("all@lender.example")
    letters = writing.postbox.to(LIBRARY)

    assert len(Tell) == len(by_the_outbox)
    assert len(get_args(ports.Telling)) == len(by_kind)
    assert len(Tell) - 1 == len(by_the_outbox & set(by_kind))  # all but the first, which asks
    assert {TAGS[writing.language]} == {letter["content-language"] for letter in letters}
    assert {"multipart/alternative"} == {letter.get_content_type() for letter in letters}


def test_a_letter_that_two_workers_send_has_one_id(writing: Writing) -> None:
    """The first is thought dead when its lease has ended, and sends the letter all the same."""
    writing.do(writing.wanted(SZUTL), Arrive())
    slow = writing.hand("worker-1").claim(writing.now, 50)
    writing.now += 2 * LEASE
    writing.deliver(writing.hand("worker-2"))
    for entry in slow:
        writing.delivery.deliver(entry, now=writing.now)
    ids = [letter["message-id"] for letter in writing.postbox.to(writing.reader.email)]

    assert [1, 2] == [len(set(ids)), len(ids)]
