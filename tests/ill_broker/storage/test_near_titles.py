"""Did you mean: what is one character, or one or two letters, off is proposed alike on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ill_broker.services.discovery.catalogue import Catalogue, entry
from ill_broker.storage import catalogue as rows
from ill_broker.storage.catalogue import Harvest
from ill_broker.storage.store import Store
from tests.factories import BHU
from workflows.citation import Citation, Hit, Holding, Query

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
BOOKS = (
    ("红楼梦 : 一百二十回", "曹雪芹"),
    ("红楼梦研究", "俞平伯"),
    ("百年孤独", "马尔克斯"),
    ("平凡的世界", "路遥"),
    ("活着", "余华"),
    ("Crime and punishment", "Dostoyevsky, Fyodor"),
    ("Catalogues", "Ann"),
)


@pytest.fixture
def catalogue(store: Store) -> Catalogue:
    held = (Holding(library=BHU, record_id="r"),)
    entries = [
        entry(title, Hit(citation=Citation(title=title, author=author), holdings=held))
        for title, author in BOOKS
    ]
    with store.writing() as conn:
        rows.put(conn, BHU, entries, at_round=1)
        rows.save(conn, Harvest(library=BHU, round=1, current_until=NOW + timedelta(days=1)))
    return Catalogue(store)


CASES = [
    ("红搂梦", ["红楼梦", "红楼梦研究"]),
    ("紅婁夢", ["红楼梦", "红楼梦研究"]),
    ("红楼孟", ["红楼梦", "红楼梦研究"]),
    ("红梦楼", ["红楼梦", "红楼梦研究"]),
    ("百年孤毒", ["百年孤独"]),
    ("百年的孤独", ["百年孤独"]),
    ("平凡世介", []),
    ("平凡的世介", ["平凡的世界"]),
    ("honglomeng", ["红楼梦", "红楼梦研究"]),
    ("Crime and punishmant", ["Crime and punishment"]),
    ("crme and punishment", ["Crime and punishment"]),
    ("punishmnt dostoyevsky", ["Crime and punishment"]),
    ("catalouges", ["Catalogues"]),
    ("katalogues", ["Catalogues"]),
    ("katalouges", []),
    ("kattalouges", []),
    ("活的", []),
    ("x", []),
    ("…", []),
    ("西游记", []),
]


def test_what_is_almost_a_title_is_proposed(catalogue: Catalogue) -> None:
    proposed = {typed: list(catalogue.near(Query(text=typed), NOW)) for typed, _ in CASES}

    assert dict(CASES) == proposed
    assert ("红楼梦", "红楼梦研究") == catalogue.near(Query(title="红搂梦"), NOW)
    assert (
        () == catalogue.near(Query(author="曹雪琴"), NOW) == catalogue.near(Query(isbn="9787301000014"), NOW)
    )


def test_what_is_proposed_is_found(catalogue: Catalogue) -> None:
    for typed, titles in CASES:
        found = catalogue.find(Query(text=typed), NOW).hits

        assert not (titles and found), typed
        assert all(catalogue.find(Query(text=title), NOW).hits for title in titles)
