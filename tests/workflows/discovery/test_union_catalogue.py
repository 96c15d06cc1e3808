"""What a library tells now goes before what is remembered of it, work by work."""

from __future__ import annotations

from collections import Counter

from tests.factories import BHU, PKU
from workflows.citation import Citation, Hit, Holding
from workflows.discovery.union_catalogue import holders, together
from workflows.ids import LibraryCode


def hit(title: str, library: LibraryCode = BHU, record: str = "", *, available: bool | None = None) -> Hit:
    held = Holding(library=library, record_id=record, available=available)
    return Hit(citation=Citation(title=title), holdings=(held,))


def test_what_a_library_tells_now_replaces_what_is_remembered_of_the_work() -> None:
    live = hit("三体", available=True)

    assert (live,) == together([live], [hit("三 体。")])


def test_what_another_library_tells_replaces_nothing() -> None:
    live, remembered = hit("三体", PKU, available=True), hit("三体", BHU)

    assert (live, remembered) == together([live], [remembered])


def test_other_works_of_the_library_stay() -> None:
    live, remembered = hit("三体", record="1"), hit("红楼梦", record="2")

    assert (live, remembered) == together([live], [remembered])


def test_a_record_of_the_same_number_is_the_same_however_it_is_titled() -> None:
    live = hit("三体. 1", record="7")

    assert (live,) == together([live], [hit("三体", record="7")])


def test_records_without_a_number_are_told_apart_by_their_works() -> None:
    live, remembered = hit("三体"), hit("红楼梦")

    assert (live, remembered) == together([live], [remembered])


def test_records_are_counted_by_library() -> None:
    assert Counter({BHU: 2, PKU: 1}) == holders([hit("a"), hit("b"), hit("c", PKU)])
