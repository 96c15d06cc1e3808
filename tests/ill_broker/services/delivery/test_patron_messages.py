"""Telling patrons: looked at again before it is sent, by day, once on each channel, and kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from connectors.failures import Refused, Unreachable
from connectors.ports import ShortText
from ill_broker.jobs.deadlines import ring_alarms
from ill_broker.services.accounts.account import Accounts
from ill_broker.services.delivery.delivery import Delivery
from ill_broker.services.delivery.notice_log import Fate, NoticeLog
from ill_broker.services.refusals import Unknown
from ill_broker.storage import libraries, people
from ill_broker.storage.store import Store
from tests.factories import BJTU, DAY, LIBRARIES, SZUTL
from tests.ill_broker.services.lending import DESK, OFFICE, Lending, as_patron
from tests.support.stored import balance
from workflows.accounts.account import Key
from workflows.actors import Actor, Role
from workflows.ids import LibraryCode
from workflows.patrons import Patron
from workflows.requests.commands import (
    Arrive,
    CallResult,
    HandOver,
    RecordCall,
    Renew,
    ReportLoss,
    TakeBack,
    Undo,
)
from workflows.requests.request import Request


class Texts:
    """Takes every text; *refuse* may fail."""

    def __init__(self) -> None:
        self.sent: list[ShortText] = []
        self.refuse: Callable[[ShortText], None] = lambda _: None

    def send(self, text: ShortText) -> None:
        self.refuse(text)
        self.sent.append(text)


class Telling(Lending):
    """A consortium whose library at home texts its patrons."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.texts = Texts()
        with store.writing() as conn:
            libraries.put(conn, replace(LIBRARIES[BJTU], by_sms=True))
        self.delivery = self.by(self.texts)
        self.log = NoticeLog(store)

    def by(self, gateway: Texts | None) -> Delivery:
        return Delivery(
            self.store,
            self.requests,
            self.directory,
            self.lenders,
            self.mails,
            owner="worker-1",
            gateway=gateway,
            base_url="https://ill.test",
        )

    def on_loan(self) -> Request:
        request = self.asked(SZUTL)
        for step in (Arrive(), RecordCall(result=CallResult.REACHED), HandOver()):
            request = self.do(request, step)
        return request

    def ring(self, request: Request) -> Request:
        """Let the request's alarm ring at its hour."""
        alarm = self.load(request).alarm
        assert alarm is not None
        self.now = alarm.at
        ring_alarms(self.store, self.requests, self.now)
        return self.load(request)

    def fates(self, request: Request, actor: Actor = OFFICE) -> list[tuple[str, str, Fate]]:
        return [(one.notice, one.channel, one.fate) for one in self.log.of_request(request.id, actor)]


@pytest.fixture
def telling(store: Store) -> Telling:
    return Telling(store)


def failing(error: Exception) -> Callable[[object], None]:
    def fail(_: object) -> None:
        raise error

    return fail


def test_an_arrival_is_told_once_on_each_channel(telling: Telling) -> None:
    request = telling.do(telling.asked(SZUTL), Arrive())
    telling.deliver()
    telling.deliver()
    (text,), (letter,) = telling.texts.sent, telling.mails.letters

    assert ("+8613800000000", True) == (text.to, request.number in text.text)
    assert "您申请的图书已到馆" == letter.subject
    assert text.message_id != letter.message_id
    assert [
        ("arrived", "email", Fate.SENT), ("arrived", "sms", Fate.SENT), ("arrived", "call", Fate.LISTED)
    ] == telling.fates(request)  # fmt: skip


def test_whoever_was_reached_is_not_on_the_call_list(telling: Telling) -> None:
    request = telling.do(telling.asked(SZUTL), Arrive())
    telling.do(request, RecordCall(result=CallResult.REACHED))
    telling.deliver()

    assert ("arrived", "call", Fate.NOT_TIMELY) in telling.fates(request)


