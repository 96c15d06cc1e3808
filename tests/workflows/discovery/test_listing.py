"""Works keep the place at which they were listed first, through whatever is found later."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.ill_broker.services.finders import ISBN, hit
from workflows.citation import Hit, Query
from workflows.discovery.listing import Listing
from workflows.discovery.works import Work, works

ISBNS = (None, ISBN, "9787301000021")
HITS = st.lists(
    st.builds(
        lambda library, number, title, isbn: hit(library, number, title=f"Book {title}", isbn=isbn),
        st.sampled_from(["pku", "nlc"]),
        st.integers(1, 9),
        st.integers(1, 3),
        st.sampled_from(ISBNS),
    ),
    max_size=12,
)


def found(hits: list[Hit]) -> tuple[Work, ...]:
    return works(hits, Query(text="book"))


@given(HITS, HITS, HITS)
def test_every_work_is_listed_once_and_no_place_changes_hands(
    first: list[Hit], second: list[Hit], third: list[Hit]
) -> None:
    before = Listing().grown(found(first)).grown(found(first + second))
    after = before.grown(found(first + second + third))
    now = found(first + second + third)

    assert sorted(now, key=lambda work: work.id) == sorted(after.works.values(), key=lambda work: work.id)
    assert [*after.works] == sorted(after.works)
    for place, work in before.works.items():
        kept = after.works.get(place)

        assert kept is None or kept.id == work.id or records(kept) & records(work)
        assert after.named(work.id) is not None or place not in after.works

    assert all(
        place > max(before.places.values(), default=0)
        for place in set(after.works) - {*before.places.values()}
    )


def records(work: Work) -> set[tuple[str, str]]:
    return {(copy.library, copy.record_id) for copy in work.holdings}


def test_a_work_that_is_found_to_be_another_keeps_its_place_and_its_name() -> None:
    plain, other = hit("pku", 1, title="A"), hit("pku", 2, title="B")
    before = Listing().grown(found([plain, other]))
    shown = before.works[1]
    after = before.grown(found([plain, other, hit("nlc", 7, title=shown.citation.title, isbn=ISBN)]))

    assert ISBN == after.works[1].citation.isbn
    assert after.works[1] == after.named(shown.id)
    assert [1, 2] == [*after.works]
