"""Typed requests: looked at by the reader's desk, made requests of, or ended, by letter or by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from connectors.ports import ShortText
from ill_broker.clock import SystemClock
from ill_broker.services.delivery.delivery import Delivery
from ill_broker.services.discovery.search import Discovery
from ill_broker.services.people.registration import build_people
from ill_broker.services.refusals import Unknown, UnknownLender
from ill_broker.services.requests.submissions import Submissions
from ill_broker.services.requests.typed import Match, SeenTyped, TooManyTyped, TypedRequests, Typing
from ill_broker.settings import Settings
from ill_broker.storage import events, libraries
from ill_broker.storage import typed_requests as rows
from ill_broker.storage.failures import NumberTaken, Stale
from ill_broker.storage.store import Store
from tests.factories import BJTU, DAY, LIBRARIES, NLC, PKU, SZUTL
from tests.ill_broker.api.lending import a_find
from tests.ill_broker.services.finders import Members
from tests.ill_broker.services.lending import DESK, Lending, as_patron
from tests.support.html_letters import html_faults
from workflows.actors import Actor, Role
from workflows.citation import Citation
from workflows.ids import LibraryCode, PatronId
from workflows.patrons import Patron
from workflows.refusals import NotEligible, UnknownPickupSite, WrongState
from workflows.requests import typed as rules
from workflows.requests.request import Request
from workflows.requests.typed import MOST, TERM, Declined, NeededInThePast, TypedStatus

WANTED = Citation(title="北京植物志", author="贺士元")


class Looking(Lending):
    """A consortium whose library at home looks at what readers type, and texts them."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.texts: list[ShortText] = []
        with store.writing() as conn:
            libraries.put(
                conn, replace(LIBRARIES[BJTU], by_sms=True, name="BJTU", name_zh="北京交通大学图书馆")
            )
        settings = Settings(search_seconds=5.0)
        self.discovery = Discovery(store, SystemClock(), self.directory, Members({}), settings)
        submissions = Submissions(store, self.requests, self.discovery, self.directory)
        self.typed = TypedRequests(store, self.directory, submissions)
        self.delivery = Delivery(
            store, self.requests, self.directory, self.lenders, self.mails,
            owner="worker-1", gateway=self, base_url="https://ill.test",
        )  # fmt: skip
        self.reader = self.patron("李梅")

    def send(self, text: ShortText) -> None:
        self.texts.append(text)

    def leaves(self, title: str = "北京植物志", patron: Patron | None = None, **facts: Any) -> SeenTyped:
        self.now += timedelta(minutes=1)
        wanted = Typing(citation=replace(WANTED, title=title), **facts)
        return self.typed.leave(wanted, as_patron(patron or self.reader), now=self.now)

    def take(self, left: SeenTyped, change: Any, actor: Actor = DESK, **facts: Any) -> SeenTyped:
        return self.typed.take(left.typed.id, lambda typed: change(typed, **facts), actor, now=self.now)

    def match(self, left: SeenTyped, found: Match, actor: Actor = DESK) -> SeenTyped:
        return self.typed.match(left.typed.id, found, actor, now=self.now)

    def found(self, *lenders: LibraryCode) -> Match:
        """Return what the desk finds with words of its own."""
        clerk = replace(self.reader, id=PatronId(DESK.id))
        found: dict[str, Any] = {**a_find(self.store, clerk, *lenders, title="北京植物志 上册")}
        return Match(**found)

    def request(self, seen: SeenTyped) -> Request:
        assert seen.typed.request is not None
        return self.requests.see(seen.typed.request, as_patron(self.reader)).request

    def letter(self) -> list[str]:
        """Return the lines of the one letter that is written by day, after looking at its HTML."""
        self.now += timedelta(hours=8)
        self.mails.letters.clear()
        self.deliver()
        (letter,) = [one for one in self.mails.letters if one.to == self.reader.email]
        assert [] == html_faults(letter.html or "", subject=letter.subject, text=letter.text, tag="zh-Hans")
        return [letter.subject, *(line for line in letter.text.splitlines() if line)]

    def count(self, library: LibraryCode = BJTU) -> int:
        with self.store.reading() as conn:
            return rows.count_waiting(conn, library)


@pytest.fixture
def looking(store: Store) -> Iterator[Looking]:
    made = Looking(store)
    yield made
    made.discovery.close()


