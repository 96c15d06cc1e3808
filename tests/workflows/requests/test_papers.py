"""Which paper goes with a book, and who prints it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.factories import BJTU, PKU, SZUTL, a_request
from workflows.actors import Actor, Role
from workflows.ids import LibraryCode
from workflows.requests.lifecycle import Status
from workflows.requests.papers import Paper, papers


@pytest.mark.parametrize(
    ("library", "status", "printed"),
    [
        (SZUTL, Status.ACCEPTED, (Paper.PULL_SLIP, Paper.SHIPPING_LABEL)),
        (SZUTL, Status.IN_TRANSIT, (Paper.SHIPPING_LABEL,)),
        (SZUTL, Status.NOTIFIED, ()),
        (BJTU, Status.NOTIFIED, (Paper.HOLD_SLIP, Paper.BAND)),
        (BJTU, Status.RETURNED, (Paper.RETURN_LABEL,)),
        (BJTU, Status.ACCEPTED, ()),
        (PKU, Status.NOTIFIED, ()),
    ],
)
def test_each_desk_prints_what_goes_with_the_book_now(
    library: LibraryCode, status: Status, printed: tuple[Paper, ...]
) -> None:
    request = replace(a_request(), desk=BJTU, lender=SZUTL, status=status)

    assert printed == papers(Actor(Role.STAFF, "stf_desk", library), request)


@pytest.mark.parametrize(
    "actor",
    [Actor(Role.PATRON, "pat_anna", BJTU), Actor(Role.OFFICE, "stf_office"), Actor(Role.PARTNER, "p", SZUTL)],
)
def test_nobody_but_a_desk_prints(actor: Actor) -> None:
    for lender in (SZUTL, None):
        request = replace(a_request(), desk=BJTU, lender=lender, status=Status.ARRIVED)

        assert () == papers(actor, request)
