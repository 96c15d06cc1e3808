from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import PKU, SZUTL, a_citation, held
from workflows.citation import Holding, best_copy, work_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"title": "Dream of the Red Chamber"}, {"title": "dream of the red chamber"}),
        ({"title": "红楼梦：脂评本"}, {"title": "红楼梦 脂评本"}),
        ({"title": "ＡＢＣ １２"}, {"title": "abc 12"}),
        ({"author": "Cao, Xueqin"}, {"author": "cao xueqin"}),
        ({"publisher": "one"}, {"publisher": "other"}),
    ],
)
def test_without_a_number_width_case_and_marks_make_no_difference(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert work_key(a_citation(isbn=None, **one)) == work_key(a_citation(isbn=None, **other))


@pytest.mark.parametrize("fact", [{"title": "别的"}, {"author": None}, {"year": 1997}, {"volume": "2"}])
def test_another_title_author_year_or_volume_is_another_work(fact: dict[str, Any]) -> None:
    assert work_key(a_citation(isbn=None)) != work_key(a_citation(isbn=None, **fact))


def test_the_number_decides_whatever_the_title() -> None:
    assert work_key(a_citation()) == work_key(a_citation(title="Hong lou meng", author=None, year=None))


def test_volumes_of_a_set_share_a_number_and_are_different_works() -> None:
    assert work_key(a_citation(volume="1")) != work_key(a_citation(volume="2"))


def test_a_work_with_a_number_is_not_one_without() -> None:
    assert work_key(a_citation()) != work_key(a_citation(isbn=None))


@given(st.text(), st.text())
def test_spaces_and_marks_around_a_name_make_no_difference(title: str, author: str) -> None:
    spaced = a_citation(isbn=None, title=f" {title} /", author=f"[{author}]")

    assert work_key(a_citation(isbn=None, title=title, author=author)) == work_key(spaced)


@pytest.mark.parametrize(
    ("availabilities", "best"), [((False, None, True), True), ((False, None), None), ((False,), False)]
)
def test_the_copy_that_is_likeliest_to_be_in_is_the_best(
    availabilities: tuple[bool | None, ...], *, best: bool | None
) -> None:
    copies = [held(PKU, available=available) for available in availabilities]

    found = best_copy([held(SZUTL), *copies], PKU)

    assert found is not None
    assert (PKU, best) == (found.library, found.available)


def test_of_equal_copies_the_first_is_taken() -> None:
    first, second = held(PKU, barcode="1"), held(PKU, barcode="2")

    assert first == best_copy([first, second], PKU)


def test_a_library_without_a_copy_has_no_best_one() -> None:
    nothing: list[Holding] = []

    assert None is best_copy(nothing, PKU)
