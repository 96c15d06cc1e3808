"""The Main Library of IIT (BHU) asks for a paper that says that nothing is open: when there is none."""

from __future__ import annotations

import pytest

from ill_broker.services.privileges.no_dues import NoDues, OpenMatters
from ill_broker.storage.store import Store
from tests.factories import BHU, DAY, SZUTL
from tests.ill_broker.services.lending import OFFICE, Lending
from tests.ill_broker.services.rulebooks import Office
from workflows.ids import LibraryCode
from workflows.money import Money
from workflows.requests.commands import ReportLoss, TakeBack
from workflows.requests.request import Request


@pytest.fixture
def office(store: Store) -> Office:
    return Office(Lending(store))


def asked(office: Office, loan: Request, library: LibraryCode = BHU) -> OpenMatters:
    dues = NoDues(office.lending.store, office.lending.directory)
    return dues.answer(loan.patron, library, OFFICE, now=office.lending.now)


@pytest.mark.rule("R-BHU-8")
def test_a_loan_is_open_until_the_book_is_back_and_at_its_lender_alone(office: Office) -> None:
    loan = office.lent(BHU)
    held = [(due.kind, due.request) for due in asked(office, loan).open]
    elsewhere = asked(office, loan, SZUTL).clear
    office.lending.now += 2 * DAY
    office.lending.do(loan, TakeBack())

    assert [("loan", loan.id)] == held
    assert elsewhere
    assert asked(office, loan).clear


@pytest.mark.rule("R-BHU-4")
def test_a_fine_is_open_after_the_book_is_back(office: Office) -> None:
    loan = office.lent(BHU)
    office.lending.now += 40 * DAY
    office.lending.do(loan, TakeBack())

    (due,) = asked(office, loan).open
    assert ("fine", "INR") == (due.kind, due.amount and due.amount.currency)
    assert due.amount == Money.parse("10.00", "INR")


@pytest.mark.rule("R-BHU-9")
def test_a_reported_loss_is_open(office: Office) -> None:
    loan = office.lent(BHU)
    office.lending.do(loan, ReportLoss())

    assert ["loss"] == [due.kind for due in asked(office, loan).open]
