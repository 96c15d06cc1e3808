"""What a decision may know: the patron's standing at each lender, without the request itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ill_broker.services.requests.gathering import gather
from ill_broker.storage.store import Store
from tests.factories import NLC, PKU, SZUTL
from tests.ill_broker.services.lending import Lending
from workflows.decisions.draft import Known
from workflows.ids import LibraryCode
from workflows.requests.commands import Arrive, CallResult, HandOver, RecordCall
from workflows.requests.request import Request


@pytest.fixture
def lending(store: Store) -> Lending:
    return Lending(store)


def known(lending: Lending, request: Request, *, asks: bool = True) -> Known:
    with lending.store.reading() as conn:
        return gather(conn, request, lending.directory, now=lending.now, asks=asks)


def test_who_asks_nobody_needs_no_standing(lending: Lending) -> None:
    found = known(lending, lending.wish(lending.patron()), asks=False)

    assert ({}, 0, 8) == (found.standings, found.open_total, len(found.libraries))


def test_the_request_itself_is_not_counted_against_it(lending: Lending) -> None:
    anna = lending.patron()
    first = lending.submit(anna, lending.wish(anna, lenders=(SZUTL, NLC)))

    assert 0 == known(lending, first).open_total

    second = lending.submit(anna, lending.wish(anna, "9787536692930", (SZUTL,)))
    found = known(lending, second)

    assert (1, {"general": 1}, 0) == (
        found.open_total,
        found.standings[SZUTL].open_at_lender,
        found.standings[SZUTL].overdue_at_lender,
    )


def test_what_is_overdue_and_what_is_used_of_a_quota_is_known(lending: Lending) -> None:
    anna = lending.patron()
    late = lending.submit(anna, lending.wish(anna, lenders=(NLC,)))
    for step in (Arrive(), RecordCall(result=CallResult.REACHED), HandOver()):
        late = lending.do(late, step)
    new = lending.wish(anna, "9787536692930", (NLC, PKU))

    assert (1, 0) == (
        known(lending, new).standings[NLC].quota_used,
        known(lending, new).standings[NLC].overdue_at_lender,
    )

    lending.now += timedelta(days=120)

    assert (0, 1) == (
        known(lending, new).standings[NLC].quota_used,
        known(lending, new).standings[NLC].overdue_at_lender,
    )


def test_a_library_that_is_no_member_is_not_looked_at(lending: Lending) -> None:
    wish = lending.wish(lending.patron(), lenders=(SZUTL, LibraryCode("elsewhere")))

    assert {SZUTL} == set(known(lending, wish).standings)
