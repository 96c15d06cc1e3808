"""The union catalogue: what is found in it, and what a file of records makes of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ill_broker.services.discovery import catalogue as service
from ill_broker.services.discovery.catalogue import Catalogue, Loaded, NothingToLoad, entry
from ill_broker.storage import catalogue as rows
from ill_broker.storage.catalogue import Harvest
from ill_broker.storage.store import Store
from tests.factories import BHU, PKU
from workflows.citation import Citation, Hit, Holding, Query
from workflows.ids import LibraryCode

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@pytest.fixture
def store(migrated_file: Path, tmp_path: Path) -> Iterator[Store]:
    """An empty SQLite store; that both engines find alike has tests of its own."""
    shutil.copy(migrated_file, tmp_path / "file.db")
    opened = Store.open(f"sqlite:///{tmp_path / 'file.db'}")
    yield opened
    opened.close()


def marc(number: str, title: str) -> bytes:
    """Return a record as ISO 2709 has it."""
    fields = [("245", f"  \x1fa{title}"), ("952", f"  \x1fpb{number}\x1fkavailable")]
    fields = ([("001", number)] if number else []) + fields
    directory, body = "", b""
    for tag, text in fields:
        octets = text.encode() + b"\x1e"
        directory += f"{tag}{len(octets):04}{len(body):05}"
        body += octets
    base = 24 + len(directory) + 1
    leader = f"{base + len(body) + 1:05}nam a22{base:05} a 4500"
    return leader.encode() + directory.encode() + b"\x1e" + body + b"\x1d"


def file(folder: Path, *records: bytes) -> Path:
    path = folder / "records.mrc"
    path.write_bytes(b"".join(records))
    return path


def fill(store: Store, *titles: str, library: LibraryCode = BHU) -> None:
    held = Holding(library=library, record_id="r")
    entries = [entry(title, Hit(citation=Citation(title=title), holdings=(held,))) for title in titles]
    with store.writing() as conn:
        rows.put(conn, library, entries, at_round=1)
        rows.save(conn, Harvest(library=library, round=1, current_until=NOW + timedelta(days=1)))


def titles(store: Store, text: str, **facts: int) -> list[str]:
    return [hit.citation.title for hit in Catalogue(store).find(Query(text=text), NOW, **facts).hits]


def test_the_title_asked_for_comes_before_those_that_contain_it_and_those_that_sound_so(store: Store) -> None:
    fill(store, "Beijing today", "北京", "Beijing", "南京 背景")

    assert ["Beijing", "Beijing today", "北京"] == titles(store, "Beijing")[:3]


def test_syllables_in_any_order_are_found_when_nothing_else_is(store: Store) -> None:
    fill(store, "北京")

    assert ["北京"] == titles(store, "jing bei")


def test_no_more_are_found_than_are_wanted_and_none_twice(store: Store) -> None:
    fill(store, *(f"history {number}" for number in range(9)), "history")

    assert 10 == len(titles(store, "history"))
    assert ["history"] == titles(store, "history", most=1)


def test_an_empty_catalogue_has_nothing(store: Store) -> None:
    assert [] == titles(store, "history")


def test_a_file_is_all_that_a_library_has(store: Store, tmp_path: Path) -> None:
    fill(store, "old")
    fill(store, "old", library=PKU)
    loaded = Catalogue(store).load(file(tmp_path, marc("1", "三体"), marc("2", "红楼梦")), BHU, NOW)

    assert Loaded(stored=2, gone=1) == loaded
    assert (["三体"], 1) == (titles(store, "santi"), len(titles(store, "old")))


def test_whether_copies_are_in_is_not_remembered(store: Store, tmp_path: Path) -> None:
    Catalogue(store).load(file(tmp_path, marc("1", "三体")), BHU, NOW)
    (hit,) = Catalogue(store).find(Query(text="三体"), NOW).hits

    assert [("b1", None)] == [(copy.barcode, copy.available) for copy in hit.holdings]


def test_what_cannot_be_read_is_counted_and_left_out(store: Store, tmp_path: Path) -> None:
    records = (marc("1", "三体"), b"noise\x1d", marc("2", ""), b"\n", marc("", "红楼梦"))

    assert Loaded(stored=2, unread=2) == Catalogue(store).load(file(tmp_path, *records), BHU, NOW)
    assert ["红楼梦"] == titles(store, "红楼梦")


def test_a_file_of_any_size_is_read_in_pieces(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_CHUNK", 50)
    monkeypatch.setattr(service, "_LONGEST_RECORD", 300)
    monkeypatch.setattr(service, "_BATCH", 2)
    books = [marc(str(number), f"Book {number}") for number in range(5)]
    records = (*books, b"x" * 1_000, b"\x1d", marc("9", "End"))
    loaded = Catalogue(store).load(file(tmp_path, *records), BHU, NOW)

    assert (6, ["End"]) == (loaded.stored, titles(store, "end"))
    assert loaded.unread


@pytest.mark.parametrize("content", [b"", b"PDF\x1d", b"x" * 300])
def test_a_file_without_a_readable_record_changes_nothing(
    store: Store, tmp_path: Path, content: bytes
) -> None:
    fill(store, "old")
    with pytest.raises(NothingToLoad):
        Catalogue(store).load(file(tmp_path, content), BHU, NOW)

    assert ["old"] == titles(store, "old")


def test_what_was_loaded_stays_until_the_next_file(store: Store, tmp_path: Path) -> None:
    catalogue = Catalogue(store)
    catalogue.load(file(tmp_path, marc("1", "三体")), BHU, NOW)
    later = NOW + timedelta(days=4_000)

    assert {BHU} == catalogue.current(later)
    (standing,) = catalogue.standings(later)
    assert (1, True, NOW) == (standing.records, standing.is_current, standing.harvest.last_success)


def test_what_came_of_a_load_that_broke_off_goes_with_the_next(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = Catalogue(store)
    catalogue.load(file(tmp_path, marc("1", "三体")), BHU, NOW)

    def crash(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Catalogue, "swept", crash)
        broken = file(tmp_path, marc("2", "红楼梦"))
        with pytest.raises(KeyboardInterrupt):
            catalogue.load(broken, BHU, NOW)
    between = titles(store, "三体")
    catalogue.load(file(tmp_path, marc("3", "水浒传")), BHU, NOW)

    assert (["三体"], []) == (between, titles(store, "三体"))
    assert ([], ["水浒传"]) == (titles(store, "红楼梦"), titles(store, "水浒传"))
