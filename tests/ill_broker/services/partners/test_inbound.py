"""What partners say is stored first, then applied: once, in the order that makes sense, and never lost."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import permutations
from threading import Barrier
from typing import Any

import pytest

from connectors.failures import NotAuthentic, Unreadable
from connectors.webhook.signing import signed_headers
from ill_broker.services.members.membership import INBOUND
from ill_broker.services.refusals import Unknown
from ill_broker.storage import inbox, libraries
from ill_broker.storage.inbox import Message, MessageState
from ill_broker.storage.libraries import Secret
from ill_broker.storage.store import Store
from tests.factories import HOUR, JINAN, PKU, START, SZUTL
from tests.ill_broker.services.lending import Lending
from workflows.ids import LibraryCode, MessageId
from workflows.requests.commands import Arrive, ReportedStatus
from workflows.requests.lifecycle import Status
from workflows.requests.request import Request

SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"


@pytest.fixture
def lending(store: Store) -> Lending:
    lending = Lending(store)
    with store.writing() as conn:
        for code in (SZUTL, PKU):
            secret = Secret(library=code, kind=INBOUND, secret=SECRET, valid_from=START - HOUR)
            libraries.add_secret(conn, secret)
    return lending


def body_of(request: Request | None, status: str, at: datetime = START, **facts: Any) -> bytes:
    data = {"request_id": request.id if request else None, "status": status, "occurred_at": at.isoformat()}
    told = {"type": "request.status", "timestamp": at.isoformat(), "data": {**data, **facts}}
    return json.dumps(told, ensure_ascii=False).encode()


def take(
    lending: Lending, body: bytes, name: str = "m1", library: LibraryCode = SZUTL, signer: str = SECRET
) -> None:
    headers = signed_headers(message_id=name, body=body, secret=signer, now=START)
    lending.inbound.take(library, headers, body, now=lending.now, machine_now=START)


def stored(lending: Lending, name: str = "m1", library: LibraryCode = SZUTL) -> Message:
    with lending.store.reading() as conn:
        found = inbox.find(conn, library, MessageId(name))
    assert found is not None
    return found


def apply_all(lending: Lending) -> list[MessageState]:
    return [lending.inbound.apply(message, now=lending.now) for message in lending.inbound.waiting(50)]


def test_a_message_is_stored_before_anything_comes_of_it(lending: Lending) -> None:
    request = lending.asked(SZUTL)
    body = body_of(request, "WillSupply")
    take(lending, body)

    assert (MessageState.WAITING, body.decode()) == (stored(lending).state, stored(lending).body)
    assert Status.SUBMITTED is lending.load(request).status

    apply_all(lending)

    assert (MessageState.APPLIED, lending.now) == (stored(lending).state, stored(lending).applied_at)
    assert Status.ACCEPTED is lending.load(request).status


def test_the_same_message_again_changes_nothing(lending: Lending) -> None:
    request = lending.asked(SZUTL)
    for _ in range(2):
        take(lending, body_of(request, "WillSupply"))
        apply_all(lending)

    assert 1 == lending.happened(request).count("Accepted")
    assert MessageState.APPLIED is stored(lending).state


def test_messages_of_two_libraries_may_have_one_id(lending: Lending) -> None:
    first, second = lending.asked(SZUTL), lending.asked(PKU)
    take(lending, body_of(first, "WillSupply"))
    take(lending, body_of(second, "WillSupply"), library=PKU)
    apply_all(lending)

    assert {Status.ACCEPTED} == {lending.load(first).status, lending.load(second).status}


def test_what_another_has_signed_is_not_stored(lending: Lending) -> None:
    other = "whsec_ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoM="
    with pytest.raises(NotAuthentic):
        take(lending, body_of(lending.asked(SZUTL), "WillSupply"), signer=other)

    assert [] == lending.inbound.waiting(50)


def test_a_library_without_a_secret_proves_nothing(lending: Lending) -> None:
    with pytest.raises(NotAuthentic):
        take(lending, body_of(lending.asked(JINAN), "WillSupply"), library=JINAN)


def test_what_cannot_be_read_is_not_stored(lending: Lending) -> None:
    with pytest.raises(Unreadable):
        take(lending, b'{"type": "request.status"}')

    assert [] == lending.inbound.waiting(50)


@pytest.mark.parametrize("theirs", [True, False])
def test_a_request_of_others_is_as_unknown_as_none(lending: Lending, *, theirs: bool) -> None:
    body = body_of(lending.asked(PKU), "Loaned") if theirs else body_of(None, "Loaned", request_id="req_no")
    with pytest.raises(Unknown) as caught:
        take(lending, body)

    assert {} == caught.value.facts
    assert [] == lending.inbound.waiting(50)


def test_a_lender_that_is_not_asked_yet_has_nothing_to_say(lending: Lending) -> None:
    request = lending.asked(SZUTL, PKU)
    waiting = next(entry.lender for entry in request.rota if entry.lender != request.lender)
    with pytest.raises(Unknown):
        take(lending, body_of(request, "Loaned"), library=waiting)


def test_a_name_not_heard_of_waits_until_it_is_told(lending: Lending) -> None:
    request = lending.asked(SZUTL)
    take(lending, body_of(None, "Loaned", lender_request_id="S-1", item_barcode="B1"))

    assert [MessageState.QUARANTINED] == apply_all(lending)
    assert "unknown lender_request_id" == stored(lending).reason
    assert [] == lending.inbound.waiting(50)

    take(lending, body_of(request, "RequestReceived", lender_request_id="S-1"), "m2")

    assert [MessageState.APPLIED] == apply_all(lending)
    assert [MessageState.APPLIED] == apply_all(lending)
    assert (Status.IN_TRANSIT, "B1") == (lending.load(request).status, lending.load(request).item_barcode)
    assert request.id == stored(lending).request_id


def test_a_name_that_the_answer_to_the_ask_gave_is_known(lending: Lending) -> None:
    request = lending.asked(SZUTL)
    lending.deliver()
    take(lending, body_of(None, "WillSupply", lender_request_id=f"their-{request.id}"))

    assert [MessageState.APPLIED] == apply_all(lending)
    assert Status.ACCEPTED is lending.load(request).status


def test_one_librarys_name_means_nothing_from_another(lending: Lending) -> None:
    lending.asked(SZUTL)
    lending.deliver()
    (told,) = lending.lenders["szutl"].told
    take(lending, body_of(None, "WillSupply", lender_request_id=f"their-{told.request_id}"), library=PKU)

    assert [MessageState.QUARANTINED] == apply_all(lending)


def test_what_runs_ahead_waits_for_what_comes_before(lending: Lending) -> None:
    request = lending.asked(SZUTL)
    take(lending, body_of(request, "Recalled"))

    assert [MessageState.QUARANTINED] == apply_all(lending)

    take(lending, body_of(request, "Loaned"), "m2")

    assert [MessageState.APPLIED] == apply_all(lending)
    apply_all(lending)
    assert MessageState.APPLIED is stored(lending).state


STORY = (("RequestReceived", 1), ("WillSupply", 2), ("Loaned", 3), ("Recalled", 4))


#: one in three is heard by default, and each in CI
ORDERS = [
    pytest.param(order, marks=[pytest.mark.ci] if place % 3 else [])
    for place, order in enumerate(order for order in permutations(range(4)) if order[0] > order[1])
]


@pytest.mark.parametrize("order", ORDERS)
def test_the_order_of_hearing_makes_no_difference(lending: Lending, order: tuple[int, ...]) -> None:
    """Each word comes twice; what ran ahead is applied when what it waited for has come."""
    request = lending.asked(PKU)
    lending.at(START + timedelta(days=2))
    for place in (*order, *order):
        status, hours = STORY[place]
        take(lending, body_of(request, status, START + hours * HOUR), f"m{place}", library=PKU)
        while apply_all(lending):
            pass
    seen = lending.load(request)

    assert {MessageState.APPLIED} == {stored(lending, f"m{place}", PKU).state for place in order}
    assert (Status.IN_TRANSIT, START + 3 * HOUR) == (seen.status, seen.instants.shipped)
    assert 1 == lending.happened(request).count("Shipped")


def test_a_clock_that_runs_ahead_tells_nothing_of_the_future(lending: Lending) -> None:
    request = lending.asked(SZUTL)
    take(lending, body_of(request, "Loaned", START + timedelta(days=9000)))
    apply_all(lending)

    assert START == lending.load(request).instants.shipped


@pytest.mark.parametrize("year", [1, 1900])
def test_a_clock_that_has_stopped_breaks_nothing(lending: Lending, year: int) -> None:
    request = lending.asked(SZUTL)
    long_ago = START.replace(year=year)
    for status in ("WillSupply", "Loaned"):
        take(lending, body_of(request, status, long_ago, lender_due_date="9999-12-31"), status)
    apply_all(lending)
    lending.do(request, Arrive())

    assert Status.ARRIVED is lending.load(request).status


def test_two_workers_apply_a_message_once(lending: Lending) -> None:
    request = lending.asked(SZUTL)
    take(lending, body_of(request, "Loaned", note="as agreed"))
    (message,) = lending.inbound.waiting(50)
    together = Barrier(2)

    def apply(_: int) -> MessageState:
        together.wait(timeout=60)
        return lending.inbound.apply(message, now=lending.now)

    with ThreadPoolExecutor(2) as pool:
        states = list(pool.map(apply, range(2)))

    assert [MessageState.APPLIED] * 2 == states
    assert ["Submitted", "AskedLender", "Shipped"] == lending.happened(request)


def test_a_message_handled_elsewhere_leaves_no_event(lending: Lending) -> None:
    request = lending.asked(SZUTL)
    take(lending, body_of(request, "RequestReceived"))
    (message,) = lending.inbound.waiting(50)
    apply_all(lending)
    before = lending.happened(request)

    assert MessageState.APPLIED is lending.inbound.apply(message, now=lending.now)
    assert before == lending.happened(request)


def test_a_stored_message_that_can_no_longer_be_read_is_refused(lending: Lending) -> None:
    odd = Message(library=SZUTL, message_id=MessageId("m1"), body="{}", received_at=START)
    with lending.store.writing() as conn:
        inbox.put(conn, odd)

    assert [MessageState.REFUSED] == apply_all(lending)
    assert "type" in str(stored(lending).reason)


def test_what_is_not_the_lenders_to_say_is_refused_with_its_reason(lending: Lending) -> None:
    request = lending.asked(SZUTL)
    body = body_of(request, "Loaned").decode()
    odd = Message(
        library=JINAN, message_id=MessageId("m1"), body=body, received_at=START, request_id=request.id
    )
    with lending.store.writing() as conn:
        inbox.put(conn, odd)

    assert [MessageState.REFUSED] == apply_all(lending)
    assert Status.SUBMITTED is lending.load(request).status


def test_every_fact_of_a_report_reaches_the_request(lending: Lending) -> None:
    request = lending.asked(SZUTL)
    facts: dict[str, Any] = {
        "item_barcode": "𠮷1",
        "lender_due_date": "2026-04-20",
        "tracking": "SF🙂",
        "note": "请爱护",
    }
    take(lending, body_of(request, ReportedStatus.LOANED, lender_request_id="S-9", **facts))
    apply_all(lending)
    entry = lending.load(request).entry(SZUTL)

    assert entry is not None
    assert ("𠮷1", "SF🙂", "2026-04-20", "S-9") == (
        entry.claim.item_barcode,
        entry.claim.tracking,
        str(entry.claim.due_date),
        entry.lender_request_id,
    )