def test_what_is_typed_waits_at_the_readers_own_desk_alone(looking: Looking) -> None:
    first, second = looking.leaves(note="上册也可以"), looking.leaves("另一种")
    ours = looking.typed.page(DESK, limit=10)
    elsewhere = Actor(Role.STAFF, "stf_2", PKU)

    assert [first.typed, second.typed] == [seen.typed for seen in ours.items]
    assert {looking.reader} == {seen.patron for seen in ours.items}
    assert [second.typed, first.typed] == [
        seen.typed for seen in looking.typed.page(as_patron(looking.reader), limit=10).items
    ]
    assert ((2, 0), ()) == (
        (looking.count(), looking.count(PKU)),
        looking.typed.page(elsewhere, limit=10).items,
    )
    with pytest.raises(Unknown):
        looking.typed.one(first.typed.id, elsewhere, now=looking.now)
    with pytest.raises(Unknown):
        looking.typed.one(first.typed.id, as_patron(looking.patron("ben")), now=looking.now)


def test_pages_of_a_desk_begin_with_what_waits_longest(looking: Looking) -> None:
    titles = [f"Book {number}" for number in range(3)]
    for title in titles:
        looking.leaves(title)
    first = looking.typed.page(DESK, limit=2, status="waiting")
    second = looking.typed.page(DESK, limit=2, status="waiting", after=first.next)

    assert titles == [seen.typed.typed.title for page in (first, second) for seen in page.items]
    assert second.next is None


def test_the_same_work_is_looked_at_once_and_no_more_than_so_many(looking: Looking) -> None:
    first = looking.leaves()
    looking.take(first, rules.corrected, citation=replace(WANTED, title="北京植物志 上册"))

    assert {first.typed.id} == {looking.leaves(title).typed.id for title in ("北京植物志", "北京植物志 上册")}

    for number in range(MOST - 1):
        looking.leaves(f"Book {number}")
    with pytest.raises(TooManyTyped):
        looking.leaves("One more")


def test_a_match_is_the_readers_request_by_their_number_asked_for_by_the_desk(looking: Looking) -> None:
    left = looking.leaves()
    seen = looking.match(left, replace(looking.found(SZUTL, PKU), lender=SZUTL))
    request = looking.request(seen)
    with looking.store.reading() as conn:
        submitted = events.all_of(conn, request.id)[0]

    assert (left.typed.number, looking.reader.id, "szutl") == (request.number, request.patron, request.lender)
    assert (DESK.id, Role.STAFF) == (submitted.actor.id, submitted.actor.role)
    assert ("chosen", "available") == tuple(entry.reason for entry in request.rota)
    assert (TypedStatus.MATCHED, "北京植物志 上册", "北京植物志", 0) == (
        seen.typed.status,
        seen.typed.citation.title,
        seen.typed.typed.title,
        looking.count(),
    )
    assert [
        "您填写的图书已经找到",
        "李梅，您好：",
        f"您填写的《北京植物志》（编号{request.number}），北京交通大学图书馆已经找到，并为您提出了馆际互借申请。",
        "可在这里查看：",
        f"https://ill.test/typed/{left.typed.id}",
        "北京交通大学图书馆",
    ] == looking.letter()
    assert [f"【馆际互借】您填写的《北京植物志》已经找到，并已为您申请。编号{request.number}。"] == [
        text.text for text in looking.texts
    ]


def test_a_library_is_asked_by_hand_for_what_no_catalogue_shows(looking: Looking) -> None:
    left = looking.leaves()
    looking.take(left, rules.corrected, citation=replace(WANTED, title="北京植物志（修订版）"))
    with pytest.raises(UnknownLender):
        looking.match(left, Match(lender=LibraryCode("nobody")))
    request = looking.request(looking.match(left, Match(lender=NLC)))

    assert ("nlc", "北京植物志（修订版）") == (request.lender, request.citation.title)
    assert ["chosen"] == [entry.reason for entry in request.rota]


def test_a_match_that_the_rules_refuse_changes_nothing(looking: Looking) -> None:
    left = looking.leaves()
    with pytest.raises(NotEligible) as refused:
        looking.match(left, replace(looking.found(BJTU, PKU), lender=BJTU))

    assert ["own_library"] == refused.value.facts["reasons"]
    assert left == looking.typed.one(left.typed.id, DESK, now=looking.now)
    assert () == looking.typed.hindrances(as_patron(looking.reader), now=looking.now)


def test_of_two_clerks_who_match_at_once_one_does(looking: Looking) -> None:
    left = looking.leaves()
    looking.match(left, looking.found(SZUTL))
    with pytest.raises(WrongState):
        looking.match(left, looking.found(PKU))

    with looking.store.writing() as conn, pytest.raises(Stale):
        rows.save(conn, replace(left.typed, version=left.typed.version + 1))


