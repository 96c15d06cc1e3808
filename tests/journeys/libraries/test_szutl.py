"""Shenzhen University Town: 31 days, a cap for each book, a week after the holiday for its own readers."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.journeys.libraries.consortium import DATABASES, Consortium
from tests.journeys.libraries.telling import Reader, handed_over

FETCHED = [
    ("lender", "shelf"),
    ("carrier", "outbound"),
    ("desk", "desk"),
    ("desk", "hold_shelf"),
    ("patron", "use"),
]


@pytest.mark.rule("R-SZUTL-6", "R-SZUTL-18")
@pytest.mark.parametrize("consortium", DATABASES, indirect=True)
def test_each_book_has_a_cap_of_its_own(consortium: Consortium) -> None:
    consortium.owns("szutl", "Rivers", "Bridges")
    reader = Reader(consortium.begins("2026-03-06"))
    rivers, bridges = reader.borrows("Rivers", "Bridges")

    # handed over on 12 March: 19 days to 31 March, and 12 more
    assert ["2026-04-12"] * 2 == [rivers.due, bridges.due]

    # 18 days to 30 April, 49 to 31 May, 50 to 1 June: 50 x 0.20 is the cap, and not above it
    consortium.on("2026-06-01")
    rivers.comes_back()

    # 51 x 0.20 = 10.20
    consortium.on("2026-06-02")
    bridges.comes_back()

    assert [("2026-04-12", 50, "10.00"), ("2026-04-12", 51, "10.00")] == [
        rivers.explained(),
        bridges.explained(),
    ]
    assert ["R-SZUTL-6", "R-SZUTL-18"] == bridges.rests_on()
    assert [*FETCHED, ("carrier", "return")] == bridges.whereabouts()
    assert [("closed", "completed")] * 2 == [rivers.goes_home(), bridges.goes_home()]
    assert [*FETCHED, ("carrier", "return"), ("lender", "shelf")] == bridges.whereabouts()
    assert ("20.00", "0.00", "20.00") == reader.account("szutl")
    assert "5.00" == reader.pays("szutl", "15.00")
    assert "0.00" == reader.pays("szutl", "5.00")
    assert ("20.00", "20.00", "0.00") == reader.account("szutl")
    assert ["register", "search", "submit", "in_transit", "arrived", "notified", "returned"] == rivers.steps()
    assert {"借阅成功": 2, "图书即将到期": 2, "图书已逾期": 8, "费用通知": 2} == Counter(
        consortium.letters(reader.email)[5:]
    )


@pytest.mark.rule("R-SZUTL-7", "R-SZUTL-8")
def test_a_campus_reader_has_a_week_after_the_holiday_and_another_renews(consortium: Consortium) -> None:
    consortium.owns("szutl", "Harbours", "Lighthouses")
    campus, other = Reader(consortium.begins("2026-06-04"), "wang"), Reader(consortium, "zhao")
    campus.is_recorded_as("campus", at="szutl")
    harbours, lighthouses = handed_over(campus.asks_for("Harbours"), other.asks_for("Lighthouses"))

    # 31 days from 10 June end in the holiday of 6 July to 30 August: 30 August and 7 days for campus readers
    assert ("2026-09-06", "2026-07-11") == (harbours.due, lighthouses.due)
    assert ["R-SZUTL-6", "R-SZUTL-8", "R-SZUTL-18"] == harbours.rests_on()

    # on the last day, for 31 days more, once
    consortium.on("2026-07-11")

    assert "2026-08-11" == lighthouses.is_renewed()
    assert "limit_reached" == lighthouses.may_not_be_renewed()
    consortium.on("2026-09-07")
    for loan in (harbours, lighthouses):
        loan.comes_back()

    # a day after the grace; 20 days to 31 August and 7 more, at 0.20
    assert ("2026-09-06", 1, "0.20") == harbours.explained()
    assert ("2026-08-11", 27, "5.40") == lighthouses.explained()
    assert [("closed", "completed")] * 2 == [harbours.goes_home(), lighthouses.goes_home()]
    for reader, charged in ((campus, "0.20"), (other, "5.40")):
        assert (charged, "0.00", charged) == reader.account("szutl")
        assert "0.00" == reader.pays("szutl", charged)
        assert (charged, charged, "0.00") == reader.account("szutl")
