"""The winter notice: loans made after 4 January are all due on 7 March, NLC's and Shanghai's excepted."""

from __future__ import annotations

import pytest

from tests.journeys.libraries.consortium import Consortium, good
from tests.journeys.libraries.telling import Loan, Reader

NOTICE = {
    "issued_after": "2027-01-04",
    "new_due": "2027-03-07",
    "exclude_lenders": ["nlc", "shlib"],
    "reason": "winter break",
}


def given(consortium: Consortium) -> str:
    """Give the notice, have the worker finish it, and return its id."""
    made = good(consortium.office.post("/amendments", json={**NOTICE, "dry_run": False}), 201)
    consortium.work()
    return str(made["id"])


def made_about_the_day(reader: Reader) -> list[Loan]:
    """Borrow of Shenzhen on the 4th, of it, NLC and Shanghai on the 5th, and of Fujian on the 18th."""
    reader.all.owns("szutl", "Rivers", "Bridges")
    for library, title in (("nlc", "Grottoes"), ("shlib", "Lanes"), ("fjmu", "Surgery")):
        reader.all.owns(library, title)
    loans = [reader.asks_for(title) for title in ("Rivers", "Bridges", "Grottoes", "Lanes", "Surgery")]
    for loan in loans:
        loan.is_accepted()
        loan.is_shipped()
    reader.all.on("2027-01-04")
    for loan in loans[:-1]:
        loan.arrives()
    loans[0].is_handed_over()
    reader.all.on("2027-01-05")
    for loan in loans[1:-1]:
        loan.is_handed_over()
    reader.all.on("2027-01-18")
    loans[-1].arrives()
    loans[-1].is_handed_over()
    return loans


def all_come_back(loans: list[Loan]) -> None:
    """Bring each back late or in time: NLC's, Fujian's, Shanghai's, and in spring Shenzhen's two."""
    rivers, bridges, grottoes, lanes, surgery = loans
    for day, back in (
        ("2027-01-20", [grottoes]),
        ("2027-01-29", [surgery]),
        ("2027-02-19", [lanes]),
        ("2027-03-08", [rivers, bridges]),
    ):
        rivers.reader.all.on(day)
        for loan in back:
            loan.comes_back()


@pytest.mark.rule("R-BALIS-2", "R-BALIS-3", "R-BALIS-4")
def test_the_notice_reaches_loans_under_way_and_a_recall_beats_it(consortium: Consortium) -> None:
    reader = Reader(consortium.begins("2026-12-28"))
    _, bridges, _, _, surgery = loans = made_about_the_day(reader)

    # 31 days from the 4th and the 5th; before the holiday of 18 January, less 2; 45 days; a month
    before = ["2027-02-04", "2027-02-05", "2027-01-15", "2027-02-19", "2027-02-18"]

    assert before == [loan.due for loan in loans]

    # of these five only the second and the last were made after the 4th, elsewhere than at the two
    consortium.on("2027-01-19")
    dry = good(consortium.office.post("/amendments", json=NOTICE))

    assert {(bridges.id, "2027-02-05", "2027-03-07"), (surgery.id, "2027-02-18", "2027-03-07")} == {
        (each["request"], each["due"], each["new_due"]) for each in dry["items"]
    }
    assert before == [loan.due for loan in loans]
    hasty = given(consortium)
    after = ["2027-02-04", "2027-03-07", "2027-01-15", "2027-02-19", "2027-03-07"]

    assert after == [loan.due for loan in loans]
    assert 2 == good(consortium.office.get(f"/amendments/{hasty}"))["touched"]

    # taken back, everything is as it was; given anew, as it is said
    good(consortium.office.post(f"/amendments/{hasty}/revocation", json={"reason": "too early"}))
    consortium.work()

    assert before == [loan.due for loan in loans]
    given(consortium)

    assert after == [loan.due for loan in loans]

    # 4 days for the way back, each time
    assert ["2027-02-09", "2027-03-11", "2027-02-09", "2027-03-11"] == consortium.told_days(
        "szutl", bridges.id
    )

    # 7 days from 20 January
    consortium.on("2027-01-20", 9)
    surgery.hears("Recalled")

    assert "2027-01-27" == surgery.due
    all_come_back(loans)

    # 24 days to 28 February and 8 more at 0.20; 1 at 0.20; 5 at 5.00; none; 2 at 0.10
    assert [
        ("2027-02-04", 32, "6.40"),
        ("2027-03-07", 1, "0.20"),
        ("2027-01-15", 5, "25.00"),
        ("2027-02-19", 0, "0.00"),
        ("2027-01-27", 2, "0.20"),
    ] == [loan.explained() for loan in loans]
    assert {("closed", "completed")} == {loan.goes_home() for loan in loans}
    for lender, charged in (("szutl", "6.60"), ("nlc", "25.00"), ("fjmu", "0.20")):
        assert (charged, "0.00", charged) == reader.account(lender)
        assert "0.00" == reader.pays(lender, charged)
    assert ("0.00", "0.00", "0.00") == reader.account("shlib")


@pytest.mark.rule("R-BALIS-1", "R-BALIS-2", "R-BJTU-6")
def test_the_notice_in_the_members_rules_holds_for_loans_made_after_it(consortium: Consortium) -> None:
    consortium.owns("pku", "Towers", "Pagodas")
    reader = Reader(consortium.begins("2025-12-29"))
    (towers,) = reader.borrows("Towers")
    pagodas = reader.asks_for("Pagodas")
    pagodas.is_accepted()
    pagodas.is_shipped()
    consortium.on("2026-01-05")
    pagodas.arrives()
    pagodas.is_handed_over()

    # 28 days from 4 January, which "after 4 January" leaves out
    assert ("2026-02-01", "2026-03-07") == (towers.due, pagodas.due)
    consortium.on("2026-03-09")
    for loan in (towers, pagodas):
        loan.comes_back()

    # 27 days to 28 February and 9 more; no rate is stated, so that staff decide
    assert [("2026-02-01", 36, None), ("2026-03-07", 2, None)] == [towers.explained(), pagodas.explained()]
    assert [("closed", "completed")] * 2 == [towers.goes_home(), pagodas.goes_home()]
    assert ("0.00", "0.00", "0.00") == reader.account("pku")