def test_what_hinders_the_reader_is_said_at_once_and_keeps_nobody_from_typing(looking: Looking) -> None:
    ben = looking.patron("ben", verified_at=None)
    left = looking.leaves(patron=ben)

    assert ("email_not_verified",) == left.hindrances
    assert left == looking.typed.one(left.typed.id, DESK, now=looking.now)


def test_a_question_goes_to_the_reader_and_the_answer_back_to_the_desk(looking: Looking) -> None:
    left = looking.leaves()
    looking.take(left, rules.asked, question="您要上册还是下册？\n请回答。")

    assert 0 == looking.count()
    assert [
        "关于您填写的图书，图书馆想问您",
        "李梅，您好：",
        f"关于您填写的《北京植物志》（编号{left.typed.number}），北京交通大学图书馆想问您：",
        "您要上册还是下册？",
        "请回答。",
        "请到这里回答：",
        f"https://ill.test/typed/{left.typed.id}",
        "北京交通大学图书馆",
    ] == looking.letter()

    answered = looking.take(left, rules.answered, as_patron(looking.reader), answer="上册。")

    assert (TypedStatus.WAITING, "上册。", 1) == (
        answered.typed.status,
        answered.typed.answer,
        looking.count(),
    )
    with pytest.raises(WrongState):
        looking.take(left, rules.answered, as_patron(looking.reader), answer="上册。")


def test_a_question_that_was_overtaken_is_not_sent(looking: Looking) -> None:
    left = looking.leaves()
    looking.take(left, rules.asked, question="上册？")
    looking.take(left, rules.cancelled, as_patron(looking.reader), now=looking.now)
    looking.now += timedelta(hours=8)
    looking.deliver()

    assert [] == looking.mails.letters


def test_declining_says_why_in_the_readers_language(looking: Looking) -> None:
    left = looking.leaves()
    looking.take(left, rules.declined, reason=Declined.HELD_HERE, remark="在四层。", now=looking.now)

    assert [
        "您填写的图书未能借到",
        "李梅，您好：",
        f"很抱歉，您填写的《北京植物志》（编号{left.typed.number}），北京交通大学图书馆未能为您借到。本馆已有此书，请到馆借阅。",
        "在四层。",
        "可在这里查看：",
        f"https://ill.test/typed/{left.typed.id}",
        "北京交通大学图书馆",
    ] == looking.letter()
    with pytest.raises(WrongState):
        looking.match(left, looking.found(SZUTL))


def test_what_nobody_acts_on_ends_with_a_letter(looking: Looking) -> None:
    soon = looking.now.date() + 2 * DAY
    first, second = looking.leaves(), looking.leaves("另一种", needed_by=soon)
    end = second.typed.until
    at_end = [looking.typed.end_overdue(moment) for moment in (end - timedelta(seconds=1), end, end)]

    assert [0, 1, 0] == at_end
    assert end.isoformat().startswith(f"{soon}T16:00")
    looking.now = first.typed.until
    looking.letter()
    looking.now = first.typed.until

    assert 1 == looking.typed.end_overdue(looking.now)
    assert "您填写的图书未能借到" == looking.letter()[0]
    assert TERM == first.typed.until - first.typed.created_at


def test_what_cannot_be_is_refused_at_once(looking: Looking) -> None:
    with pytest.raises(NeededInThePast):
        looking.leaves(needed_by=date(2020, 1, 1))
    with pytest.raises(UnknownPickupSite):
        looking.leaves(pickup_site="nowhere")


def test_a_number_is_borne_once_by_requests_and_typed_ones(looking: Looking) -> None:
    left = looking.leaves()
    request = looking.asked(SZUTL)
    for number in (left.typed.number, request.number):
        with looking.store.writing() as conn, pytest.raises(NumberTaken):
            rows.add(conn, replace(left.typed, number=number))


def test_who_is_forgotten_leaves_nothing_typed(looking: Looking) -> None:
    left = looking.leaves()
    people = build_people(looking.store, Settings(cheap_passwords=True))[0]
    people.erase(looking.reader.id, now=looking.now)

    with pytest.raises(Unknown):
        looking.typed.one(left.typed.id, DESK, now=looking.now)


def test_a_reader_who_has_a_request_for_the_work_already_is_led_to_it(looking: Looking) -> None:
    left, again = looking.leaves(), looking.leaves("又一次")
    first = looking.match(left, looking.found(SZUTL))
    second = looking.match(again, looking.found(PKU))

    assert first.typed.request == second.typed.request
