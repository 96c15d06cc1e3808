"""Asking a partner by signed JSON, against the sandbox library and against broken ones."""

from __future__ import annotations

import json
from datetime import date
from typing import get_args

import httpx
import pytest

from connectors import ports
from connectors.failures import Garbled, Refused, Unreachable
from connectors.manual import TASKS, ByHand
from connectors.ports import Supplier, Witness
from connectors.transport import Target
from connectors.webhook.client import WebhookPartner
from connectors.webhook.mapping import TYPES, call
from connectors.webhook.signing import verified_id
from tests.connectors.factories import NOW, SECRET, ask, cancel
from tests.connectors.promises import SupplierPromises, WitnessPromises
from tests.connectors.sandboxes import sandbox


def partner(answer: httpx.Response | Exception, heard: list[httpx.Request] | None = None) -> WebhookPartner:
    def carry(request: httpx.Request) -> httpx.Response:
        if heard is not None:
            heard.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    target = Target("bhu", transport=httpx.MockTransport(carry))
    return WebhookPartner(target, "http://bhu.example/", SECRET, lambda: NOW)


class TestWebhookPartner(WitnessPromises):
    @pytest.fixture
    def partner(self) -> WebhookPartner:
        library = sandbox()
        target = Target("bhu", transport=httpx.WSGITransport(library.app))
        return WebhookPartner(target, "http://bhu.example", SECRET, library.clock.now)

    @pytest.fixture
    def supplier(self, partner: WebhookPartner) -> Supplier:
        return partner

    @pytest.fixture
    def witness(self, partner: WebhookPartner) -> Witness:
        return partner


class TestByHand(SupplierPromises):
    @pytest.fixture
    def supplier(self) -> Supplier:
        return ByHand("bhu")


def test_what_needs_a_hand_is_a_task_for_the_desk() -> None:
    received = ports.TellReceived(message_id="m", request_id="r", at=NOW)
    by_hand = ByHand("bhu")

    assert ["ask_by_hand", "cancel_by_hand", None] == [
        by_hand.ask(ask()).desk_task,
        by_hand.tell(cancel()).desk_task,
        by_hand.tell(received).desk_task,
    ]


def test_every_message_has_a_type_on_the_wire() -> None:
    assert set(get_args(ports.Message)) == set(TYPES)
    assert len(set(TYPES.values())) == len(TYPES)
    assert TASKS.keys() <= TYPES.keys()


def test_a_message_is_signed_under_its_own_id() -> None:
    heard: list[httpx.Request] = []
    partner(httpx.Response(202), heard).ask(ask())
    (request,) = heard

    assert str(request.url) == "http://bhu.example/ill/requests"
    assert verified_id(request.headers, request.content, secrets=[SECRET], now=NOW) == "msg_1"


def test_an_ask_says_everything_a_lender_needs() -> None:
    heard: list[httpx.Request] = []
    partner(httpx.Response(202), heard).ask(ask(needed_by=date(2026, 4, 1), is_retry=True))
    said = json.loads(heard[0].content)

    assert [said["type"], said["timestamp"]] == ["request.ask", "2026-03-02T02:15:00+00:00"]
    assert said["data"]["citation"]["title"] == "三体"
    assert said["data"]["holding"]["barcode"] == "B1"
    assert said["data"]["desk"] == {
        "library": "jinan",
        "name": "Main desk",
        "address": "",
        "name_zh": "",
        "address_zh": "",
    }
    assert [said["data"]["needed_by"], said["data"]["is_retry"]] == ["2026-04-01", True]
    assert "note" not in said["data"]


def test_a_return_tells_where_the_parcel_is() -> None:
    told = ports.TellReturned(message_id="m", request_id="r", at=NOW, tracking="SF1", item_barcode="B1")

    assert call(told, now=NOW).data == {
        "message_id": "m", "request_id": "r", "at": NOW.isoformat(), "tracking": "SF1", "item_barcode": "B1",
    }  # fmt: skip


def test_the_lenders_own_id_is_kept() -> None:
    answer = httpx.Response(202, json={"lender_request_id": "L-1"})

    assert partner(answer).ask(ask()).lender_request_id == "L-1"


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (httpx.Response(202, content=b"<html>"), Garbled),
        (httpx.Response(202, json={"lender_request_id": 7}), Garbled),
        (httpx.Response(400), Refused),
        (httpx.Response(500), Unreachable),
        (httpx.ReadTimeout("late"), Unreachable),
    ],
)
def test_a_partner_fails_in_our_words(answer: httpx.Response | Exception, failure: type[Exception]) -> None:
    with pytest.raises(failure):
        partner(answer).ask(ask())


def test_a_partner_that_does_not_say_whether_it_has_a_message_is_a_failure() -> None:
    with pytest.raises(Refused):
        partner(httpx.Response(401)).did_you_get("msg_1")


def test_an_id_cannot_lead_to_another_address() -> None:
    heard: list[httpx.Request] = []
    partner(httpx.Response(404), heard).did_you_get("../a?b")

    assert heard[0].url.raw_path == b"/ill/messages/..%2Fa%3Fb"
