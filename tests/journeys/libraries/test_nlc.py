"""The National Library: back before the holidays, called back at any time, so many a month."""

from __future__ import annotations

import pytest

from tests.journeys.libraries.consortium import Consortium, good
from tests.journeys.libraries.telling import Reader


@pytest.mark.rule("R-NLC-1", "R-NLC-2", "R-NLC-3", "R-NLC-6")
def test_a_book_is_due_before_the_holiday_and_sooner_if_it_is_recalled(consortium: Consortium) -> None:
    consortium.owns("nlc", "Grottoes", "Scrolls", "Stones")
    reader = Reader(consortium.begins("2026-06-02"))
    (early,) = reader.borrows("Stones")

    # handed over on 8 June 10:00: the last day of a month is 8 July, before the holiday's date
    assert "2026-07-08" == early.due
    consortium.on("2026-06-16")
    grottoes, scrolls = reader.borrows("Grottoes", "Scrolls")

    # a month from 22 June is 22 July, but the holiday begins on 13 July: the day before, less 2 for the way
    assert ["2026-07-10"] * 2 == [grottoes.due, scrolls.due]
    assert ("2026-07-12", "policy_no_renewal") == (grottoes.lender_due, grottoes.may_not_be_renewed())
    consortium.on("2026-06-24")
    scrolls.hears("Recalled")

    # 7 days from 24 June
    assert ("2026-07-01", "2026-07-10") == (scrolls.due, grottoes.due)
    consortium.on("2026-07-03")
    for loan in (scrolls, early):
        loan.comes_back()
    consortium.on("2026-07-10")
    grottoes.comes_back()

    # 2 days at 5.00
    assert ("2026-07-01", 2, "10.00") == scrolls.explained()
    assert ("2026-07-10", 0, "0.00") == grottoes.explained()
    assert [("closed", "completed")] * 3 == [loan.goes_home(2) for loan in (early, scrolls, grottoes)]
    assert ("10.00", "0.00", "10.00") == reader.account("nlc")
    assert "0.00" == reader.pays("nlc", "10.00")


@pytest.mark.rule("R-NLC-4", "R-NLC-5", "R-NLC-7")
def test_a_used_up_quota_sends_readers_elsewhere_until_the_month_is_over(consortium: Consortium) -> None:
    for title in ("Grottoes", "Scrolls", "Stones", "Bronzes"):
        consortium.owns("nlc", title)
    consortium.owns("pku", "Bronzes")
    policy = good(consortium.begins("2026-11-27").office.get("/policies/nlc"))["document"]
    two_a_month = {**policy, "quota": {"monthly": 2}}
    good(consortium.office.put("/policies/nlc", json={"document": two_a_month, "reason": "a trial"}))
    reader = Reader(consortium)
    kept, given_up = reader.asks_for("Grottoes"), reader.asks_for("Scrolls")

    assert ["quota_exhausted"] == reader.may_not_have("Stones")

    # a Chinese book that a university has as well is asked for there
    bronzes = reader.asks_for("Bronzes")

    assert [("pku", "available"), ("nlc", "quota_exhausted")] == bronzes.rota()

    # given up before it was shipped, it gives its place in the quota back
    given_up.step("cancellation")
    given_up.hears("Cancelled")
    again = reader.asks_for("Stones")

    # at midnight in Beijing another month begins
    consortium.on("2026-11-30", 23)

    assert ["quota_exhausted"] == reader.may_not_have("Scrolls")
    consortium.on("2026-12-01", 0)
    more = reader.asks_for("Scrolls")

    assert ["nlc"] * 3 == [loan.lender for loan in (kept, again, more)]

    # the first goes all its way, and is due before the winter holiday that begins on 18 January
    kept.is_accepted()
    kept.is_shipped()
    consortium.on("2026-12-21")
    kept.arrives()
    kept.is_handed_over()

    # a month is 21 January; the day before the holiday, less 2, is 15 January
    assert "2027-01-15" == kept.due
    consortium.on("2027-01-18")
    kept.comes_back()

    # in the holiday nothing is taken: 3 days at 5.00 are owed all the same
    assert ["processing_stopped"] == reader.may_not_have("Grottoes")
    assert ("2027-01-15", 3, "15.00") == kept.explained()
    assert ["R-NLC-1", "R-NLC-6", "R-NLC-3"] == kept.rests_on()
    assert ("closed", "completed") == kept.goes_home(2)
    assert "0.00" == reader.pays("nlc", "15.00")


@pytest.mark.rule("R-NLC-5", "R-NLC-7")
def test_what_was_sent_before_the_winter_waits_until_it_is_over(consortium: Consortium) -> None:
    consortium.owns("nlc", "Odes", language="eng")
    consortium.owns("pku", "Odes", language="eng")
    consortium.owns("nlc", "Bronzes", "Stones")
    consortium.owns("pku", "Bronzes")
    reader = Reader(consortium.begins("2027-01-16"))
    odes, bronzes = reader.asks_for("Odes"), reader.asks_for("Bronzes")

    # universities lend Chinese books alone, and the National Library is rather asked for foreign ones
    assert [("nlc", "available"), ("pku", "language_not_lent")] == odes.rota()
    assert [("pku", "available"), ("nlc", "prefers_foreign")] == bronzes.rota()

    # of the three days to answer in, two come after the break of 18 January to 28 February
    consortium.on("2027-02-20")

    assert ["processing_stopped"] == reader.may_not_have("Stones")
    assert ("submitted", "nlc") == (odes.seen()["status"], odes.seen()["lender"])
    consortium.on("2027-03-03")
    odes.is_accepted()
    odes.is_shipped()
    consortium.on("2027-03-08")
    odes.arrives()
    odes.is_handed_over()

    # a month from 8 March
    assert "2027-04-08" == odes.due
    consortium.on("2027-04-09")
    odes.comes_back()

    assert ("2027-04-08", 1, "5.00") == odes.explained()
    assert ("closed", "completed") == odes.goes_home(2)
    assert "0.00" == reader.pays("nlc", "5.00")
    assert ("5.00", "5.00", "0.00") == reader.account("nlc")
