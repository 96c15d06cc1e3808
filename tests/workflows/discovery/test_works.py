"""Works are what several libraries' records say of one book, in whatever order they come."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.citation import Citation, Details, Hit, Holding, Query
from workflows.discovery.works import copies, works
from workflows.ids import LibraryCode

ISBN, OTHER_ISBN = "9787301000014", "9787301000021"
ANY = Query(text="红楼梦")


def holding(library: str = "pku", **facts: object) -> Holding:
    known: dict[str, object] = {"record_id": "r1", "barcode": f"{library}-1", "available": True}
    return Holding(library=LibraryCode(library), **{**known, **facts})  # type: ignore[arg-type]  # facts of several types


def hit(*holdings: Holding, **facts: object) -> Hit:
    known: dict[str, object] = {"title": "红楼梦", "author": "曹雪芹", "year": 1982}
    return Hit(citation=Citation(**{**known, **facts}), holdings=holdings)  # type: ignore[arg-type]  # facts of several types


def test_records_of_one_isbn_are_one_work_with_the_copies_of_all_libraries() -> None:
    found = works([hit(holding("pku"), isbn=ISBN), hit(holding("bjtu"), isbn=ISBN, title="紅樓夢")], ANY)

    assert [("bjtu", "pku")] == [work.libraries for work in found]


def test_records_of_two_isbns_are_two_works() -> None:
    found = works([hit(holding(), isbn=ISBN), hit(holding(), isbn=OTHER_ISBN)], ANY)

    assert 2 == len(found)


def test_a_record_without_an_isbn_joins_the_only_work_of_its_title_author_and_year() -> None:
    found = works([hit(holding("pku"), title="红楼梦 "), hit(holding("bjtu"), isbn=ISBN)], ANY)

    assert [(ISBN, ("bjtu", "pku"))] == [(work.citation.isbn, work.libraries) for work in found]


def test_a_record_without_an_isbn_stays_alone_where_two_works_would_fit() -> None:
    records = [hit(holding(), isbn=ISBN), hit(holding(), isbn=OTHER_ISBN), hit(holding("bjtu"))]
    alone = [work for work in works(records, ANY) if work.citation.isbn is None]

    assert [("bjtu",)] == [work.libraries for work in alone]


@pytest.mark.parametrize(
    "other", [{"title": "西游记"}, {"author": "吴承恩"}, {"year": 1996}, {"volume": "2"}]
)
def test_a_record_that_differs_in_title_author_year_or_volume_is_another_work(
    other: dict[str, object],
) -> None:
    assert 2 == len(works([hit(holding()), hit(holding(), **other)], ANY))


def test_a_work_has_the_same_id_in_every_search() -> None:
    first, second = works([hit(holding("pku"), isbn=ISBN)], ANY), works([hit(isbn=ISBN)], Query(isbn=ISBN))

    assert first[0].id == second[0].id
    assert first[0].id.startswith("wrk_")


def test_the_fullest_description_is_shown() -> None:
    poor, full = hit(isbn=ISBN), hit(isbn=ISBN, publisher="人民文学出版社", edition="第3版")

    assert (full.citation,) == tuple(work.citation for work in works([poor, full, poor], ANY))


def test_what_several_records_tell_beside_is_gathered_each_thing_once() -> None:
    told = (
        Details(subjects=("红学",), titles=("石头记",)),
        Details(subjects=("小说", "红学"), contributors=("高鹗",)),
    )
    records = [replace(hit(isbn=ISBN), details=details) for details in (*told, told[0])]

    assert Details(contributors=("高鹗",), titles=("石头记",), subjects=("红学", "小说")) == (
        works(records, ANY)[0].details
    )


def test_a_known_language_tells_more_than_an_unknown_one() -> None:
    found = works([hit(isbn=ISBN, language="und"), hit(isbn=ISBN, language="eng")], ANY)

    assert "eng" == found[0].citation.language


def test_a_copy_that_is_told_of_twice_stands_there_once() -> None:
    found = works([hit(holding(), isbn=ISBN), hit(holding(), isbn=ISBN)], ANY)

    assert (holding(),) == found[0].holdings


@pytest.mark.parametrize(
    "told", [[(True, "Z"), (False, "A")], [(None, "Z"), (True, "A")], [(False, "Z"), (None, "A")]]
)
def test_of_two_words_about_one_copy_the_one_that_promises_less_stays(
    told: list[tuple[bool | None, str]],
) -> None:
    records = [hit(holding(available=state, call_number=number)) for state, number in told]
    least = min((state for state, _ in told), key=[False, None, True].index)

    assert [least] == [copy.available for copy in works(records, ANY)[0].holdings]


def test_copies_without_a_barcode_are_told_apart_by_call_number_and_collection() -> None:
    copies = (
        holding(barcode=None, call_number="A"),
        holding(barcode=None, call_number="B"),
        holding(barcode=None, call_number="B", collection="reserve"),
    )

    assert 3 == len(works([hit(*copies, *copies)], ANY)[0].holdings)


def test_the_same_barcode_at_two_libraries_is_two_copies() -> None:
    found = works([hit(holding("pku", barcode="1"), holding("bjtu", barcode="1"))], ANY)

    assert 2 == len(found[0].holdings)


def test_the_better_match_comes_before_more_copies() -> None:
    exact = hit(holding("pku"), title="红楼梦")
    vague = hit(holding("pku"), holding("bjtu"), title="论红楼梦")

    assert ["红楼梦", "论红楼梦"] == [work.citation.title for work in works([vague, exact], ANY)]


LIBRARIES = st.sampled_from(["pku", "bjtu", "nlc"])
COPIES = st.builds(
    Holding,
    library=LIBRARIES.map(LibraryCode),
    record_id=st.sampled_from(["r1", "r2"]),
    barcode=st.sampled_from([None, "1", "2"]),
    call_number=st.sampled_from([None, "A"]),
    available=st.sampled_from([None, True, False]),
)
CITATIONS = st.builds(
    Citation,
    title=st.sampled_from(["红楼梦", "红楼 梦", "西游记"]),
    author=st.sampled_from([None, "曹雪芹"]),
    isbn=st.sampled_from([None, None, ISBN, OTHER_ISBN]),
    year=st.sampled_from([None, 1982]),
    publisher=st.sampled_from([None, "A", "B"]),
    language=st.sampled_from(["chi", "und"]),
)
HITS = st.lists(
    st.builds(
        Hit,
        citation=CITATIONS,
        holdings=st.lists(COPIES, max_size=3).map(tuple),
        details=st.builds(Details, subjects=st.lists(st.sampled_from(["A", "B"]), max_size=2).map(tuple)),
    ),
    max_size=12,
)


@given(HITS, st.randoms(use_true_random=False))
def test_the_order_in_which_libraries_answer_makes_no_difference(hits: list[Hit], random: Random) -> None:
    shuffled = list(hits)
    random.shuffle(shuffled)

    assert works(hits, ANY) == works(shuffled, ANY)


@given(HITS)
def test_no_copy_is_lost_and_none_is_shown_twice(hits: list[Hit]) -> None:
    told = {(copy.library, copy.barcode) for one in hits for copy in one.holdings if copy.barcode}
    for work in works(hits, ANY):
        barcodes = [(copy.library, copy.barcode) for copy in work.holdings if copy.barcode]

        assert len(set(barcodes)) == len(barcodes)
        told -= set(barcodes)

    assert set() == told


@given(HITS)
def test_hearing_everything_twice_changes_nothing(hits: list[Hit]) -> None:
    assert works(hits, ANY) == works([*hits, *(replace(one) for one in hits)], ANY)


@pytest.mark.parametrize(
    ("typed", "fits"),
    [
        ({}, True),
        ({"title": " 红楼　梦"}, True),
        ({"author": "曹雪芹"}, True),
        ({"year": 1982}, True),
        ({"title": "红楼"}, False),
        ({"title": "…"}, False),
        ({"author": "吴承恩"}, False),
        ({"year": 1996}, False),
        ({"volume": "2"}, False),
        ({"isbn": ISBN}, True),
        ({"isbn": ISBN, "title": "typed wrongly"}, True),
        ({"isbn": OTHER_ISBN}, False),
        ({"isbn": ISBN, "volume": "2"}, False),
    ],
)
def test_a_typed_citation_is_satisfied_by_that_work(typed: dict[str, object], *, fits: bool) -> None:
    wanted = Citation(**{"title": "红楼梦", **typed})  # type: ignore[arg-type]  # facts of several types
    there = hit(holding(), title="红楼梦 : 一百二十回", author="曹雪芹, 高鹗著", isbn=ISBN)

    assert ((holding(),) if fits else ()) == copies([there], wanted)


def test_a_typed_citation_takes_any_edition_but_not_a_book_about_it() -> None:
    editions = [hit(holding("pku"), isbn=ISBN, year=1982), hit(holding("bjtu"), isbn=OTHER_ISBN, year=1996)]
    about = hit(holding("nlc"), title="红楼梦研究")

    assert {"pku", "bjtu"} == {copy.library for copy in copies([*editions, about], Citation(title="红楼梦"))}


def test_a_record_without_a_number_counts_for_a_typed_isbn_where_it_is_the_same_work() -> None:
    records = [hit(holding("pku"), isbn=ISBN), hit(holding("bjtu"))]

    assert 2 == len(copies(records, Citation(title="红楼梦", isbn=ISBN)))


def test_a_typed_volume_is_found_among_others() -> None:
    records = [hit(holding("pku"), volume="1"), hit(holding("bjtu"), volume="2")]

    assert ["bjtu"] == [copy.library for copy in copies(records, Citation(title="红楼梦", volume="2"))]
