"""A search is paged through to its last work: none twice, none missing, whatever comes meanwhile."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.failures import Unreachable
from connectors.ports import Finder
from ill_broker.services.discovery.admission import Room
from ill_broker.services.discovery.paging import Cursor, Page, Wanted
from ill_broker.services.discovery.search import Discovery
from ill_broker.services.places import Crowded
from ill_broker.storage.store import Store
from tests.ill_broker.services.discovery.test_search import ANN, NOW, QUERY, discovery, finished
from tests.ill_broker.services.finders import ISBN, Deep, Failing, Fast, Late, hit, seen
from workflows.citation import Hit
from workflows.discovery.facets import Facet
from workflows.discovery.works import Work


@pytest.fixture
def file_store(migrated_file: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copy(migrated_file, tmp_path / "file.db")
    store = Store.open(f"sqlite:///{tmp_path / 'file.db'}")
    yield store
    store.close()


def books(library: str, *numbers: int) -> tuple[Hit, ...]:
    return tuple(hit(library, number, title=f"Book {number:04}") for number in numbers)


def turn(service: Discovery, search_id: str, **wanted: Any) -> Page:
    """Return one page as somebody gets it who waits for it."""
    asked = Wanted(**wanted)
    return asyncio.run(service.whole(service.page(search_id, ANN, NOW, asked), asked))


def paged(service: Discovery, search_id: str, **wanted: Any) -> list[Work]:
    found = turn(service, search_id, **wanted)
    works = [*found.works]
    while found.next is not None:
        found = turn(service, search_id, after=found.next, **wanted)
        works += found.works
    return works


def test_a_word_with_many_hits_is_paged_through_to_the_last(file_store: Store) -> None:
    pku, nlc = Deep(books("pku", *range(500))), Deep(books("nlc", *range(450, 520)), at_once=20)
    service = discovery(file_store, {"pku": pku, "nlc": nlc, "fjmu": Failing(Unreachable("fjmu", "away"))})
    search = finished(service, service.start(QUERY, ANN, NOW))
    works = paged(service, search.id)
    over = service.search(search.id, ANN, NOW)
    service.close()

    assert [f"Book {number:04}" for number in range(520)] == sorted(work.citation.title for work in works)
    assert 520 == len({work.id for work in works}) == over.works_total
    assert 50 == sum(work.libraries == ("nlc", "pku") for work in over.works())
    assert [(0, 200), (50, 200), (100, 200)] == pku.asked[:3]
    assert [0, 20, 40, 60] == [after for after, _ in nlc.asked]
    assert {"pku": (500, 500), "nlc": (70, 70), "fjmu": (0, 0)} == {
        member.library: (member.hits, member.total) for member in over.members
    }


def test_what_comes_between_two_pages_stands_behind_what_was_shown(file_store: Store) -> None:
    slow = Late((*books("nlc", 1, 2, 900), hit("nlc", 3, title="Book 0003", isbn=ISBN)), 0.3)
    service = discovery(file_store, {"pku": Fast(books("pku", *range(3, 40))), "nlc": slow})
    search = service.start(QUERY, ANN, NOW)
    told = next(one for one in seen(service.follow(search.id, ANN, NOW)) if one.hits)
    first = turn(service, search.id, limit=10)
    rest = paged_from(service, search.id, first)
    service.close()

    assert not told.is_finished
    assert not first.search.is_finished
    titles = [work.citation.title for work in (*first.works, *rest)]

    # the one without a number was found to be the one with it, and has its place
    assert [f"Book {number:04}" for number in (*range(3, 40), 1, 2, 900)] == titles


def paged_from(service: Discovery, search_id: str, found: Page) -> list[Work]:
    works: list[Work] = []
    while found.next is not None:
        found = turn(service, search_id, after=found.next, limit=10)
        works += found.works
    return works


def test_another_process_goes_on_with_a_search_and_the_first_sees_it(file_store: Store) -> None:
    members: dict[str, Finder | None] = {"pku": Deep(books("pku", *range(120)))}
    here, there = discovery(file_store, members), discovery(file_store, members)
    search = finished(here, here.start(QUERY, ANN, NOW))
    first = turn(here, search.id, limit=50)
    second = turn(there, search.id, limit=50, after=first.next)
    third = turn(here, search.id, limit=50, after=second.next)
    here.close()
    there.close()

    assert [50, 50, 20] == [len(page.works) for page in (first, second, third)]
    assert [None, 3] == [third.next, third.search.round]
    assert 120 == len({work.id for page in (first, second, third) for work in page.works})


def test_the_first_page_waits_for_nobody_and_the_next_one_for_the_round(file_store: Store) -> None:
    service = discovery(file_store, {"pku": Late(books("pku", 1, 2), 0.3)})
    search = service.start(QUERY, ANN, NOW)
    first = turn(service, search.id)
    second = turn(service, search.id, after=first.next)
    service.close()

    assert ((), Cursor(0, 0)) == (first.works, first.next)
    assert (2, None) == (len(second.works), second.next)


def test_a_work_found_on_a_later_page_can_be_asked_for(file_store: Store) -> None:
    service = discovery(file_store, {"pku": Deep(books("pku", *range(120)))})
    search = finished(service, service.start(QUERY, ANN, NOW))
    last = paged(service, search.id)[-1]
    service.close()
    elsewhere = discovery(file_store, {})

    assert last == elsewhere.found_work(search.id, last.id, ANN, now=NOW).work
    elsewhere.close()


def test_a_member_that_fails_further_on_keeps_what_it_told_and_is_not_asked_again(file_store: Store) -> None:
    pku = Deep(books("pku", *range(120)))
    service = discovery(file_store, {"pku": pku})
    search = finished(service, service.start(QUERY, ANN, NOW))
    pku.failure = Unreachable("pku", "away")
    works = paged(service, search.id)
    over = service.search(search.id, ANN, NOW)
    service.close()

    assert 50 == len(works) == over.members[0].hits
    assert (2, 120, "unreachable") == (over.round, over.members[0].total, over.members[0].state)


def test_a_choice_is_paged_through_as_well(file_store: Store) -> None:
    hits = [hit("pku", number, title=f"Book {number:04}", year=1990 + number % 3) for number in range(110)]
    service = discovery(file_store, {"pku": Deep(hits)})
    search = finished(service, service.start(QUERY, ANN, NOW))
    works = paged(service, search.id, limit=10, choice={Facet.YEAR: frozenset({"1991"})})
    service.close()

    assert [number for number in range(110) if number % 3 == 1] == sorted(
        int(work.citation.title[-4:]) for work in works
    )


def test_pages_that_need_more_than_can_be_asked_for_are_refused(file_store: Store) -> None:
    members: dict[str, Finder | None] = {"pku": Deep(books("pku", *range(120))), "nlc": Late((), 0.5)}
    service = discovery(file_store, members, room=Room(calls=1, queue=0))
    search = finished(service, service.start(QUERY, ANN, NOW))
    first = turn(service, search.id, limit=100)
    service.start(QUERY, ANN, NOW)

    with pytest.raises(Crowded):
        turn(service, search.id, after=first.next)

    service.close()
