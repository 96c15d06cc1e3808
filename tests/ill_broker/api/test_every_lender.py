"""A broad search shows each work with all who have it, and a request from it may go to each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from ill_broker.services.discovery.catalogue import entry
from ill_broker.settings import Settings
from ill_broker.storage import catalogue
from ill_broker.storage.catalogue import Harvest
from ill_broker.storage.store import Store
from tests.factories import PKU, SZUTL
from tests.ill_broker.api.client import NOW, Api, Hand
from tests.ill_broker.api.lending import lending_services
from tests.ill_broker.services.finders import hit
from workflows.citation import Citation, Hit, Holding
from workflows.ids import LibraryCode

NLC = LibraryCode("nlc")
BOTH = {PKU, NLC}


def numbered(number: int) -> str:
    digits = f"9787{number:08}"
    total = sum(int(digit) * (1 + place % 2 * 2) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


@pytest.fixture
def live() -> tuple[Hit, ...]:
    """What one member tells by itself of every query."""
    return ()


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand, live: tuple[Hit, ...]) -> Iterator[list[object]]:
    made, close = lending_services(store, settings, clock, live)
    yield made
    close()


def remember(store: Store, library: LibraryCode, citations: Iterable[Citation]) -> None:
    entries = [
        entry(f"{number}", Hit(citation=told, holdings=(Holding(library=library, record_id=f"{number}"),)))
        for number, told in enumerate(citations)
    ]
    with store.writing() as conn:
        catalogue.put(conn, library, entries, at_round=1)
        catalogue.save(conn, Harvest(library=library, current_until=NOW + timedelta(days=1)))


def searched(api: Api, text: str) -> dict[str, Any]:
    begun = api.post("/searches", json={"text": text}).json
    api.get(f"/searches/{begun['id']}/events")
    found: dict[str, Any] = api.get(f"/searches/{begun['id']}").json
    return found


def holders(work: dict[str, Any]) -> set[str]:
    return {copy["library"] for copy in work["holdings"]}


def lenders(api: Api, found: dict[str, Any], work: dict[str, Any]) -> set[str]:
    """Return whom a request for the work may be asked of."""
    wish = {"search": found["id"], "work": work["id"]}
    made = api.post("/requests", json=wish)
    assert 201 == made.status_code, made.json
    rota = api.get(f"/requests/{made.json['id']}/rota").json["items"]
    return {item["lender"] for item in rota}


def totals(found: dict[str, Any]) -> dict[str, tuple[int, int]]:
    return {
        one["library"]: (one["hits"], one["total"]) for one in found["members"] if one["state"] == "harvested"
    }


BY_ISBN = [
    Citation(title=f"中国史 {number}", isbn=numbered(number), author="甲", year=2001) for number in range(90)
]
BY_TITLE = [Citation(title=f"中国史 {number}", author="甲", year=2001) for number in range(90)]
#: the second library writes the title of the same numbers otherwise, so that the words do not find it
OTHERWISE = [Citation(title=f"Zhongguo {number}", isbn=one.isbn) for number, one in enumerate(BY_ISBN)]


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (BY_ISBN, BY_ISBN),
        (BY_TITLE, BY_TITLE),
        (BY_ISBN, BY_TITLE),
        (BY_TITLE, BY_ISBN),
        (BY_ISBN, OTHERWISE),
    ],
    ids=["by ISBN", "by title and author", "without an ISBN there", "without an ISBN here", "another title"],
)
def test_each_work_of_a_broad_search_has_all_its_lenders(
    patron_api: Api, store: Store, here: list[Citation], there: list[Citation]
) -> None:
    remember(store, PKU, here)
    remember(store, NLC, there)
    found = searched(patron_api, "中国史")

    assert [BOTH] * 90 == [holders(work) for work in found["works"]]
    assert (90, {"pku": (90, 90), "nlc": (90, 90)}) == (found["works_total"], totals(found))
    for work in found["works"][:3]:
        assert BOTH <= lenders(patron_api, found, work)


@pytest.mark.parametrize("told", [BY_ISBN, BY_TITLE])
def test_totals_count_what_is_not_shown(patron_api: Api, store: Store, told: list[Citation]) -> None:
    more = [Citation(title=f"中国史 又{number}") for number in range(60)]
    remember(store, PKU, [*told, *more])
    remember(store, NLC, [*more, *reversed(BY_TITLE)])
    found = searched(patron_api, "中国史")

    assert [BOTH] * 100 == [holders(work) for work in found["works"]]
    assert (150, {"pku": (100, 150), "nlc": (100, 150)}) == (found["works_total"], totals(found))


class TestWithOneThatAnswersItself:
    """A work that a member tells of may be beyond those that are remembered first."""

    @pytest.fixture
    def live(self) -> tuple[Hit, ...]:
        return tuple(
            hit("szutl", number, title=f"中国史 {number}", author="甲", year=2001)
            for number in range(110, 120)
        )

    def test_others_who_have_it_are_not_lost(self, patron_api: Api, store: Store) -> None:
        many = [Citation(title=f"中国史 {number}", author="甲", year=2001) for number in range(130)]
        remember(store, PKU, many)
        remember(store, NLC, many)
        found = searched(patron_api, "中国史")
        mine = [work for work in found["works"] if SZUTL in holders(work)]

        assert [{PKU, NLC, SZUTL}] * 10 == [holders(work) for work in mine]
        assert 130 == found["works_total"]
        assert {PKU, NLC, SZUTL} <= lenders(patron_api, found, mine[0])
