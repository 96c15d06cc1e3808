"""Amendments over live loans: said first, done in one go, never twice, taken back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from ill_broker.services.office import amendments as amendments_module
from ill_broker.services.office.amendments import Amendments
from ill_broker.services.refusals import Unknown
from ill_broker.storage import amendments as rows
from ill_broker.storage.account_rows import accounts
from ill_broker.storage.amendments import AmendmentStatus, KeptAmendment
from ill_broker.storage.failures import Busy
from ill_broker.storage.rows import requests
from ill_broker.storage.store import Store
from tests.factories import DAY, NLC, PKU, SHLIB, START, SZUTL, an_amendment
from tests.ill_broker.services.lending import OFFICE, Lending
from tests.ill_broker.services.rulebooks import Office
from workflows.errors import InvalidCase
from workflows.ids import AmendmentId, LibraryCode, RequestId
from workflows.loan_clock.amendments import Amendment
from workflows.money import Money
from workflows.requests.commands import HandOver, ReportLoss, TakeBack
from workflows.requests.request import Request

AMENDED = date(2026, 5, 7)


@pytest.fixture
def office(store: Store) -> Office:
    return Office(Lending(store))


def due(office: Office, *requests: Request) -> list[date | None]:
    return [office.lending.load(request).due for request in requests]


def dry(office: Office, amendment: Amendment | None = None, **facts: Any) -> Any:
    facts = {"now": office.lending.now, "limit": 10, **facts}
    return office.amendments.dry_run(amendment or an_amendment(), **facts)


def apply(office: Office, amendment: Amendment | None = None) -> KeptAmendment:
    return office.amendments.apply(amendment or an_amendment(), OFFICE, now=office.lending.now)


def revoke(office: Office, reason: str = "a mistake") -> KeptAmendment:
    return office.amendments.revoke(an_amendment().id, reason, OFFICE, now=office.lending.now)


def test_a_dry_run_tells_every_loan_it_would_touch_and_changes_nothing(office: Office) -> None:
    pku, nlc, shlib = office.lent(PKU), office.lent(NLC), office.lent(SHLIB)
    office.waiting(PKU)
    office.lending.do(office.lent(PKU), TakeBack())

    found = dry(office, an_amendment(exclude_lenders=(NLC, SHLIB)))

    assert [(pku.id, pku.due, AMENDED)] == [
        (one.request.id, one.before.due, one.after.due) for one in found.items
    ]
    assert (3, 1, 0, None) == (
        found.totals.examined,
        found.totals.touched,
        found.totals.unjudged,
        found.next,
    )
    assert [pku.due, nlc.due, shlib.due] == due(office, pku, nlc, shlib)


def test_a_dry_run_adds_up_the_fines_of_now_by_currency(office: Office) -> None:
    office.lent(SZUTL), office.lent(SZUTL), office.lent(PKU)
    office.lending.now += 60 * DAY

    sums = dry(office).totals.currencies

    assert set(sums) == {"CNY"}
    assert sums["CNY"].loans == 3
    assert sums["CNY"].fine > sums["CNY"].new_fine == Money("CNY", 0)


def test_pages_of_a_dry_run_tell_each_loan_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(amendments_module, "_PAGE", 2)
    loans = [office.lent() for _ in range(5)]

    seen: list[RequestId] = []
    page = dry(office, limit=2)
    totals = [page.totals]
    seen += [one.request.id for one in page.items]
    while page.next:
        page = dry(office, limit=2, after=page.next)
        totals.append(page.totals)
        seen += [one.request.id for one in page.items]

    assert [loan.id for loan in reversed(loans)] == seen
    assert [5, None, None] == [total and total.touched for total in totals]


def test_a_loan_that_cannot_be_judged_is_counted_and_keeps_nobody_else_from_it(office: Office) -> None:
    lost, fine = office.lent(), office.lent()
    with office.lending.store.writing() as conn:
        spoilt = func.replace(requests.c.state, '"terms":"', '"terms":"gone-')
        conn.execute(update(requests).where(requests.c.id == lost.id).values(state=spoilt))

    totals = dry(office).totals
    apply(office)

    assert (2, 1, 1) == (totals.examined, totals.touched, totals.unjudged)
    assert [lost.due, AMENDED] == due(office, lost, fine)


def test_a_lender_that_there_is_none_of_is_refused(office: Office) -> None:
    wrong = an_amendment(exclude_lenders=(LibraryCode("nowhere"),))

    for asked in (dry, apply):
        with pytest.raises(InvalidCase, match="unknown_policy"):
            asked(office, wrong)


def test_an_amendment_is_applied_to_all_in_one_go_and_told_to_each_once(office: Office) -> None:
    loans = [office.lent() for _ in range(3)]
    office.lending.at(START + 2 * DAY)
    office.lending.deliver()
    letters = len(office.lending.mails.letters)

    kept = apply(office)
    office.lending.deliver()

    assert [AMENDED] * 3 == due(office, *loans)
    assert (AmendmentStatus.APPLIED, 3, OFFICE.id) == (kept.status, kept.touched, kept.author)
    assert letters + 3 == len(office.lending.mails.letters)
    assert [1] * 3 == [office.lending.happened(loan).count("DueAmended") for loan in loans]


def test_applying_the_same_twice_changes_nothing(office: Office) -> None:
    loan = office.lent()
    first = apply(office)
    version = office.lending.load(loan).version

    again = apply(office, an_amendment(id=AmendmentId("amd_00000002"), reason="said again"))

    assert first == again
    assert version == office.lending.load(loan).version


def test_a_loan_that_begins_after_it_was_applied_has_it_too(office: Office) -> None:
    waiting = office.waiting()
    apply(office)

    lent = office.lending.do(waiting, HandOver())

    assert (AMENDED, [an_amendment().id]) == (lent.due, [one.id for one in lent.amendments])


def test_a_revocation_takes_it_back_from_every_loan_once(office: Office) -> None:
    first, second = office.lent(), office.lent()
    before = due(office, first, second)
    apply(office)

    revoked = revoke(office)
    again = revoke(office, "another reason")

    assert before == due(office, first, second)
    assert (AmendmentStatus.REVOKED, "a mistake", OFFICE.id) == (
        revoked.status,
        revoked.revoked_because,
        revoked.revoked_by,
    )
    assert revoked == again
    assert office.lending.happened(first).count("AmendmentRevoked") == 1
    assert office.lent().amendments == ()


def test_what_was_revoked_may_be_applied_anew(office: Office) -> None:
    loan = office.lent()
    apply(office)
    revoke(office)

    apply(office, an_amendment(id=AmendmentId("amd_00000002")))

    assert [AMENDED] == due(office, loan)


def test_a_book_that_came_back_keeps_its_amendment(office: Office) -> None:
    loan = office.lent()
    apply(office)
    office.lending.do(loan, TakeBack())

    revoke(office)

    assert [an_amendment().id] == [one.id for one in office.lending.load(loan).amendments]


def test_the_fine_of_a_book_that_is_reported_lost_right_now_is_assessed_anew(office: Office) -> None:
    loan = office.lent(SZUTL)
    office.lending.now += 60 * DAY
    office.lending.do(loan, ReportLoss())
    assert owed(office, loan) > 0

    apply(office)

    assert owed(office, loan) == 0


def test_an_amendment_after_the_report_of_a_loss_changes_nothing(office: Office) -> None:
    loan = office.lent(SZUTL)
    office.lending.now += 60 * DAY
    office.lending.do(loan, ReportLoss())
    before = owed(office, loan)
    office.lending.now += DAY

    apply(office)

    assert before == owed(office, loan) > 0


def owed(office: Office, loan: Request) -> int:
    with office.lending.store.reading() as conn:
        found = select(accounts.c.balance).where(accounts.c.patron == loan.patron)
        return int(conn.execute(found).scalar_one())


def test_what_a_process_left_unfinished_is_finished_by_the_job(office: Office) -> None:
    loan = office.lent()
    stopped = KeptAmendment(
        amendment=an_amendment(),
        status=AmendmentStatus.APPLYING,
        author=OFFICE.id,
        created_at=office.lending.now,
    )
    with office.lending.store.writing() as conn:
        rows.add(conn, stopped)

    done = [office.amendments.finish(office.lending.now) for _ in range(2)]

    assert [1, 0] == done
    assert [AMENDED] == due(office, loan)
    assert office.amendments.one(an_amendment().id).status is AmendmentStatus.APPLIED


def test_a_revocation_that_was_cut_short_is_finished_too(office: Office) -> None:
    loan = office.lent()
    apply(office)
    cut_short(office, revoke, office.amendments)

    assert office.amendments.one(an_amendment().id).status is AmendmentStatus.REVOKING
    assert office.amendments.finish(office.lending.now) == 1
    assert [loan.due] == due(office, loan)


def cut_short(office: Office, work: Callable[[Office], object], amendments: Amendments) -> None:
    """Let *work* fail at its first loan."""
    handle = amendments._requests.handle

    def busy(*_: Any, **__: Any) -> Request:
        raise Busy("cut short")

    amendments._requests.handle = busy  # type: ignore[method-assign]  # for the test alone
    try:
        with pytest.raises(Busy):
            work(office)
    finally:
        amendments._requests.handle = handle  # type: ignore[method-assign]  # for the test alone


def test_an_amendment_that_is_taken_back_meanwhile_is_laid_over_no_more_loans(office: Office) -> None:
    loan = office.lent()
    cut_short(office, apply, office.amendments)
    kept = office.amendments.one(an_amendment().id)
    revoke(office)

    office.amendments._lay(kept, office.lending.now)

    assert [loan.due] == due(office, loan)
    assert office.amendments.one(kept.amendment.id).status is AmendmentStatus.REVOKED


def test_two_who_apply_it_at_once_move_each_date_once(office: Office) -> None:
    loans = [office.lent() for _ in range(4)]

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: apply_until_done(office), range(2)))

    assert [AMENDED] * 4 == due(office, *loans)
    assert [1] * 4 == [office.lending.happened(loan).count("DueAmended") for loan in loans]


def apply_until_done(office: Office) -> None:
    while True:
        try:
            apply(office)
        except Busy:
            continue
        return


def test_amendments_are_listed_newest_first(office: Office) -> None:
    for number in range(1, 4):
        said = an_amendment(id=AmendmentId(f"amd_0000000{number}"), new_due=AMENDED + timedelta(days=number))
        apply(office, said)

    first = office.amendments.page(limit=2)
    rest = office.amendments.page(limit=2, after=first[-1].amendment.id)

    assert [3, 2, 1] == [(one.amendment.new_due - AMENDED).days for one in [*first, *rest]]


def test_an_amendment_that_nobody_made_is_unknown(office: Office) -> None:
    with pytest.raises(Unknown):
        office.amendments.one(an_amendment().id)
    with pytest.raises(Unknown):
        revoke(office)
