"""Readers' wishes: looked at by night, answered once by letter and text, ended by themselves, forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from connectors.failures import Unreachable
from connectors.ports import ShortText
from ill_broker.clock import SystemClock
from ill_broker.jobs import wishes as job
from ill_broker.services.delivery.delivery import Delivery
from ill_broker.services.discovery.catalogue import entry
from ill_broker.services.discovery.search import Discovery
from ill_broker.services.discovery.wish_rounds import WishRounds
from ill_broker.services.discovery.wishes import CanBeHad, TooManyWishes, Wishes
from ill_broker.services.members.connector_health import PartnerHealth
from ill_broker.services.people.registration import build_people
from ill_broker.services.refusals import Unknown
from ill_broker.settings import Settings
from ill_broker.storage import catalogue, libraries
from ill_broker.storage import wishes as rows
from ill_broker.storage.catalogue import Harvest
from ill_broker.storage.store import Store
from tests.factories import BJTU, DAY, LIBRARIES, NLC, PKU, SZUTL
from tests.ill_broker.services.finders import ISBN, Failing, Fast, Members, seen
from tests.ill_broker.services.lending import Lending, as_patron
from tests.support.html_letters import html_faults
from workflows.citation import Citation, Hit, Holding, Query
from workflows.discovery.wishes import MOST, TERM, Wish, WishStatus
from workflows.ids import LibraryCode
from workflows.patrons import Patron

TITLE = "红楼梦"
WANTED = Citation(title=TITLE, author="曹雪芹", isbn=ISBN)
#: 01:00 in Beijing, in the night after the day on which all begins
TONIGHT = datetime.fromisoformat("2026-03-03T01:00+08:00")


def told(library: LibraryCode, *, available: bool | None) -> Hit:
    copy = Holding(library=library, record_id="1", call_number="I242.4/7", available=available)
    return Hit(citation=replace(WANTED, language="chi"), holdings=(copy,))


class Waiting(Lending):
    """A consortium whose catalogues say what a test lets them say; the library at home texts its readers."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.members = Members({"pku": Fast((told(PKU, available=False),)), "szutl": Fast(), "nlc": None})
        self.texts: list[ShortText] = []
        with store.writing() as conn:
            libraries.put(
                conn, replace(LIBRARIES[BJTU], by_sms=True, name="BJTU", name_zh="北京交通大学图书馆")
            )
            libraries.put(conn, replace(LIBRARIES[SZUTL], name="SZUTL", name_zh="深圳大学城图书馆"))
        health, settings = PartnerHealth(store), Settings(search_seconds=5.0)
        self.discovery = Discovery(
            store, SystemClock(), self.directory, self.members, settings, health=health
        )
        self.wishes = Wishes(store, self.directory, self.discovery)
        self.rounds = WishRounds(store, self.directory, self.members, self.discovery, health)
        self.delivery = Delivery(
            store, self.requests, self.directory, self.lenders, self.mails,
            owner="worker-1", gateway=self, base_url="https://ill.test",
        )  # fmt: skip

    def send(self, text: ShortText) -> None:
        self.texts.append(text)

    def says(self, library: LibraryCode, *, available: bool | None = True) -> Fast:
        """Let a library's catalogue say whether its copy is in."""
        self.members.finders[library] = finder = Fast((told(library, available=available),))
        return finder

    def leaves(self, patron: Patron, citation: Citation = WANTED) -> Wish:
        return self.wishes.leave(as_patron(patron), citation=citation, now=self.now)

    def night(self, after: int = 0) -> int:
        """Let the job run in a night, and letters go out in the morning after it."""
        self.now = TONIGHT + after * DAY
        ended = job.look_again(self.rounds, self.now)
        self.deliver()
        assert [] == [letter for letter in self.mails.letters if letter.at == self.now]
        self.now += timedelta(hours=8)
        self.deliver()
        return ended

    def status(self, wish: Wish) -> WishStatus:
        with self.store.reading() as conn:
            (found,) = rows.page(conn, wish.patron, after=None, limit=10)
        return found.status


@pytest.fixture
def waiting(store: Store) -> Iterator[Waiting]:
    made = Waiting(store)
    yield made
    made.discovery.close()


