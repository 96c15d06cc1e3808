"""Peking University: shorter terms for its own readers, so that there is time for the way back."""

from __future__ import annotations

import pytest

from tests.journeys.libraries.consortium import Consortium
from tests.journeys.libraries.telling import Reader, handed_over


@pytest.mark.rule("R-PKU-3", "R-PKU-4", "G-1")
def test_a_reader_of_pku_has_three_weeks_of_nlc_and_two_of_shanghais_new_books(
    consortium: Consortium,
) -> None:
    consortium.owns("nlc", "Grottoes")
    consortium.owns("shlib", "Lanes", "Gates")
    reader, other = Reader(consortium.begins("2026-03-04"), home="pku"), Reader(consortium, "zhao")
    grottoes, lanes, gates, elsewhere = handed_over(
        reader.asks_for("Grottoes"),
        reader.asks_for("Lanes", new_book=True),
        reader.asks_for("Gates"),
        other.asks_for("Lanes", new_book=True),
    )

    # handed over on 10 March: 21 days, 14 days, 45 days (21 to 31 March, and 24); the new one 45 elsewhere
    assert ["2026-03-31", "2026-03-24", "2026-04-24", "2026-04-24"] == [
        loan.due for loan in (grottoes, lanes, gates, elsewhere)
    ]
    assert [["R-NLC-1", "R-PKU-3", "R-NLC-3"], ["R-SHLIB-1", "R-PKU-4", "R-SHLIB-4"]] == [
        grottoes.rests_on(),
        lanes.rests_on(),
    ]
    consortium.on("2026-03-26")
    lanes.comes_back()
    consortium.on("2026-04-02")
    grottoes.comes_back()
    consortium.on("2026-04-24")
    for loan in (gates, elsewhere):
        loan.comes_back()

    # the reader's term, but the lender's rate: 2 at 5.00, 2 at 0.50
    assert ("2026-03-31", 2, "10.00") == grottoes.explained()
    assert ("2026-03-24", 2, "1.00") == lanes.explained()
    assert ("2026-04-24", 0, "0.00") == gates.explained()
    assert {("closed", "completed")} == {loan.goes_home() for loan in (grottoes, lanes, gates, elsewhere)}
    for lender, charged in (("nlc", "10.00"), ("shlib", "1.00")):
        assert (charged, "0.00", charged) == reader.account(lender)
        assert "0.00" == reader.pays(lender, charged)
        assert (charged, charged, "0.00") == reader.account(lender)
    assert ("0.00", "0.00", "0.00") == other.account("shlib")


@pytest.mark.rule("R-PKU-1", "R-PKU-2")
def test_a_reader_of_pku_has_ten_books_at_once_and_four_weeks_of_a_sisters(consortium: Consortium) -> None:
    titles = [f"Volume {number}" for number in range(1, 12)]
    consortium.owns("bjtu", *titles)
    reader = Reader(consortium.begins("2026-03-04"), home="pku")
    ten = [reader.asks_for(title) for title in titles[:10]]

    assert ["borrower_limit"] == reader.may_not_have(titles[10])
    first, *_ = handed_over(*ten[:1])

    # 28 days from 10 March
    assert "2026-04-07" == first.due
    consortium.on("2026-04-07")
    first.comes_back()

    # a place is free as soon as the book is back
    assert "bjtu" == reader.asks_for(titles[10]).lender

    # what a late day would cost is not stated
    assert ("2026-04-07", 0, None) == first.explained()
    assert ("closed", "completed") == first.goes_home()
