"""Several members lend by one policy file: what they lend, forbid and charge stays each library's own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.libraries.consortium import DATABASES, Consortium, good
from tests.journeys.libraries.telling import Reader, handed_over


@pytest.mark.parametrize("consortium", DATABASES, indirect=True)
def test_two_members_on_one_policy_count_cap_and_charge_apart(consortium: Consortium) -> None:
    """Jinan's file allows three books and 10.00 a card; jnu and sdu have none of their own, nor has bnu."""
    consortium.joins("bnu", policy="balis")
    for code in ("jnu", "sdu"):
        consortium.joins(code, policy="jinan")
        consortium.owns(code, *(f"{code} {n}" for n in range(4)))
    consortium.begins("2026-02-24")
    reader = Reader(consortium, home="bnu")
    loans = reader.borrows(*(f"{code} {n}" for code in ("jnu", "sdu") for n in range(2)))

    assert ["jnu", "jnu", "sdu", "sdu"] == [loan.lender for loan in loans]
    assert ["2026-05-01"] * 4 == [loan.due for loan in loans]
    third = reader.asks_for("jnu 2")

    # three at jnu, two at sdu
    assert ["lender_limit"] == reader.may_not_have("jnu 3")
    assert "sdu" == reader.asks_for("sdu 2").lender
    third.hears("Unfilled")

    # 161 x 0.05 = 8.05 a book: each library's card has room for 10.00, whatever is owed to the other
    consortium.on("2026-10-09")
    for loan in loans:
        loan.comes_back()

    assert [("2026-05-01", 161, "8.05")] * 4 == [loan.explained() for loan in loans]
    for code in ("jnu", "sdu"):
        assert ("10.00", "0.00", "10.00") == reader.account(code)
        assert [("8.05", "8.05", None), ("8.05", "1.95", "card")] == reader.fines(code)
    assert ("0.00", "0.00", "0.00") == reader.account("jinan")
    assert "0.00" == reader.pays("jnu", "10.00")
    assert ("10.00", "0.00", "10.00") == reader.account("sdu")
    assert [("closed", "completed")] * 4 == [loan.goes_home() for loan in loans]


def test_what_one_member_records_of_a_reader_holds_there_alone(consortium: Consortium) -> None:
    consortium.joins("bnu", policy="balis")
    for code in ("jnu", "sdu"):
        consortium.joins(code, policy="jinan")
        consortium.owns(code, *(f"{code} {n}" for n in range(4)))
    consortium.begins("2026-02-24")
    reader = Reader(consortium, home="bnu")
    reader.is_recorded_as("family", at="jnu")
    for code in ("jnu", "sdu"):
        for n in range(3):
            reader.asks_for(f"{code} {n}")

    assert "jnu" == reader.asks_for("jnu 3").lender
    assert ["lender_limit"] == reader.may_not_have("sdu 3")


def test_an_amendment_leaves_out_one_of_two_members_on_one_policy(consortium: Consortium) -> None:
    for code in ("cufe", "bnu"):
        consortium.joins(code, policy="balis")
        consortium.owns(code, code)
    consortium.begins("2026-03-02")
    reader = Reader(consortium)
    cufe, bnu = handed_over(reader.asks_for("cufe"), reader.asks_for("bnu"))

    assert ["2026-04-05"] * 2 == [cufe.due, bnu.due]
    notice: dict[str, Any] = {
        "issued_after": "2026-03-01",
        "new_due": "2026-05-04",
        "exclude_lenders": ["cufe"],
        "reason": "the library moves",
        "dry_run": False,
    }
    good(consortium.office.post("/amendments", json=notice), 201)
    consortium.work()

    assert ("2026-04-05", "2026-05-04") == (cufe.due, bnu.due)


def test_the_shared_file_may_leave_out_a_member_that_has_none(consortium: Consortium) -> None:
    """The winter break stands in the consortium's own file; the office takes one member out by its code."""
    for code in ("cufe", "bnu"):
        consortium.joins(code, policy="balis")
        consortium.owns(code, code)
    consortium.begins("2026-01-05")
    shown = consortium.office.get("/policies/balis")
    document = shown.json["document"]
    document["bulk_extensions"][0]["exclude_lenders"].append("cufe")
    installed = consortium.office.put(
        "/policies/balis",
        json={"document": document, "reason": "cufe stays open"},
        headers={"If-Match": shown.headers["ETag"]},
    )
    good(installed)
    consortium.on("2026-01-06")
    reader = Reader(consortium)
    cufe, bnu = handed_over(reader.asks_for("cufe"), reader.asks_for("bnu"))

    assert ("2026-02-09", "2026-03-07") == (cufe.due, bnu.due)
    assert "balis" == good(consortium.office.get("/policies/cufe"))["document"]["inherits"]


def test_a_file_of_its_own_comes_before_the_one_that_a_member_names(consortium: Consortium) -> None:
    """The file that is shown for a member without one is whole: it can be installed."""
    consortium.joins("cufe", policy="balis")
    consortium.owns("cufe", "cufe")
    consortium.begins("2026-03-02")
    shown = consortium.office.get("/policies/cufe")
    document = shown.json["document"] | {"loan_rules": [{"id": "ten", "when": {}, "period": {"days": 10}}]}
    installed = consortium.office.put(
        "/policies/cufe",
        json={"document": document, "reason": "its own term"},
        headers={"If-Match": shown.headers["ETag"]},
    )
    good(installed)
    consortium.on("2026-03-03")
    (loan,) = handed_over(Reader(consortium).asks_for("cufe"))

    assert "2026-03-19" == loan.due
