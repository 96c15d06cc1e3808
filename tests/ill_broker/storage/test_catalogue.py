"""The union catalogue is searched by terms on both engines, and keeps up with what changes."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from ill_broker.services.discovery.catalogue import remake
from ill_broker.services.discovery.catalogue_terms import EDITION, terms_of
from ill_broker.storage import catalogue, catalogue_editions, catalogue_works
from ill_broker.storage.catalogue import Harvest, NewRecord
from ill_broker.storage.catalogue_rows import catalogue_records
from ill_broker.storage.migrations import migrate
from ill_broker.storage.records import to_json
from ill_broker.storage.statements import inserting
from ill_broker.storage.store import Store
from tests.factories import BHU, PKU
from workflows.citation import Citation, Hit, Holding
from workflows.ids import LibraryCode

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def entry(number: int, title: str, library: LibraryCode = BHU) -> NewRecord:
    citation = Citation(title=title)
    held = (Holding(library=library, record_id=f"r{number}"),)
    hit = Hit(citation=citation, holdings=held)
    return NewRecord(identifier=f"id{number}", hit=hit, terms=terms_of(citation), edition=EDITION)


def put(store: Store, *entries: NewRecord, library: LibraryCode = BHU, at_round: int = 1) -> None:
    with store.writing() as conn:
        catalogue.put(conn, library, entries, at_round=at_round)
        catalogue.save(conn, Harvest(library=library, current_until=NOW + DAY))


def found(store: Store, *terms: str, now: datetime = NOW, most: int = 10) -> list[str]:
    with store.reading() as conn:
        works = catalogue_works.fitting(conn, terms, now=now, most=most)
        hits, _ = catalogue_works.held(conn, works, now=now)
    return sorted(hit.citation.title for hit in hits)


def test_records_are_found_by_all_of_their_terms(store: Store) -> None:
    put(store, entry(1, "红楼梦"), entry(2, "红楼"), entry(3, "Zürich"))

    assert ["红楼", "红楼梦"] == found(store, "红楼")
    assert ["红楼梦"] == found(store, "_hong.lou", "_lou.meng")
    assert ["红楼"] == found(store, "=红楼")
    assert ["Zürich"] == found(store, "zurich")
    assert [] == found(store, "红楼", "zurich")
    assert [] == found(store)


def test_letters_of_every_plane_are_one_term(store: Store) -> None:
    put(store, entry(1, "𠀀𠮷野家 ひらがな Ελλάδα कखग"))

    for term in ("𠀀𠮷", "ひら", "ελλαδα"):
        assert 1 == len(found(store, term))


def test_no_more_works_are_found_than_are_wanted(store: Store) -> None:
    put(store, *(entry(number, f"history {number}") for number in range(5)))

    assert ["history 0", "history 1", "history 2"] == found(store, "history", most=3)


def test_a_changed_record_is_found_by_its_new_title_alone(store: Store) -> None:
    put(store, entry(1, "红楼"))
    put(store, entry(1, "三体"), at_round=2)

    assert ([], ["三体"]) == (found(store, "红楼"), found(store, "三体"))


def test_of_two_records_of_one_name_the_last_counts(store: Store) -> None:
    put(store, entry(1, "红楼"), entry(1, "三体"))

    assert ([], ["三体"]) == (found(store, "红楼"), found(store, "三体"))


def test_a_removed_record_is_not_found(store: Store) -> None:
    put(store, entry(1, "红楼"), entry(2, "红楼"))
    put(store, entry(1, "红楼", PKU), library=PKU)
    with store.writing() as conn:
        catalogue.remove(conn, BHU, {"id1", "unknown"})
        catalogue.remove(conn, BHU, ())

        assert (1, 1) == (catalogue.count(conn, BHU), catalogue.count(conn, PKU))
    assert ["红楼", "红楼"] == found(store, "红楼")


def test_what_an_earlier_list_had_alone_is_swept(store: Store) -> None:
    put(store, entry(1, "红楼"), entry(2, "三体"))
    put(store, entry(3, "红楼", PKU), library=PKU)
    put(store, entry(2, "三体"), at_round=2)
    with store.writing() as conn:
        assert (1, 0) == (catalogue.sweep(conn, BHU, before=2), catalogue.sweep(conn, BHU, before=2))
    assert (["红楼"], ["三体"]) == (found(store, "红楼"), found(store, "三体"))


def test_what_is_out_of_date_is_not_shown(store: Store) -> None:
    put(store, entry(1, "红楼"))

    assert (["红楼"], []) == (found(store, "红楼"), found(store, "红楼", now=NOW + DAY))
    with store.reading() as conn:
        shown = [catalogue.current(conn, now=now) for now in (NOW, NOW + DAY)]

    assert [frozenset({BHU}), frozenset()] == shown


def test_a_library_whose_list_was_never_whole_is_not_shown(store: Store) -> None:
    with store.writing() as conn:
        catalogue.put(conn, BHU, [entry(1, "红楼")], at_round=1)
        catalogue.save(conn, Harvest(library=BHU))

    assert [] == found(store, "红楼")


def test_how_far_a_list_has_come_is_kept(store: Store) -> None:
    state = Harvest(library=BHU, round=3, is_running=True, token="t&1", began_at=NOW, seen=7, detail="因为")
    with store.writing() as conn:
        assert Harvest(library=BHU) == catalogue.harvest_of(conn, BHU)
        catalogue.save(conn, state)
        catalogue.save(conn, replace(state, seen=8))

        assert replace(state, seen=8) == catalogue.harvest_of(conn, BHU)
        assert {BHU: replace(state, seen=8)} == catalogue.harvests(conn)


def test_the_database_looks_at_the_catalogue_anew(store: Store) -> None:
    put(store, entry(1, "红楼"))
    with store.writing() as conn:
        catalogue.refresh_statistics(conn)

    assert ["红楼"] == found(store, "红楼")


@pytest.mark.parametrize("title", ['a"b*c', "NOT OR AND NEAR", "x' ; --", "( ) : ^ -"])
def test_no_word_is_an_order_to_the_index(store: Store, title: str) -> None:
    put(store, entry(1, title))
    terms = terms_of(Citation(title=title))

    assert [title] * bool(terms) == found(store, *terms)


def test_records_that_were_stored_before_are_told_of_which_work_they_are(store: Store) -> None:
    put(store, entry(1, "红楼"))
    with store.writing() as conn:
        conn.execute(
            text("UPDATE catalogue_records SET work = NULL, unnumbered = NULL, numbered_round = NULL")
        )
        catalogue_works.number_all(conn)

    assert ["红楼"] == found(store, "红楼")


def test_all_that_fits_is_counted_by_work_and_by_library(store: Store) -> None:
    put(store, entry(1, "红楼"), entry(2, "Zürich"), entry(3, "三体"))
    put(store, entry(1, "红楼", PKU), library=PKU)
    with store.reading() as conn:
        by_one = catalogue_works.tally(conn, [("红楼",)], now=NOW)
        by_any = catalogue_works.tally(conn, [("红楼",), ("zurich",), ("=红楼",)], now=NOW)

    assert (1, {BHU: 1, PKU: 1}) == (by_one.works, by_one.records)
    assert (2, {BHU: 2, PKU: 1}) == (by_any.works, by_any.records)


def test_a_record_without_isbn_is_counted_with_the_only_one_of_its_title(store: Store) -> None:
    numbered, plain = Citation(title="红楼", isbn="9787020002207"), Citation(title="红楼")
    for library, told in ((BHU, numbered), (PKU, plain)):
        hit = Hit(citation=told, holdings=(Holding(library=library, record_id="r"),))
        put(
            store, NewRecord(identifier="id", hit=hit, terms=terms_of(told), edition=EDITION), library=library
        )
    with store.reading() as conn:
        assert 1 == catalogue_works.tally(conn, [("红楼",)], now=NOW).works
        hits, is_all = catalogue_works.held(conn, [catalogue_works.number(plain)], now=NOW)

    assert ([BHU, PKU], True) == (sorted(hit.holdings[0].library for hit in hits), is_all)


def test_a_search_costs_sqlite_no_more_where_there_are_more_libraries(tmp_path: Path) -> None:
    def steps(libraries: int) -> int:
        url = f"sqlite:///{tmp_path}/{libraries}.db"
        migrate(url)
        with Store.open(url) as store:
            for number in range(libraries):
                code = LibraryCode(f"m{number}")
                few = range(number, 120, libraries)
                put(store, *(entry(one, f"history {one}", code) for one in few), library=code)
            with store.reading() as conn:
                counted = iter(range(1_000_000))
                raw = conn.connection.driver_connection
                assert isinstance(raw, sqlite3.Connection)
                raw.set_progress_handler(lambda: next(counted) < 0, 10)
                catalogue_works.fitting(conn, ["history"], now=NOW, most=100)
                catalogue_works.tally(conn, [["history"]], now=NOW)
                raw.set_progress_handler(None, 0)
                return next(counted)

    assert steps(40) < 2 * steps(1)


def put_as_earlier(store: Store, told: NewRecord, library: LibraryCode, *, at_round: int) -> None:
    """Store a record as the release does that knows no numbers of works."""
    values = {"library": library, "identifier": told.identifier, "terms": told.terms}
    with store.writing() as conn:
        statement = inserting(conn, catalogue_records).values(**values, round=at_round, hit=to_json(told.hit))
        changed = {name: statement.excluded[name] for name in ("round", "terms", "hit")}
        conn.execute(statement.on_conflict_do_update(index_elements=["library", "identifier"], set_=changed))


def test_what_was_stored_by_earlier_rules_is_made_anew_by_the_worker(store: Store) -> None:
    earlier = replace(entry(1, "紅樓夢"), terms=("紅樓", "樓夢"), edition=EDITION - 1)
    put(store, earlier, replace(entry(2, "三体"), terms=("三体",), edition=EDITION - 1), entry(3, "水浒"))
    with store.writing() as conn:
        conn.execute(text("UPDATE catalogue_records SET work = 1 WHERE identifier = 'id1'"))
    before = found(store, "红楼")

    assert ([], 2, 0) == (before, remake(store), remake(store))
    assert ["紅樓夢"] == found(store, "红楼") == found(store, "_hong.lou")
    assert [] == found(store, "樓夢")
    with store.reading() as conn:
        assert 1 == len(
            catalogue_works.held(conn, [catalogue_works.number(Citation(title="红楼梦"))], now=NOW)[0]
        )


def test_a_record_that_is_told_anew_meanwhile_is_left_alone(store: Store) -> None:
    put(store, replace(entry(1, "红楼"), edition=EDITION - 1))
    with store.reading() as conn:
        (stored,) = catalogue_editions.outdated(conn, EDITION, most=1)
    put(store, entry(1, "三体"), at_round=2)
    with store.writing() as conn:
        catalogue_editions.remake(conn, [(stored, ["红楼"])], EDITION)

    assert (["三体"], []) == (found(store, "三体"), found(store, "红楼"))


def test_what_an_earlier_release_stores_beside_this_one_is_numbered_by_the_worker(
    store: Store, database_url: str
) -> None:
    put(store, entry(1, "红楼"), entry(2, "水浒"))
    put(store, entry(3, "三体", PKU), library=PKU)
    with Store.open(database_url) as earlier:
        put_as_earlier(earlier, entry(1, "三体"), BHU, at_round=2)
        put_as_earlier(earlier, entry(4, "边城"), BHU, at_round=2)

    assert [] == found(store, "边城")
    assert (2, 0) == (remake(store), remake(store))
    assert (["边城"], ["三体", "三体"]) == (found(store, "边城"), found(store, "=三体"))
    with store.reading() as conn:
        works = (catalogue_works.number(Citation(title=title)) for title in ("红楼", "三体", "水浒"))
        held = [len(catalogue_works.held(conn, [work], now=NOW)[0]) for work in works]

    assert [0, 2, 1] == held