def test_what_nobody_lends_is_looked_for_every_night_until_somebody_does(waiting: Waiting) -> None:
    wish = waiting.leaves(waiting.patron())
    asked = waiting.says(PKU, available=False)

    assert (0, 0) == (waiting.night(), waiting.night(1))
    assert 2 == len(asked.asked)
    assert (WishStatus.WAITING, []) == (waiting.status(wish), waiting.mails.letters)

    waiting.says(SZUTL)

    assert (1, 0, 0) == (waiting.night(2), waiting.night(3), waiting.night(4))
    assert (1, 1) == (len(waiting.mails.letters), len(waiting.texts))
    assert WishStatus.FOUND is waiting.status(wish)


def test_by_day_nobody_is_asked_and_what_was_missed_waits_for_the_night(waiting: Waiting) -> None:
    waiting.leaves(waiting.patron())
    asked = waiting.says(SZUTL)
    by_day = [waiting.now, TONIGHT - timedelta(seconds=1), TONIGHT + timedelta(hours=5)]

    assert [0, 0, 0] == [job.look_again(waiting.rounds, moment) for moment in by_day]
    assert [] == asked.asked
    assert 1 == waiting.night(1)


def test_the_letter_says_in_chinese_from_whom_and_where_it_can_be_asked_for(waiting: Waiting) -> None:
    wish = waiting.leaves(waiting.patron("李梅"))
    waiting.says(SZUTL)
    waiting.night()
    (letter,) = waiting.mails.letters
    lines = [
        "李梅，您好：",
        "您登记等候的《红楼梦》现在可以借到：深圳大学城图书馆愿意出借。",
        "请到这里申请：",
        f"https://ill.test/wishes/{wish.id}",
        "北京交通大学图书馆",
    ]

    assert ("您等候的图书现在可以借到", "zh") == (letter.subject, letter.language)
    assert lines == [line for line in letter.text.splitlines() if line]
    assert letter.html
    assert [] == html_faults(letter.html, subject=letter.subject, text=letter.text, tag="zh-Hans")
    assert (
        "【馆际互借】您等候的《红楼梦》现在可以从深圳大学城图书馆借到，请登录申请。" == waiting.texts[0].text
    )


def test_a_copy_on_the_own_shelf_is_a_walk_to_it(waiting: Waiting) -> None:
    waiting.leaves(waiting.patron(language="en"))
    waiting.says(BJTU)
    waiting.says(SZUTL)
    waiting.night()
    (letter,) = waiting.mails.letters

    assert "is in at your own library: you can borrow it there. Its shelf mark is I242.4/7." in letter.text
    assert "https:" not in letter.text


def test_what_one_reader_can_have_another_may_still_wait_for(waiting: Waiting) -> None:
    at_home, elsewhere = waiting.patron("anna"), waiting.patron("ben", home=PKU)
    mine, yours = waiting.leaves(at_home), waiting.leaves(elsewhere)
    asked = waiting.says(PKU)
    waiting.members.finders[BJTU] = Fast((told(BJTU, available=False),))
    waiting.night()

    assert (WishStatus.FOUND, WishStatus.FOUND) == (waiting.status(mine), waiting.status(yours))
    assert {at_home.email: "您等候的图书现在可以借到", elsewhere.email: "您等候的图书现在本馆就有"} == {
        letter.to: letter.subject for letter in waiting.mails.letters
    }
    assert 1 == len(asked.asked)


def test_what_only_a_list_tells_of_is_lent_without_asking_any_member(waiting: Waiting) -> None:
    wish = waiting.leaves(waiting.patron())
    asked = waiting.says(SZUTL)
    with waiting.store.writing() as conn:
        catalogue.put(conn, NLC, [entry("1", told(NLC, available=None))], at_round=1)
        catalogue.save(conn, Harvest(library=NLC, current_until=TONIGHT + DAY))
    waiting.night()

    assert (WishStatus.FOUND, []) == (waiting.status(wish), asked.asked)


def test_a_member_that_does_not_answer_lends_nothing_that_is_only_remembered(waiting: Waiting) -> None:
    wish = waiting.leaves(waiting.patron())
    waiting.members.finders[SZUTL] = Failing(Unreachable(SZUTL, "away"))
    with waiting.store.writing() as conn:
        catalogue.put(conn, SZUTL, [entry("1", told(SZUTL, available=None))], at_round=1)
        catalogue.save(conn, Harvest(library=SZUTL, current_until=TONIGHT + DAY))
    waiting.night()

    assert WishStatus.WAITING is waiting.status(wish)


