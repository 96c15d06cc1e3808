"""A search shows at once what the union catalogue knows, and what members tell themselves in its place."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.failures import Unreachable
from connectors.ports import Finder
from ill_broker.clock import SystemClock
from ill_broker.services.discovery.catalogue import entry
from ill_broker.services.discovery.fan_out import Member, MemberState
from ill_broker.services.discovery.record import Search
from ill_broker.services.discovery.search import Discovery
from ill_broker.services.members.directory import Directory
from ill_broker.settings import Settings
from ill_broker.storage import catalogue, libraries
from ill_broker.storage.catalogue import Harvest
from ill_broker.storage.policy_files import builtin_book
from ill_broker.storage.store import Store
from tests.ill_broker.services.finders import Failing, Fast, Hanging, Members, hit, seen
from workflows.actors import Actor, Role
from workflows.citation import Citation, Hit, Query
from workflows.ids import LibraryCode
from workflows.libraries import Library

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
ANN = Actor(Role.PATRON, "pat_ann", LibraryCode("bjtu"))
QUERY = Query(text="book")
CODES = ("nlc", "pku", "szutl")


@pytest.fixture
def store(migrated_file: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copy(migrated_file, tmp_path / "file.db")
    opened = Store.open(f"sqlite:///{tmp_path / 'file.db'}")
    with opened.writing() as conn:
        for code in CODES:
            libraries.put(conn, Library(code=LibraryCode(code), name=code, name_zh=code))
    yield opened
    opened.close()


def remember(store: Store, *hits: Hit) -> None:
    with store.writing() as conn:
        for number, known in enumerate(hits):
            code = known.holdings[0].library
            catalogue.put(conn, code, [entry(str(number), known)], at_round=1)
            catalogue.save(conn, Harvest(library=code, current_until=NOW + timedelta(days=1)))


def searched(
    store: Store, finders: dict[str, Finder | None], *, seconds: float = 0.2, query: Query = QUERY
) -> tuple[Search, Search]:
    """Return a search as it began and as it ended; another process reads the end of it alike."""
    service, other = (
        Discovery(
            store,
            SystemClock(),
            Directory(store, builtin_book()),
            Members(finders),
            Settings(search_seconds=seconds),
        )
        for _ in range(2)
    )
    begun = service.start(query, ANN, NOW)
    *_, ended = seen(service.follow(begun.id, ANN, NOW))
    service.close()

    assert ended == other.search(begun.id, ANN, NOW)
    return begun, ended


def copies(search: Search) -> list[tuple[str, str, bool | None]]:
    return sorted(
        (work.citation.title, copy.library, copy.available)
        for work in search.works()
        for copy in work.holdings
    )


def test_what_is_remembered_is_there_before_any_member_answers(store: Store) -> None:
    remember(store, hit("pku"), hit("nlc", 2))
    begun, _ = searched(store, {"pku": Hanging(), "nlc": None})

    assert [("Book 1", "pku", None), ("Book 2", "nlc", None)] == copies(begun)


def test_a_member_that_was_only_harvested_says_so(store: Store) -> None:
    remember(store, hit("nlc"), hit("nlc", 2))
    begun, _ = searched(store, {"pku": Hanging()})

    assert (
        Member(library="nlc", state=MemberState.HARVESTED, hits=2, total=2),
        Member(library="pku"),
        Member(library="szutl", state=MemberState.NOT_SEARCHABLE),
    ) == begun.members


def test_what_a_member_tells_replaces_what_is_remembered_of_the_work(store: Store) -> None:
    remember(store, hit("pku"), hit("nlc"))
    _, ended = searched(store, {"pku": Fast((hit("pku"),))})

    assert [("Book 1", "nlc", None), ("Book 1", "pku", True)] == copies(ended)


@pytest.mark.parametrize("finder", [Hanging(), Failing(Unreachable("pku", "away")), Fast()])
def test_what_is_remembered_stays_when_a_member_tells_nothing_of_it(store: Store, finder: Finder) -> None:
    remember(store, hit("pku"))
    _, ended = searched(store, {"pku": finder})

    assert [("Book 1", "pku", None)] == copies(ended)


def test_a_citation_typed_by_hand_is_found_in_the_union_catalogue(store: Store) -> None:
    remember(store, hit("nlc"))
    service = Discovery(
        store, SystemClock(), Directory(store, builtin_book()), Members(), Settings(search_seconds=0.2)
    )
    found = service.holdings_of(Citation(title="Book 1"), now=NOW)
    service.close()

    assert (replace(hit("nlc").holdings[0], available=None, item_type="book"),) == found


def test_members_are_asked_for_pinyin_as_the_union_catalogue_writes_it(store: Store) -> None:
    remember(store, hit("nlc", title="红楼梦"))
    asked = Fast((hit("pku", title="红楼梦 研究"), hit("pku", 2, title="红楼梦", year=1982)))
    service = Discovery(
        store,
        SystemClock(),
        Directory(store, builtin_book()),
        Members({"pku": asked}),
        Settings(search_seconds=0.2),
    )
    begun = service.start(Query(text="honglou meng"), ANN, NOW)
    *_, ended = seen(service.follow(begun.id, ANN, NOW))
    service.close()

    assert [Query(text="honglou meng", also=(Query(text="红楼梦"),))] == asked.asked
    assert "红楼梦 研究" == ended.works()[-1].citation.title


def test_near_titles_are_proposed_where_nothing_was_found_and_only_there(store: Store) -> None:
    remember(store, hit("nlc", title="红楼梦"))
    with store.writing() as conn:
        catalogue.save(conn, Harvest(library=LibraryCode("nlc"), current_until=NOW + timedelta(days=9_999)))
    nothing, something = (
        searched(store, {"pku": Fast(told)}, query=Query(text="红搂梦"))[1]
        for told in ((), (hit("pku", title="红搂梦"),))
    )

    assert (("红楼梦",), ()) == (nothing.suggestions, something.suggestions)
