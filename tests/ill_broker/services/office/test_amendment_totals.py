"""What a dry run says of all loans together is what each of them would say, and what is then done."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from ill_broker.services.office.amendments import Sums
from ill_broker.storage import requests as request_rows
from ill_broker.storage.failures import Unreadable
from ill_broker.storage.rows import requests
from ill_broker.storage.store import Store
from tests.factories import BHU, DAY, JINAN, NLC, PKU, SZUTL, an_amendment, the_book
from tests.ill_broker.services.lending import OFFICE, Lending
from tests.ill_broker.services.rulebooks import Office
from workflows.decisions.amending import Touched, amended
from workflows.money import Money
from workflows.requests.request import Request

AMENDMENT = an_amendment(exclude_lenders=(NLC,))


@pytest.fixture
def office(store: Store) -> Office:
    return Office(Lending(store))


def lend(office: Office) -> list[Request]:
    """Lend at five libraries in two currencies, twice at one of them."""
    loans = [office.lent(lender) for lender in (SZUTL, SZUTL, JINAN, BHU, PKU, NLC)]
    office.lending.now += 60 * DAY
    return [office.lending.load(loan) for loan in loans]


def one_by_one(office: Office, loans: list[Request]) -> dict[str, Sums]:
    sums: dict[str, Sums] = {}
    for loan in loans:
        found = amended(loan, AMENDMENT, the_book(), as_of=office.lending.now)
        if found is not None:
            zero = Money.zero(found.before.fine.currency)
            sums.setdefault(zero.currency, Sums(0, zero, zero)).count(found)
    return sums


def moved(office: Office, loans: list[Request]) -> list[Touched]:
    found = (amended(loan, AMENDMENT, the_book(), as_of=office.lending.now) for loan in loans)
    return [one for one in found if one is not None]


def test_the_totals_of_a_dry_run_are_those_of_the_loans_one_by_one(office: Office) -> None:
    loans = lend(office)

    totals = office.amendments.dry_run(AMENDMENT, now=office.lending.now, limit=1).totals

    assert totals is not None
    assert {"CNY", "INR"} >= set(totals.currencies)
    assert one_by_one(office, loans) == totals.currencies
    assert {(found.before.due, found.after.due) for found in moved(office, loans)} == set(totals.moves)
    assert totals.touched == totals.moves.total()


def test_as_many_loans_are_amended_as_the_dry_run_said(office: Office) -> None:
    loans = lend(office)
    before = office.amendments.dry_run(AMENDMENT, now=office.lending.now, limit=1).totals

    kept = office.amendments.apply(AMENDMENT, OFFICE, now=office.lending.now)
    after = office.amendments.dry_run(AMENDMENT, now=office.lending.now, limit=1).totals

    assert before is not None
    assert after is not None
    assert before.touched == kept.touched > 0
    assert (len(loans), 0) == (after.examined, after.touched)


def test_an_outline_has_all_that_the_loan_clock_looks_at(office: Office) -> None:
    loan = office.lent(SZUTL)
    office.lending.at(office.lending.now + DAY)

    with office.lending.store.reading() as conn:
        (outline,) = request_rows.loans_out(conn, after=None, limit=9)
        whole = request_rows.load(conn, loan.id)

    assert whole is not None
    assert replace(whole, rota=(), alarm=None, holdings=outline.holdings) == replace(
        outline, hold_until=whole.hold_until, due=whole.due, lender_due=whole.lender_due
    )
    assert amended(whole, AMENDMENT, the_book(), as_of=office.lending.now) is not None


@pytest.mark.parametrize("state", ["no JSON", "[]", "{}", '{"holdings": [{}]}'])
def test_a_spoilt_row_is_unreadable(office: Office, state: str) -> None:
    loan = office.lent()
    with office.lending.store.writing() as conn:
        conn.execute(update(requests).where(requests.c.id == loan.id).values(state=state))

    with office.lending.store.reading() as conn, pytest.raises(Unreadable):
        request_rows.loans_out(conn, after=None, limit=9)