def test_when_its_time_is_up_a_wish_ends_with_a_letter(waiting: Waiting) -> None:
    wish = waiting.leaves(waiting.patron())
    nights = TERM // DAY

    assert (0, 1, 0) == (waiting.night(nights - 1), waiting.night(nights), waiting.night(nights + 1))
    assert WishStatus.EXPIRED is waiting.status(wish)
    assert ["您等候的图书未能借到"] == [letter.subject for letter in waiting.mails.letters]
    assert "可以再次登记" in waiting.mails.letters[0].text


def test_what_was_taken_back_before_the_morning_is_not_told(waiting: Waiting) -> None:
    patron = waiting.patron()
    wish = waiting.leaves(patron)
    waiting.says(SZUTL)
    job.look_again(waiting.rounds, TONIGHT)
    with pytest.raises(Unknown):
        waiting.wishes.take_back(wish.id, as_patron(waiting.patron("ben")))
    waiting.wishes.take_back(wish.id, as_patron(patron))
    waiting.now = TONIGHT + timedelta(hours=8)
    waiting.deliver()

    assert ([], []) == (waiting.mails.letters, waiting.texts)


def test_who_is_forgotten_waits_for_nothing(waiting: Waiting) -> None:
    patron = waiting.patron()
    waiting.leaves(patron)
    waiting.says(SZUTL)
    people = build_people(waiting.store, Settings(cheap_passwords=True))[0]
    people.erase(patron.id, now=waiting.now)

    assert 0 == waiting.night()
    with waiting.store.reading() as conn:
        assert [] == rows.page(conn, patron.id, after=None, limit=10)
    with pytest.raises(Unknown):
        waiting.leaves(patron)


def test_the_same_work_is_waited_for_once_and_no_more_than_so_many_works(waiting: Waiting) -> None:
    patron = waiting.patron()
    first = waiting.leaves(patron)

    assert first == waiting.leaves(patron)

    for number in range(1, MOST):
        waiting.leaves(patron, Citation(title=f"Book {number}"))
    with pytest.raises(TooManyWishes):
        waiting.leaves(patron, Citation(title="One more"))

    assert first == waiting.leaves(patron)
    assert (
        Citation(title="One more")
        == waiting.leaves(waiting.patron("ben"), Citation(title="One more")).citation
    )


def test_a_work_that_a_search_says_can_be_had_needs_no_wish(waiting: Waiting) -> None:
    patron = waiting.patron()
    waiting.says(SZUTL)
    search = waiting.discovery.start(Query(isbn=ISBN), as_patron(patron), waiting.now)
    *_, ended = seen(waiting.discovery.follow(search.id, as_patron(patron), waiting.now))
    (work,) = ended.works()
    with pytest.raises(CanBeHad) as refused:
        waiting.wishes.leave(as_patron(patron), search=search.id, work=work.id, now=waiting.now)

    assert SZUTL == refused.value.facts["library"]


def test_one_that_fails_keeps_no_other_waiting(waiting: Waiting, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = waiting.leaves(waiting.patron(), Citation(title="Broken"))
    waiting.leaves(waiting.patron("ben"))
    waiting.says(SZUTL)
    look = waiting.rounds.look

    def breaks(same: list[Wish], now: datetime) -> int:
        if same[0].id == broken.id:
            raise ZeroDivisionError
        return look(same, now)

    monkeypatch.setattr(waiting.rounds, "look", breaks)

    assert 1 == waiting.night()
    assert [broken.id] == [same[0].id for same in waiting.rounds.due(TONIGHT + DAY)]


def test_two_workers_at_one_wish_end_it_once(waiting: Waiting) -> None:
    wish = waiting.leaves(waiting.patron())
    waiting.says(SZUTL)
    waiting.rounds.look([wish], TONIGHT)
    waiting.rounds.look([wish], TONIGHT + timedelta(minutes=1))

    with waiting.store.reading() as conn:
        assert [TONIGHT] == [one.ended_at for one in rows.page(conn, wish.patron, after=None, limit=10)]


def test_a_run_ends_in_time_and_the_next_goes_on_with_who_has_waited_longest(waiting: Waiting) -> None:
    waiting.says(SZUTL)
    first = waiting.leaves(waiting.patron(), Citation(title="First"))
    waiting.now += timedelta(hours=1)
    second = waiting.leaves(waiting.patron("ben"))
    ticks = iter((0.0, 1.0, 99.0))

    assert 0 == job.look_again(waiting.rounds, TONIGHT, seconds=20.0, timer=lambda: next(ticks))
    assert [[second.id]] == [[wish.id for wish in same] for same in waiting.rounds.due(TONIGHT)]
    assert WishStatus.WAITING is waiting.status(first)
