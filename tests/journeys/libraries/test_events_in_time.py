"""Recalls and amendments of loans under way: each counts from when somebody could know of it."""

from __future__ import annotations

import pytest

from tests.journeys.libraries.consortium import DATABASES, Consortium, good
from tests.journeys.libraries.telling import Loan, Reader

HERE = pytest.mark.parametrize("consortium", DATABASES, indirect=True)


def notice(consortium: Consortium, new_due: str, *, dry_run: bool = False) -> dict[str, object]:
    """Amend every loan under way, or ask what that would change."""
    said = {"issued_from": "2025-01-01", "new_due": new_due, "reason": "spring works", "dry_run": dry_run}
    return good(consortium.office.post("/amendments", json=said), 200 if dry_run else 201)


def lent(consortium: Consortium, library: str, begins: str, category: str | None = None) -> Loan:
    """Hand a book of this library over, six days after the story begins."""
    consortium.owns(library, "Rivers")
    reader = Reader(consortium.begins(begins))
    if category is not None:
        reader.is_recorded_as(category, at=library)
    (loan,) = reader.borrows("Rivers")
    return loan


@HERE
@pytest.mark.rule("R-FJMU-10")
def test_w73_a_recall_that_is_heard_late_takes_no_days_that_had_gone_by(consortium: Consortium) -> None:
    loan = lent(consortium, "fjmu", "2025-03-04", "staff")

    assert "2025-09-14" == loan.due
    consortium.on("2025-03-26", 9)
    loan.hears("Recalled", occurred_at="2025-03-20T09:00:00+08:00")

    assert ("2025-04-02", "2025-04-06") == (loan.due, loan.lender_due)
    consortium.on("2025-03-30")
    loan.comes_back()

    assert ("2025-04-02", 0, "0.00") == loan.explained()
    assert ("closed", "completed") == loan.goes_home()
    assert ("0.00", "0.00", "0.00") == loan.reader.account("fjmu")


@pytest.mark.rule("R-FJMU-10")
def test_a_recall_that_is_heard_after_the_return_costs_nothing(consortium: Consortium) -> None:
    loan = lent(consortium, "fjmu", "2025-03-04", "staff")
    consortium.on("2025-04-20")
    loan.comes_back()
    loan.hears("Recalled", occurred_at="2025-03-20T09:00:00+08:00")

    assert ("2025-09-14", 0, "0.00") == loan.explained()
    assert ("0.00", "0.00", "0.00") == loan.reader.account("fjmu")


@HERE
@pytest.mark.rule("R-BALIS-2")
def test_w74_an_amendment_after_a_renewal_keeps_the_renewals_later_date(consortium: Consortium) -> None:
    loan = lent(consortium, "szutl", "2026-01-06")

    assert "2026-02-12" == loan.due
    consortium.on("2026-02-01")

    assert "2026-03-15" == loan.is_renewed()
    consortium.on("2026-02-05")

    assert [] == notice(consortium, "2026-03-12", dry_run=True)["items"]
    notice(consortium, "2026-03-12")
    consortium.work()

    assert ("2026-03-15", "2026-03-19") == (loan.due, loan.lender_due)
    consortium.on("2026-03-16")
    loan.comes_back()

    assert ("2026-03-15", 1, "0.20") == loan.explained()


@pytest.mark.rule("R-BALIS-2")
def test_a_renewal_under_an_amendment_keeps_its_date_when_that_is_taken_back(consortium: Consortium) -> None:
    loan = lent(consortium, "szutl", "2026-01-06")
    consortium.on("2026-02-05")
    made = notice(consortium, "2026-03-12")
    consortium.work()

    assert "2026-03-12" == loan.due
    consortium.on("2026-02-20")

    assert "2026-04-12" == loan.is_renewed()
    good(consortium.office.post(f"/amendments/{made['id']}/revocation", json={"reason": "too early"}))
    consortium.work()

    assert "2026-04-12" == loan.due
    assert ["R-SZUTL-6", "R-SZUTL-7", "R-SZUTL-18"] == loan.rests_on()
    consortium.on("2026-04-13")
    loan.comes_back()

    assert ("2026-04-12", 1, "0.20") == loan.explained()


@HERE
@pytest.mark.rule("R-NLC-2", "R-BALIS-4")
def test_w75_an_amendment_then_a_recall_that_beats_it(consortium: Consortium) -> None:
    loan = lent(consortium, "nlc", "2025-02-25")

    assert "2025-04-03" == loan.due
    consortium.on("2025-03-20")
    notice(consortium, "2025-04-20")
    consortium.work()

    assert "2025-04-20" == loan.due
    assert ["R-NLC-1", "R-BALIS-2", "R-NLC-3"] == loan.rests_on()
    consortium.on("2025-03-25")
    loan.hears("Recalled")

    assert ("2025-04-01", "2025-04-03") == (loan.due, loan.lender_due)
    consortium.on("2025-04-10")
    loan.comes_back()

    assert ("2025-04-01", 9, "45.00") == loan.explained()
    assert ("45.00", "0.00", "45.00") == loan.reader.account("nlc")
