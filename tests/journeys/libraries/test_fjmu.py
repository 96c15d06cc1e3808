"""Fujian Medical University: two weeks into the next term, and a fine for the book and for its disc."""

from __future__ import annotations

import pytest

from tests.journeys.libraries.consortium import Consortium
from tests.journeys.libraries.telling import Reader


@pytest.mark.rule("R-FJMU-4", "R-FJMU-5", "R-FJMU-6", "R-FJMU-7")
def test_a_book_of_the_terms_end_comes_back_in_the_next_and_its_disc_is_late_by_itself(
    consortium: Consortium,
) -> None:
    consortium.owns("fjmu", "Anatomy", "Surgery", "Nursing")
    reader = Reader(consortium.begins("2026-06-06"))
    (in_term,) = reader.borrows("Surgery")
    consortium.on("2026-06-12", 17)
    (at_its_end,) = reader.borrows("Anatomy", pieces=("cd",))

    # a month from 12 June is the last day of term: no grace; a month from 18 June runs past it, so that the
    # 14th day of the term that begins on 7 September counts
    assert ("2026-07-12", "2026-09-20") == (in_term.due, at_its_end.due)
    assert ["lender_limit"] == reader.may_not_have("Nursing")
    consortium.on("2026-07-13")
    in_term.comes_back()

    assert ("2026-07-12", 1, "0.10") == in_term.explained()
    assert ("closed", "completed") == in_term.goes_home()

    # the book one day late, its disc four: 0.10 + 0.40
    consortium.on("2026-09-21")
    at_its_end.comes_back(missing=[1])

    assert ("0.20", "0.00", "0.20") == reader.account("fjmu")
    consortium.on("2026-09-24")
    at_its_end.step("pieces", returned=[1])

    assert ("2026-09-20", 1, "0.50") == at_its_end.explained()
    assert ["R-FJMU-4", "R-FJMU-7", "R-FJMU-5"] == at_its_end.rests_on()
    assert ("0.60", "0.00", "0.60") == reader.account("fjmu")
    assert ("closed", "completed") == at_its_end.goes_home()
    assert "0.00" == reader.pays("fjmu", "0.60")
    assert ("0.60", "0.60", "0.00") == reader.account("fjmu")


@pytest.mark.rule("R-FJMU-10", "G-10")
def test_a_recall_takes_the_next_term_back(consortium: Consortium) -> None:
    consortium.owns("fjmu", "Surgery", "Nursing")
    reader = Reader(consortium.begins("2026-06-12"))
    surgery, nursing = reader.borrows("Surgery", "Nursing")

    assert ["2026-09-20"] * 2 == [surgery.due, nursing.due]
    assert "policy_no_renewal" == nursing.may_not_be_renewed()
    consortium.on("2026-07-01")
    surgery.hears("Recalled", note="an examination")

    # 7 days from 1 July; no grace comes after a recall, and the other book is as it was
    assert ("2026-07-08", "2026-09-20") == (surgery.due, nursing.due)
    consortium.on("2026-07-10")
    for loan in (surgery, nursing):
        loan.comes_back()

    # 2 days at 0.10
    assert [("2026-07-08", 2, "0.20"), ("2026-09-20", 0, "0.00")] == [
        surgery.explained(),
        nursing.explained(),
    ]
    assert [("closed", "completed")] * 2 == [surgery.goes_home(), nursing.goes_home()]
    assert "0.00" == reader.pays("fjmu", "0.20")
    assert ("0.20", "0.20", "0.00") == reader.account("fjmu")
