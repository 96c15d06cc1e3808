"""Shanghai: 45 days with the reader, however long the roads are; no renewal, half a yuan a day."""

from __future__ import annotations

import pytest

from tests.journeys.libraries.consortium import Consortium
from tests.journeys.libraries.telling import Reader


@pytest.mark.rule("R-SHLIB-1", "R-SHLIB-2", "R-SHLIB-4", "C-1", "C-3", "C-6")
def test_forty_five_days_count_only_while_the_reader_has_the_book(consortium: Consortium) -> None:
    consortium.owns("shlib", "Lanes", language="eng")
    reader = Reader(consortium.begins("2026-02-24"))
    lanes = reader.asks_for("Lanes")
    lanes.is_accepted()
    consortium.on("2026-02-26")
    lanes.is_shipped()

    # eight days on the road and three on the shelf
    consortium.on("2026-03-06")
    lanes.arrives()
    consortium.on("2026-03-09")
    lanes.is_handed_over()

    # 22 days to 31 March, and 23 more; the lender sees 5 days for the way back
    assert ("2026-04-23", "2026-04-28") == (lanes.due, lanes.lender_due)
    assert "policy_no_renewal" == lanes.may_not_be_renewed()

    # four midnights away for repair are four days more
    consortium.on("2026-03-20")
    lanes.step("transfer", starts=True)
    consortium.on("2026-03-24")
    lanes.step("transfer", starts=False)

    assert ("2026-04-27", "2026-05-02") == (lanes.due, lanes.lender_due)
    consortium.work()

    assert ["2026-04-28", "2026-05-02"] == consortium.told_days("shlib", lanes.id)

    # 28 to 30 April
    consortium.on("2026-04-30")
    lanes.comes_back()

    assert ("2026-04-27", 3, "1.50") == lanes.explained()

    # a way back of twelve days is nobody's fine
    assert ("closed", "completed") == lanes.goes_home(days=12)
    assert ("2026-04-27", 3, "1.50") == lanes.explained()
    assert ("1.50", "0.00", "1.50") == reader.account("shlib")
    assert "0.00" == reader.pays("shlib", "1.50")
    assert ("1.50", "1.50", "0.00") == reader.account("shlib")


@pytest.mark.rule("R-SHLIB-3")
def test_a_recalled_book_is_due_a_week_later_and_never_later_than_it_was(consortium: Consortium) -> None:
    consortium.owns("shlib", "Lanes", "Gates")
    reader = Reader(consortium.begins("2026-03-03"))
    lanes, gates = reader.borrows("Lanes", "Gates")
    consortium.on("2026-03-16")
    lanes.hears("Recalled")
    consortium.on("2026-04-20")
    gates.hears("Recalled")

    # 7 days from 16 March; 45 days from 9 March come before 7 days from 20 April
    assert ("2026-03-23", "2026-04-23") == (lanes.due, gates.due)
    for loan in (lanes, gates):
        loan.comes_back()

    # 8 days to 31 March and 20 more, at 0.50
    assert [("2026-03-23", 28, "14.00"), ("2026-04-23", 0, "0.00")] == [lanes.explained(), gates.explained()]
    assert [("closed", "completed")] * 2 == [lanes.goes_home(), gates.goes_home()]
    assert ("14.00", "0.00", "14.00") == reader.account("shlib")
    assert "0.00" == reader.pays("shlib", "14.00")
