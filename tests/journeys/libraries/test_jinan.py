"""Jinan: one cap for the whole card, which paying gives room in, and thirty days from the day of renewal."""

from __future__ import annotations

import pytest

from tests.journeys.libraries.consortium import Consortium
from tests.journeys.libraries.telling import Reader


@pytest.mark.rule("R-JN-2", "R-JN-3", "R-JN-16")
def test_the_fines_of_a_card_stop_at_ten_yuan_until_some_is_paid(consortium: Consortium) -> None:
    consortium.owns("jinan", "Springs", "Lakes", "Hills", "Walls")
    reader = Reader(consortium.begins("2026-02-24"))
    springs, lakes, hills = reader.borrows("Springs", "Lakes", "Hills")

    # handed over on 2 March: 29 days to 31 March, 59 to 30 April
    assert ["2026-05-01"] * 3 == [springs.due, lakes.due, hills.due]
    assert ["lender_limit"] == reader.may_not_have("Walls")

    # 30 days to 31 May, 60 to 30 June, 91 to 31 July, 122 to 31 August, 152 to 30 September: 160 x 0.05
    consortium.on("2026-10-08")
    springs.comes_back()

    assert ("2026-05-01", 160, "8.00") == springs.explained()
    assert ("8.00", "0.00", "8.00") == reader.account("jinan")

    # 161 x 0.05 = 8.05 by the clock, but the card has room for 2.00 only
    consortium.on("2026-10-09")
    lakes.comes_back()

    assert ("2026-05-01", 161, "8.05") == lakes.explained()
    assert ("10.00", "0.00", "10.00") == reader.account("jinan")
    assert "0.00" == reader.pays("jinan", "10.00")

    # paying has made room: 164 x 0.05 = 8.20 in full
    consortium.on("2026-10-12")
    hills.comes_back()

    assert ("2026-05-01", 164, "8.20") == hills.explained()
    assert [("8.00", "8.00", None), ("8.05", "2.00", "card"), ("8.20", "8.20", None)] == reader.fines("jinan")
    assert ["R-JN-3", "R-JN-16"] == hills.rests_on()
    assert [("closed", "completed")] * 3 == [loan.goes_home() for loan in (springs, lakes, hills)]
    assert "0.00" == reader.pays("jinan", "8.20")
    assert ("18.20", "18.20", "0.00") == reader.account("jinan")


@pytest.mark.rule("R-JN-5", "R-JN-6", "R-JN-8")
def test_a_chinese_book_is_renewed_once_and_a_day_in_advance(consortium: Consortium) -> None:
    consortium.owns("jinan", "Springs", "Lakes")
    consortium.owns("jinan", "Wells", language="eng")
    reader = Reader(consortium.begins("2026-02-24"))
    springs, lakes, wells = reader.borrows("Springs", "Lakes", "Wells")

    # 30 days from 31 March would end on 30 April, before the day that stands; it is not used up
    consortium.on("2026-03-31")

    assert ("no_gain", "item_not_renewable") == (springs.may_not_be_renewed(), wells.may_not_be_renewed())
    consortium.on("2026-04-30")

    assert "2026-05-30" == springs.is_renewed()
    assert "limit_reached" == springs.may_not_be_renewed()
    consortium.on("2026-05-01")

    assert "too_late" == lakes.may_not_be_renewed()
    wells.comes_back()
    consortium.on("2026-05-02")

    assert "overdue" == lakes.may_not_be_renewed()
    lakes.comes_back()
    consortium.on("2026-06-01")
    springs.comes_back()

    # 2 days after 30 May, 1 day after 1 May, none on 1 May
    assert ("2026-05-30", 2, "0.10") == springs.explained()
    assert ("2026-05-01", 1, "0.05") == lakes.explained()
    assert ("2026-05-01", 0, "0.00") == wells.explained()
    assert [("closed", "completed")] * 3 == [loan.goes_home() for loan in (springs, lakes, wells)]
    assert ("0.15", "0.00", "0.15") == reader.account("jinan")
    assert "0.00" == reader.pays("jinan", "0.15")