def test_at_night_nothing_is_sent_and_in_the_morning_all_of_it_is(telling: Telling) -> None:
    telling.now = datetime.fromisoformat("2026-03-02T22:00+08:00")
    request = telling.do(telling.asked(SZUTL), Arrive())
    telling.deliver()
    waiting = [entry for entry in telling.entries(request) if entry.kind == "notice"]

    assert ([], []) == (telling.texts.sent, telling.mails.letters)
    assert {(datetime.fromisoformat("2026-03-03T08:00+08:00"), 0)} == {
        (entry.due_at, entry.attempts) for entry in waiting
    }

    telling.now = waiting[0].due_at
    telling.deliver()

    assert (1, 1) == (len(telling.texts.sent), len(telling.mails.letters))


def test_what_is_no_longer_true_in_the_morning_is_not_sent(telling: Telling) -> None:
    request = telling.on_loan()
    telling.deliver()
    before = len(telling.mails.letters)
    telling.now = datetime.fromisoformat("2026-03-10T22:00+08:00")
    telling.do(request, Renew())
    telling.deliver()
    telling.now = datetime.fromisoformat("2026-03-11T09:00+08:00")
    telling.do(request, TakeBack())
    telling.deliver()

    assert before == len(telling.mails.letters)
    assert ("due_changed", "email", Fate.NOT_TIMELY) in telling.fates(request)


def test_a_gateway_that_is_away_keeps_no_letter_waiting(telling: Telling) -> None:
    telling.texts.refuse = failing(Unreachable("sms", "ConnectError"))
    request = telling.do(telling.asked(SZUTL), Arrive())
    telling.deliver()

    assert 1 == len(telling.mails.letters)
    assert ("arrived", "sms", Fate.WAITING) in telling.fates(request)

    telling.texts.refuse = lambda _: None
    telling.now += timedelta(minutes=5)
    telling.deliver()

    assert (1, 1) == (len(telling.texts.sent), len(telling.mails.letters))


def test_a_text_that_is_refused_is_kept_with_the_reason_for_the_desk_alone(telling: Telling) -> None:
    telling.texts.refuse = failing(Refused("sms", "bad number"))
    patron = telling.patron()
    request = telling.submit(patron, telling.wish(patron, lenders=(SZUTL,)))
    telling.do(request, Arrive())
    telling.deliver()

    def failure(actor: Actor) -> str | None:
        (failed,) = [one for one in telling.log.of_request(request.id, actor) if one.fate is Fate.FAILED]
        return failed.failure

    assert ["sms: bad number", "sms: bad number", None] == [
        failure(actor) for actor in (DESK, OFFICE, as_patron(patron))
    ]


def test_texts_without_a_gateway_are_kept_as_not_sent(telling: Telling) -> None:
    request = telling.do(telling.asked(SZUTL), Arrive())
    telling.deliver(telling.by(None))

    assert ("arrived", "sms", Fate.NO_GATEWAY) in telling.fates(request)


def test_a_patron_is_reminded_before_the_hold_ends_and_told_when_it_has(telling: Telling) -> None:
    request = telling.asked(LibraryCode("fjmu"))
    for step in (Arrive(), RecordCall(result=CallResult.REACHED)):
        telling.do(request, step)
    telling.deliver()
    for _ in range(2):
        telling.ring(request)
        telling.deliver()
        # the hold ends at midnight, and nobody is written to then
        telling.now += timedelta(hours=9)
        telling.deliver()

    assert ["您申请的图书已到馆", "请尽快领取图书", "您预约的图书将退回"] == [
        letter.subject for letter in telling.mails.letters
    ]


def on_loan_until_a_sunday(telling: Telling) -> Request:
    request = telling.asked(SZUTL)
    telling.do(request, Arrive())
    telling.at(datetime.fromisoformat("2026-03-05T09:00+08:00"))
    request = telling.do(telling.do(request, RecordCall(result=CallResult.REACHED)), HandOver())
    telling.deliver()
    return request


def test_the_hand_over_letter_and_the_reminder_name_the_last_day_on_which_the_desk_is_open(
    telling: Telling,
) -> None:
    request = on_loan_until_a_sunday(telling)
    telling.ring(request)
    telling.now += timedelta(hours=10)
    telling.deliver()
    said = [letter.text for letter in telling.mails.letters if "2026年4月5日" in letter.text]

    assert 2 == len(said)
    assert all("此前最后一个开放日为2026年4月3日" in text for text in said)
    assert "4月5日到期，请不晚于4月3日还至" in telling.texts.sent[-1].text


