"""What a desk means by what it scans and enters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ill_broker.services.refusals import Unknown
from ill_broker.services.requests.scanning import Ambiguous, Desk
from ill_broker.storage.store import Store
from tests.factories import DAY, HOUR, JINAN, PKU, SZUTL
from tests.ill_broker.services.lending import DESK, OFFICE, Lending
from workflows.actors import Actor, Role
from workflows.refusals import NotAllowed
from workflows.requests.commands import Arrive, ReportedStatus
from workflows.requests.request import Request

if TYPE_CHECKING:
    from datetime import timedelta


@pytest.fixture
def lending(store: Store) -> Lending:
    return Lending(store)


@pytest.fixture
def desk(lending: Lending) -> Desk:
    return Desk(lending.store)


def sent(lending: Lending, barcode: str = "B1") -> Request:
    return lending.hear(lending.asked(SZUTL), ReportedStatus.LOANED, item_barcode=barcode)


def test_a_barcode_and_a_number_mean_the_same_request(lending: Lending, desk: Desk) -> None:
    request = sent(lending)

    assert (request.id, Arrive(barcode="B1")) == desk.arrival_of("B1", None, DESK)
    assert (request.id, Arrive(condition="wet")) == desk.arrival_of(request.number.lower(), "wet", DESK)


def test_of_two_books_the_one_that_is_expected_is_meant(lending: Lending, desk: Desk) -> None:
    arrived, expected = sent(lending), sent(lending)
    lending.do(arrived, Arrive(barcode="B1"))

    assert expected.id == desk.arrival_of("B1", None, DESK)[0]


def test_two_that_are_expected_are_told_apart_by_number(lending: Lending, desk: Desk) -> None:
    numbers = {sent(lending).number, sent(lending).number}
    with pytest.raises(Ambiguous) as caught:
        desk.arrival_of("B1", None, DESK)

    assert numbers == set(caught.value.facts["requests"])  # type: ignore[call-overload]  # a fact may be anything


@pytest.mark.parametrize("code", ["B1", "number", "nothing"])
def test_what_goes_to_another_desk_is_not_known(lending: Lending, desk: Desk, code: str) -> None:
    request = sent(lending)
    with pytest.raises(Unknown):
        desk.arrival_of(request.number if code == "number" else code, None, Actor(Role.STAFF, "s", JINAN))


def test_staff_of_a_lender_speak_for_it(lending: Lending, desk: Desk) -> None:
    request = lending.asked(SZUTL)
    said = {"status": "Loaned", "occurred_at": lending.now - HOUR, "note": "x"}
    report = desk.report_of(request.id, Actor(Role.STAFF, "s", SZUTL), said, now=lending.now)

    assert (SZUTL, ReportedStatus.LOANED, lending.now - HOUR, None) == (
        report.lender,
        report.status,
        report.occurred_at,
        report.message,
    )


@pytest.mark.parametrize("later", [DAY, 3000 * DAY])
def test_what_has_not_happened_yet_is_said_of_now(lending: Lending, desk: Desk, later: timedelta) -> None:
    request = lending.asked(SZUTL)
    for said in ({"status": "Loaned", "occurred_at": lending.now + later}, {"status": "Loaned"}):
        assert lending.now == desk.report_of(request.id, OFFICE, said, now=lending.now).occurred_at


def test_a_desk_that_lends_nothing_does_not_answer(lending: Lending, desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        desk.report_of(lending.asked(SZUTL).id, DESK, {"status": "Loaned"}, now=lending.now)


def test_a_request_of_others_is_not_known(lending: Lending, desk: Desk) -> None:
    with pytest.raises(Unknown):
        desk.report_of(lending.asked(SZUTL).id, Actor(Role.STAFF, "s", PKU), {"status": "x"}, now=lending.now)
