"""Fields of the union catalogue, asked for singly and combined, find the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ill_broker.services.discovery.catalogue import Catalogue, entry
from ill_broker.storage import catalogue as rows
from ill_broker.storage.catalogue import Harvest
from ill_broker.storage.store import Store
from tests.factories import BHU
from workflows.citation import Citation, Details, Hit, Holding, Query

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HELD = (Holding(library=BHU, record_id="r"),)
RECORDS = {
    "dream": Hit(
        citation=Citation(title="红楼梦", author="曹雪芹", year=1982, publisher="人民文学出版社"),
        holdings=HELD,
        details=Details(subjects=("章回小说 -- 中国",), titles=("Dream of the red chamber",)),
    ),
    "study": Hit(
        citation=Citation(
            title="红楼梦研究", author="俞平伯", year=1989, publisher="中华书局", issn="0317-8471"
        ),
        holdings=HELD,
        details=Details(subjects=("红楼梦 -- 研究",), contributors=("王佩璋",)),
    ),
    "war": Hit(
        citation=Citation(title="War and peace", author="Tolstoy, Leo", year=2007, publisher="Vintage"),
        holdings=HELD,
        details=Details(subjects=("Russia -- History",), contributors=("Pevear, Richard",)),
    ),
    "peace": Hit(
        citation=Citation(title="Peace and war in China", author="War, Ann", year=1799, publisher="Peace"),
        holdings=HELD,
        details=Details(subjects=("War",), series=("Vintage",)),
    ),
}


@pytest.fixture
def catalogue(store: Store) -> Catalogue:
    with store.writing() as conn:
        rows.put(conn, BHU, [entry(name, hit) for name, hit in RECORDS.items()], at_round=1)
        rows.save(conn, Harvest(library=BHU, round=1, current_until=NOW + timedelta(days=1)))
    return Catalogue(store)


CASES = [
    (Query(title="红楼梦"), "dream study"),
    (Query(title="honglou"), "dream study"),
    (Query(title="章回小说"), ""),
    (Query(subject="章回小说"), "dream"),
    (Query(subject="红楼梦"), "study"),
    (Query(subject="zhanghui"), ""),
    (Query(text="章回小说"), "dream"),
    (Query(text="vintage"), "war peace"),
    (Query(publisher="vintage"), "war"),
    (Query(publisher="人民文学"), "dream"),
    (Query(author="王佩璋"), "study"),
    (Query(author="war"), "peace"),
    (Query(issn="0317-8471"), "study"),
    (Query(year="1982"), "dream"),
    (Query(year="1980-1989"), "dream study"),
    (Query(year="-1799"), "peace"),
    (Query(year="1983-"), "study war"),
    (Query(title="war", year="1700-1999"), "peace"),
    (Query(title='"war and peace"'), "war"),
    (Query(title="war and peace"), "war peace"),
    (Query(title="war peace", subject="war"), "peace"),
    (Query(title="红楼梦", subject="红楼梦"), "study"),
    (Query(title="dream", publisher="人民文学出版社", year="1982"), "dream"),
    (Query(any_of=(Query(author="俞平伯"), Query(subject="russia"))), "study war"),
    (Query(title="红楼梦", any_of=(Query(year="1989"), Query(publisher="vintage"))), "study"),
    (Query(text="war", any_of=(Query(year="1700-1799"), Query(year="2000"))), "peace"),
    (Query(title="红楼梦", none_of=(Query(subject="研究"),)), "dream"),
    (Query(title="红楼梦", none_of=(Query(year="1982"),)), "study"),
    (Query(text="war", none_of=(Query(subject='"war"'), Query(title="和平"))), "war"),
    (Query(year="1700-2010", none_of=(Query(title="红楼梦"), Query(author="ann"))), "war"),
]


def test_what_is_asked_for_is_found_and_nothing_else(catalogue: Catalogue) -> None:
    for query, names in CASES:
        found, few = catalogue.find(query, NOW), catalogue.find(query, NOW, most=1)

        assert {RECORDS[name] for name in names.split()} == set(found.hits), query
        assert len(names.split()) == found.works, query
        assert len(few.hits) <= 1