def test_a_reminder_offers_a_renewal_only_while_the_lenders_rules_have_one(telling: Telling) -> None:
    fresh, renewed = on_loan_until_a_sunday(telling), telling.on_loan()
    telling.do(renewed, Renew())
    telling.deliver()
    for request in (fresh, renewed):
        telling.ring(request)
        telling.now += timedelta(hours=10)
        telling.deliver()
    reminders = [letter.text for letter in telling.mails.letters if letter.subject == "图书即将到期"]

    assert [True, False] == ["可以续借" in text for text in reminders]


def late(telling: Telling) -> Request:
    """Return a request whose book came back late."""
    request = telling.on_loan()
    telling.now += 60 * DAY
    telling.deliver()
    telling.mails.letters.clear()
    return telling.do(request, TakeBack())


def test_a_fine_is_told_as_it_stands_in_the_account(telling: Telling) -> None:
    request = late(telling)
    telling.deliver()
    (letter,) = telling.mails.letters
    with telling.store.reading() as conn:
        owed = balance(conn, Key(request.patron, SZUTL, "CNY"))

    assert owed.minor > 0
    assert f"{owed.amount} 元" in letter.text
    assert f"https://ill.test/requests/{request.id}" in letter.text


def test_a_fine_that_was_taken_back_is_not_told(telling: Telling) -> None:
    request = late(telling)
    telling.do(request, Undo())
    telling.deliver()

    assert ("account", "email", Fate.NOT_TIMELY) in telling.fates(request)


def test_a_fine_that_was_paid_is_not_told(telling: Telling) -> None:
    request = late(telling)
    with telling.store.reading() as conn:
        owed = balance(conn, Key(request.patron, SZUTL, "CNY"))
    Accounts(telling.store, telling.directory).pay(
        request.patron,
        DESK,
        lender=SZUTL,
        currency="CNY",
        amount=owed.amount,
        method="cash",
        text=None,
        also=lambda *_: None,
        now=telling.now,
    )
    telling.deliver()

    assert ("account", "email", Fate.NOT_TIMELY) in telling.fates(request)


def test_nobody_is_asked_for_a_book_that_is_lost(telling: Telling) -> None:
    request = telling.on_loan()
    telling.deliver()
    telling.ring(request)
    telling.do(request, ReportLoss())
    telling.deliver()

    assert ("due_soon", "email", Fate.NOT_TIMELY) in telling.fates(request)


def test_a_patron_who_is_forgotten_is_told_nothing(telling: Telling) -> None:
    request = telling.do(telling.asked(SZUTL), Arrive())
    with telling.store.writing() as conn:
        people.erase(conn, request.patron, now=telling.now)
    telling.deliver()

    assert ([], []) == (telling.mails.letters, telling.texts.sent)


@pytest.mark.parametrize(
    "stranger",
    [
        Actor(Role.PATRON, "pat_other", BJTU),
        Actor(Role.STAFF, "stf_lender", SZUTL),
        Actor(Role.PARTNER, "szutl", SZUTL),
        Actor(Role.STAFF, "stf_x", LibraryCode("pku")),
    ],
)
def test_what_a_patron_was_told_is_no_affair_of_lenders_and_strangers(
    telling: Telling, stranger: Actor
) -> None:
    request = telling.do(telling.asked(SZUTL), Arrive())

    with pytest.raises(Unknown):
        telling.log.of_request(request.id, stranger)
    with pytest.raises(Unknown):
        telling.log.of_request(replace(request, id="req_never").id, OFFICE)  # type: ignore[arg-type]  # ids are texts of their own type


def test_the_patron_sees_what_was_told(telling: Telling) -> None:
    patron: Patron = telling.patron()
    request = telling.submit(patron, telling.wish(patron, lenders=(SZUTL,)))
    telling.do(request, Arrive())

    assert {Fate.WAITING} == {fate for _, _, fate in telling.fates(request, as_patron(patron))}
