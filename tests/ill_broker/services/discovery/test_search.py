"""A search over all members ends by its deadline, is kept for an hour, and is seen by its owner alone."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.failures import Garbled, Unreachable
from connectors.ports import Finder
from ill_broker.services.discovery.admission import Room
from ill_broker.services.discovery.fan_out import FanOut, MemberState
from ill_broker.services.discovery.record import Search
from ill_broker.services.discovery.search import Discovery
from ill_broker.services.members.directory import Directory
from ill_broker.services.places import Crowded
from ill_broker.services.refusals import Unknown
from ill_broker.settings import Settings
from ill_broker.storage import libraries as library_rows
from ill_broker.storage import searches as search_rows
from ill_broker.storage.failures import Busy
from ill_broker.storage.policy_files import builtin_book
from ill_broker.storage.store import Store
from tests.ill_broker.services.finders import ISBN, Failing, Fast, Hanging, Late, Members, find_now, hit, seen
from workflows.actors import Actor, Role
from workflows.citation import Citation, Query
from workflows.ids import LibraryCode
from workflows.libraries import Library

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
ANN = Actor(Role.PATRON, "pat_ann", LibraryCode("bjtu"))
BEN = Actor(Role.PATRON, "pat_ben", LibraryCode("bjtu"))
QUERY = Query(text="book")
#: room for one search after the other
ALONE = Room(calls=1, queue=1)
Searching = Callable[..., Discovery]


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.at = now

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def file_store(migrated_file: Path, tmp_path: Path) -> Iterator[Store]:
    """An empty SQLite store; that both engines store searches alike has a test of its own."""
    shutil.copy(migrated_file, tmp_path / "file.db")
    store = Store.open(f"sqlite:///{tmp_path / 'file.db'}")
    yield store
    store.close()


def discovery(store: Store, finders: dict[str, Finder | None], **facts: Any) -> Discovery:
    known = {"clock": Clock(), "seconds": 5.0, "room": None, "resting": (), **facts}
    with store.writing() as conn:
        for code in finders:
            lends = code not in known["resting"]
            library_rows.put(conn, Library(code=LibraryCode(code), name=code, name_zh=code, lends=lends))
    return Discovery(
        store,
        known["clock"],
        Directory(store, builtin_book()),
        Members(finders),
        Settings(search_seconds=known["seconds"]),
        room=known["room"],
    )


@pytest.fixture
def searching(file_store: Store) -> Iterator[Searching]:
    """Make services over one store, as several processes would have them."""
    made: list[Discovery] = []

    def make(finders: dict[str, Finder | None] | None = None, **facts: Any) -> Discovery:
        made.append(discovery(file_store, finders or {}, **facts))
        return made[-1]

    yield make
    for one in made:
        one.close()


def finished(service: Discovery, search: Search, actor: Actor = ANN) -> Search:
    return [*seen(service.follow(search.id, actor, NOW))][-1]


def states(search: Search) -> dict[str, MemberState]:
    return {member.library: member.state for member in search.members}


def test_a_search_is_there_at_once_and_waits_for_those_that_can_be_searched(searching: Searching) -> None:
    search = searching({"pku": Hanging(), "nlc": None}).start(QUERY, ANN, NOW)

    assert {"pku": MemberState.WAITING, "nlc": MemberState.NOT_SEARCHABLE} == states(search)
    assert not search.is_finished


def test_a_search_ends_with_how_each_member_answered(searching: Searching) -> None:
    service = searching(
        {
            "pku": Fast((hit("pku"),)),
            "bjtu": Failing(Garbled("bjtu", "?")),
            "fjmu": Failing(Unreachable("fjmu", "away")),
            "szutl": Hanging(),
            "nlc": None,
        },
        seconds=0.2,
    )
    search = finished(service, service.start(QUERY, ANN, NOW))

    assert {
        "pku": MemberState.ANSWERED,
        "bjtu": MemberState.GARBLED,
        "fjmu": MemberState.UNREACHABLE,
        "szutl": MemberState.SLOW,
        "nlc": MemberState.NOT_SEARCHABLE,
    } == states(search)
    assert NOW == search.finished_at


def test_works_of_all_members_are_one_list(searching: Searching) -> None:
    service = searching({"pku": Fast((hit("pku", isbn=ISBN),)), "bjtu": Fast((hit("bjtu", isbn=ISBN),))})
    search = finished(service, service.start(QUERY, ANN, NOW))

    assert [("bjtu", "pku")] == [work.libraries for work in search.works()]


def test_who_follows_a_search_sees_each_answer_as_it_comes_and_then_the_end(searching: Searching) -> None:
    service = searching({"pku": Late((), 0.02), "nlc": Late((), 0.5)})
    stages = [*seen(service.follow(service.start(QUERY, ANN, NOW).id, ANN, NOW))]

    assert {"pku": MemberState.ANSWERED, "nlc": MemberState.WAITING} in [states(search) for search in stages]
    assert [True] == [search.is_finished for search in stages if search.is_finished]


def test_another_process_sees_the_end_of_a_search(searching: Searching) -> None:
    here, there = searching({"pku": Fast((hit("pku"),), total=9)}), searching()
    search = finished(here, here.start(QUERY, ANN, NOW))
    here.close()

    assert search == there.search(search.id, ANN, NOW)


def test_a_search_is_shown_as_finished_once_every_process_can_read_its_end(
    searching: Searching, file_store: Store
) -> None:
    here, there = searching({"pku": Late((hit("pku"),), 0.2)}, seconds=30.0), searching()
    search = here.start(QUERY, ANN, NOW)
    with file_store.writing():  # as long as another writes, the end cannot be stored
        told = next(
            one
            for one in seen(here.follow(search.id, ANN, NOW))
            if states(one) == {"pku": MemberState.ANSWERED}
        )
        time.sleep(0.2)
        unstored = here.search(search.id, ANN, NOW)
    search = finished(here, search)

    assert (False, False) == (told.is_finished, unstored.is_finished)
    assert search == there.search(search.id, ANN, NOW)
    assert search.works()[0] == there.found_work(search.id, search.works()[0].id, ANN, now=NOW).work


def test_another_process_sees_a_search_that_runs_and_can_follow_it(searching: Searching) -> None:
    here, there = searching({"pku": Fast((hit("pku"),)), "nlc": Late((), 1.4)}), searching()
    search = here.start(QUERY, ANN, NOW)
    stages = [*seen(there.follow(search.id, ANN, NOW))]

    assert {"pku": MemberState.WAITING, "nlc": MemberState.WAITING} == states(stages[0])
    assert {"pku": MemberState.ANSWERED, "nlc": MemberState.WAITING} in [states(one) for one in stages]
    assert [1] == [len(one.works()) for one in stages if one.is_finished]


def test_following_ends_soon_after_the_deadline_although_the_process_that_searched_died(
    searching: Searching,
) -> None:
    here, there = searching({"pku": Hanging()}, seconds=0.1), searching(seconds=0.1)
    search = here.start(QUERY, ANN, NOW)
    here.close()

    assert {"pku": MemberState.WAITING} == states([*seen(there.follow(search.id, ANN, NOW))][-1])


def test_a_search_whose_process_died_is_over_when_its_time_is_up(searching: Searching) -> None:
    here, there = searching({"pku": Hanging()}, seconds=5.0), searching()
    search = here.start(QUERY, ANN, NOW)
    here.close()
    later = there.search(search.id, ANN, NOW + timedelta(seconds=9))

    assert {"pku": MemberState.SLOW} == states(later)
    assert later.is_finished


def test_what_is_not_mine_or_not_there_or_too_old_does_not_exist(searching: Searching) -> None:
    here, there = searching({"pku": Fast()}), searching()
    search = finished(here, here.start(QUERY, ANN, NOW))

    for service in (here, there):
        with pytest.raises(Unknown):
            service.search(search.id, BEN, NOW)
        with pytest.raises(Unknown):
            service.search("srch_00000000", ANN, NOW)
        with pytest.raises(Unknown):
            service.search(search.id, ANN, NOW + timedelta(hours=1))
        with pytest.raises(Unknown):
            service.follow(search.id, BEN, NOW)


def test_a_work_of_a_search_is_found_by_any_process_for_an_hour(searching: Searching) -> None:
    here, there = searching({"pku": Fast((hit("pku"),))}), searching()
    search = finished(here, here.start(QUERY, ANN, NOW))
    work = search.works()[0]
    here.close()
    found = there.found_work(search.id, work.id, ANN, now=NOW + timedelta(minutes=59))

    assert (work, NOW) == (found.work, found.searched_at)


def test_a_work_that_a_search_has_not_found_does_not_exist(searching: Searching) -> None:
    service = searching({"pku": Fast((hit("pku"),))})
    search = finished(service, service.start(QUERY, ANN, NOW))

    with pytest.raises(Unknown):
        service.found_work(search.id, "wrk_0000000000000000", ANN, now=NOW)


def test_a_search_for_which_there_is_no_room_waits_and_is_refused_where_too_many_wait(
    searching: Searching,
) -> None:
    service = searching({"pku": Hanging()}, seconds=20.0, room=Room(calls=1, queue=1))
    service.start(QUERY, ANN, NOW)
    waiting = service.start(QUERY, BEN, NOW)

    with pytest.raises(Crowded) as refused:
        service.start(QUERY, ANN, NOW)
    with pytest.raises(Crowded):
        find_now(service, QUERY, NOW)

    assert (1, {"pku": MemberState.WAITING}) == (waiting.queue_place, states(waiting))
    assert 40 == refused.value.retry_after


def test_those_that_wait_are_let_in_as_they_came_and_see_their_place(searching: Searching) -> None:
    service = searching({"pku": Late((hit("pku"),), 0.2)}, room=Room(calls=1))
    begun = [service.start(QUERY, ANN, NOW) for _ in range(3)]
    stages = [*seen(service.follow(begun[2].id, ANN, NOW))]
    ended = [service.search(one.id, ANN, NOW) for one in begun]

    assert [0, 1, 2] == [one.queue_place for one in begun]
    assert [2, 1, 0] == [*dict.fromkeys(stage.queue_place for stage in stages)]
    assert [True, True, True] == [one.is_finished for one in ended]
    assert [1, 1, 1] == [len(one.works()) for one in ended]


def test_a_search_that_never_finds_room_is_over_and_its_members_were_not_heard(searching: Searching) -> None:
    service = searching({"pku": Hanging()}, seconds=20.0, room=Room(calls=1, patience=0.2))
    service.start(QUERY, ANN, NOW)
    ended = finished(service, service.start(QUERY, ANN, NOW))

    assert ({"pku": MemberState.SLOW}, 0) == (states(ended), ended.queue_place)
    with pytest.raises(Crowded):
        find_now(service, QUERY, NOW)


def test_eight_searches_of_eighty_members_are_all_served_while_eight_hang(searching: Searching) -> None:
    members: dict[str, Finder | None] = {f"m{number:02}": Hanging() for number in range(8)}
    members |= {f"m{number:02}": Late((hit("pku", number),), 0.1) for number in range(8, 80)}
    service = searching(members, seconds=6.0)
    begun = [service.start(QUERY, ANN, NOW) for _ in range(8)]
    ended = [finished(service, search) for search in begun]

    assert [72] * 8 == [[*states(search).values()].count(MemberState.ANSWERED) for search in ended]


def test_a_search_that_is_over_makes_room(searching: Searching) -> None:
    service = searching({"pku": Fast((hit("pku"),))}, room=ALONE)
    begun = [finished(service, service.start(QUERY, ANN, NOW)) for _ in range(3)]

    assert [1, 1, 1] == [len(search.works()) for search in begun]


def test_finding_at_once_gives_its_place_back(searching: Searching) -> None:
    service = searching({"pku": Fast((hit("pku"),))}, room=ALONE)

    assert [1, 1, 1] == [len(find_now(service, QUERY, NOW)) for _ in range(3)]


def test_a_search_that_cannot_be_stored_is_refused_and_takes_no_place(
    searching: Searching, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = searching({"pku": Fast()}, room=ALONE)
    with monkeypatch.context() as patch:
        patch.setattr(search_rows, "add", _fail)
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                service.start(QUERY, ANN, NOW)

    assert () == find_now(service, QUERY, NOW)


def _fail(*_: object, **__: object) -> None:
    raise ZeroDivisionError


def test_find_now_returns_when_the_time_is_up_with_what_has_come(searching: Searching) -> None:
    service = searching({"pku": Fast((hit("pku"),)), "nlc": Hanging()}, seconds=0.1)

    assert [("pku",)] == [work.libraries for work in find_now(service, QUERY, NOW)]


def test_the_copies_of_a_typed_citation_are_those_of_all_members(searching: Searching) -> None:
    pku, nlc = Fast((hit("pku", isbn=ISBN), hit("pku", 2))), Fast((hit("nlc", isbn=ISBN),))
    service = searching({"pku": pku, "nlc": nlc})
    copies = service.holdings_of(Citation(title="Book 1", isbn=ISBN), now=NOW)

    assert ["nlc-1", "pku-1"] == sorted(str(copy.barcode) for copy in copies)
    assert [Query(isbn=ISBN)] == pku.asked


def test_offers_leave_out_who_does_not_lend_now_and_the_patrons_own_library(searching: Searching) -> None:
    hits = {code: Fast((hit(code, isbn=ISBN, language="chi"),)) for code in ("bjtu", "pku", "szutl")}
    service = searching(hits, resting=["pku"])
    work = find_now(service, QUERY, NOW)[0]
    told = {offer.lender: offer.reason for offer in service.offers(work, ANN, NOW)}

    assert {"szutl": None, "pku": "does_not_lend_now", "bjtu": "own_library"} == told


def test_a_search_that_cannot_be_saved_is_still_seen_where_it_ran(
    searching: Searching, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = searching({"pku": Fast((hit("pku"),))})
    monkeypatch.setattr(search_rows, "save", _refuse)
    search = service.start(QUERY, ANN, NOW)

    assert 1 == len(finished(service, search).works())


def _refuse(*_: object) -> None:
    raise Busy


def test_a_fault_ends_the_search_and_is_logged(searching: Searching, monkeypatch: pytest.MonkeyPatch) -> None:
    service, logged = searching({"pku": Fast((hit("pku"),))}, room=ALONE), Log()
    monkeypatch.setattr("ill_broker.services.discovery.rounds._log", logged)
    monkeypatch.setattr(FanOut, "ask", _fail)
    search = finished(service, service.start(QUERY, ANN, NOW))
    service.close()

    assert search.is_finished
    assert ["search_fault"] == logged.errors


class Log:
    """Keeps what is logged."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    def error(self, event: str, **_: object) -> None:
        self.errors.append(event)


def test_old_searches_leave_the_memory_and_stay_in_the_store(searching: Searching) -> None:
    service = searching({"pku": Fast((hit("pku"),))})
    ids = [finished(service, service.start(QUERY, ANN, NOW)).id for _ in range(34)]

    assert 1 == len(service.search(ids[0], ANN, NOW + timedelta(seconds=10)).works())


def test_both_engines_store_a_search_alike(store: Store) -> None:
    here = discovery(store, {"pku": Fast((hit("pku", title="\U00020000 红楼梦"),))})
    search = finished(here, here.start(Query(title="红"), ANN, NOW))
    here.close()
    there = discovery(store, {})

    assert search == there.search(search.id, ANN, NOW)
    there.close()


def test_what_the_first_search_needs_is_at_hand_before_it(searching: Searching) -> None:
    pku = Fast((hit("pku"),))
    service = searching({"pku": pku})
    service.warm_up(NOW)

    assert service._fan_out._loop is not None
    assert [] == pku.asked
