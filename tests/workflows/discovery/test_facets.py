"""Facets count what choosing a value would show, as somebody would who counts by hand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workflows.citation import Citation, Details, Holding
from workflows.discovery.editions import book_of
from workflows.discovery.facets import MOST_VALUES, Count, Facet, counted, fits, values
from workflows.discovery.works import Work
from workflows.ids import LibraryCode

NAMES = ("Ann", "Ben", "Cleo")
COPIES = st.lists(
    st.builds(
        lambda library, available, kind: Holding(
            library=LibraryCode(library), record_id="1", available=available, item_type=kind
        ),
        st.sampled_from(["pku", "nlc"]),
        st.sampled_from([True, False, None]),
        st.sampled_from([None, "book", "dvd"]),
    ),
    min_size=1,
    max_size=3,
)
WORKS = st.lists(
    st.builds(
        lambda copies, year, language, author, others: Work(
            id="wrk_0",
            citation=Citation(title="A", author=author, year=year, language=language),
            holdings=tuple(copies),
            details=Details(contributors=tuple(others), subjects=tuple(others)),
        ),
        COPIES,
        st.sampled_from([None, 1999, 2000]),
        st.sampled_from(["chi", "eng"]),
        st.sampled_from([None, *NAMES]),
        st.lists(st.sampled_from(NAMES), max_size=2),
    ),
    max_size=8,
)
VALUES = [*NAMES, "pku", "yes", "1999", "chi", "dvd"]
CHOICES = st.dictionaries(st.sampled_from(Facet), st.frozensets(st.sampled_from(VALUES), min_size=1))


@given(WORKS, CHOICES)
def test_a_count_is_what_choosing_the_value_would_show(
    works: list[Work], choice: dict[Facet, frozenset[str]]
) -> None:
    told = counted(works, choice)

    for facet in Facet:
        every = {value for work in works for value in values(work, facet)}
        by_hand = {
            value: len({book_of(work) for work in works if fits(work, {**choice, facet: frozenset({value})})})
            for value in every
        }

        assert {value: shown for value, shown in by_hand.items() if shown} == {
            one.value: one.works for one in told[facet]
        }
        assert [*told[facet]] == sorted(told[facet], key=lambda one: (-one.works, one.value))


def test_a_work_has_what_its_copies_and_records_say() -> None:
    work = Work(
        id="wrk_0",
        citation=Citation(title="A", author="Ann", year=1999, item_type="cd"),
        holdings=(
            Holding(library=LibraryCode("pku"), record_id="1", available=True),
            Holding(library=LibraryCode("nlc"), record_id="2", available=False, item_type="dvd"),
        ),
        details=Details(contributors=("Ben",), subjects=("Law",)),
    )

    assert {
        Facet.LIBRARY: {"pku", "nlc"},
        Facet.AVAILABLE: {"yes"},
        Facet.LANGUAGE: {"chi"},
        Facet.YEAR: {"1999"},
        Facet.KIND: {"cd", "dvd"},
        Facet.AUTHOR: {"Ann", "Ben"},
        Facet.SUBJECT: {"Law"},
    } == {facet: values(work, facet) for facet in Facet}


def test_the_most_frequent_values_alone_are_told() -> None:
    works = [
        Work(
            id="wrk_0",
            citation=Citation(title=f"A{place}", author=f"Author {number:03}"),
            holdings=(Holding(library=LibraryCode("pku"), record_id="1"),),
        )
        for place, number in enumerate((*range(MOST_VALUES + 1), MOST_VALUES))
    ]
    told = counted(works, {})[Facet.AUTHOR]

    assert (MOST_VALUES, Count(f"Author {MOST_VALUES:03}", 2)) == (len(told), told[0])
