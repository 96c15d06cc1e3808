"""IIT (BHU): a semester for the book bank, nothing new while one is overdue, no return on the first day."""

from __future__ import annotations

import pytest

from tests.journeys.libraries.consortium import Consortium
from tests.journeys.libraries.telling import Reader


@pytest.mark.rule("R-BHU-2", "R-BHU-3", "R-BHU-11", "R-BHU-6", "R-BHU-14")
def test_a_semester_loan_overdue_blocks_the_next_until_it_is_back(consortium: Consortium) -> None:
    consortium.owns("bhu", "Circuits", "Optics", language="eng", collection="text_book_bank")
    consortium.owns("bhu", "Ganges", language="eng")
    reader = Reader(consortium.begins("2026-03-04"))

    assert ["category_not_entitled"] == reader.may_not_have("Circuits")
    reader.is_recorded_as("ug", at="bhu")
    circuits, ganges = reader.borrows("Circuits", "Ganges")

    # the semester that begins in January ends on 8 May; 60 days from 10 March: 21 to 31 March, 51 to 30 April
    assert ("2026-05-08", "2026-05-09") == (circuits.due, ganges.due)
    assert "refused_same_day" == ganges.is_refused("return")

    # two o'clock in Beijing is half past eleven the night before in Varanasi
    consortium.on("2026-03-11", 2)

    assert "refused_same_day" == ganges.is_refused("return")
    consortium.on("2026-03-11")
    ganges.comes_back()

    assert ("closed", "completed") == ganges.goes_home()

    # another is asked for in time, but arrives when the first is late
    consortium.on("2026-05-07")
    optics = reader.asks_for("Optics")
    optics.is_accepted()
    optics.is_shipped()
    consortium.on("2026-05-14")
    optics.arrives()

    assert ["overdue_block"] == reader.may_not_have("Ganges")
    assert "overdue_block" == optics.is_refused("handover")
    consortium.on("2026-05-15")
    circuits.comes_back()

    # 7 rupees for 9 to 15 May; what is owed blocks nothing
    assert ("2026-05-08", 7, "7.00") == circuits.explained()
    assert ["R-BHU-2", "R-BHU-11"] == circuits.rests_on()
    optics.is_handed_over()

    # the next semester ends on 4 December
    assert "2026-12-04" == optics.due
    assert ("closed", "completed") == circuits.goes_home(days=10)
    assert ("7.00", "0.00", "7.00") == reader.account("bhu")
    assert "0.00" == reader.pays("bhu", "7.00", "INR")
    consortium.on("2026-12-04")
    optics.comes_back()

    assert ("closed", "completed") == optics.goes_home(days=10)
    assert ("7.00", "7.00", "0.00") == reader.account("bhu")


@pytest.mark.rule("R-BHU-3", "R-BHU-12")
def test_a_permitted_thesis_is_lent_for_a_night_and_over_a_sunday(consortium: Consortium) -> None:
    thesis = {"language": "eng", "item_type": "thesis"}
    consortium.owns("bhu", "On Silt", **thesis)
    reader = Reader(consortium.begins("2026-03-08"))

    assert ["permission_required"] == reader.may_not_have("On Silt")
    reader.is_permitted("On Silt", at="bhu", **thesis)
    (silt,) = reader.borrows("On Silt")

    # handed over on Saturday 14 March; Sunday is closed
    assert ("2026-03-16", "policy_no_renewal") == (silt.due, silt.may_not_be_renewed())
    consortium.on("2026-03-18")
    silt.comes_back()

    assert ("2026-03-16", 2, "2.00") == silt.explained()
    assert ("closed", "completed") == silt.goes_home(days=10)
    assert "0.00" == reader.pays("bhu", "2.00", "INR")
    assert ("2.00", "2.00", "0.00") == reader.account("bhu")
