"""JSON of the partner protocol: read strictly, with all faults named, and nothing else ever raised."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.failures import Unreadable
from connectors.partner_ports import StatusReport
from connectors.webhook.codec import (
    decode_acknowledgement,
    decode_call,
    decode_report,
    encode_call,
    encode_report,
)
from connectors.webhook.messages import Call
from tests.connectors.factories import NOW, report
from workflows.requests.commands import ReportedStatus

TEXTS = st.none() | st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy gives the zone
REPORTS = st.builds(
    StatusReport,
    status=st.sampled_from(ReportedStatus),
    occurred_at=INSTANTS,
    said_at=INSTANTS,
    request_id=st.just("req_1"),
    lender_request_id=TEXTS,
    item_barcode=TEXTS,
    lender_due_date=st.none() | st.dates(),
    tracking=TEXTS,
    reason=TEXTS,
    note=TEXTS,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)


def body(**data: Any) -> bytes:
    usual = {"request_id": "req_1", "status": "Loaned", "occurred_at": "2026-03-02T09:40:00+08:00"}
    kept = {name: value for name, value in {**usual, **data}.items() if value != "-"}
    whole = {"type": "request.status", "timestamp": "2026-03-02T10:15:00+08:00", "data": kept}
    return json.dumps(whole).encode()


def faults(content: bytes) -> list[str]:
    with pytest.raises(Unreadable) as caught:
        decode_report(content)
    return sorted(defect.path for defect in caught.value.defects)


def test_the_example_of_the_specification_is_read() -> None:
    read = decode_report(
        body(item_barcode="31234000", lender_due_date="2026-04-20", tracking="SF123", reason=None, note=None)
    )

    assert read == StatusReport(
        status=ReportedStatus.LOANED,
        occurred_at=datetime(2026, 3, 2, 1, 40, tzinfo=UTC),
        said_at=NOW,
        request_id="req_1",
        item_barcode="31234000",
        lender_due_date=date(2026, 4, 20),
        tracking="SF123",
    )


def test_a_partner_may_name_its_own_id_instead_of_ours() -> None:
    read = decode_report(body(request_id="-", lender_request_id="L-1"))

    assert [None, "L-1"] == [read.request_id, read.lender_request_id]


def test_what_a_partner_says_beyond_the_agreed_is_passed_over() -> None:
    assert decode_report(body()) == decode_report(body(colour="red"))


def test_all_faults_are_named_at_once() -> None:
    content = body(request_id="-", status="Gone", occurred_at="2026-03-02T09:40:00", note=7)

    assert faults(content) == ["data.note", "data.occurred_at", "data.request_id", "data.status"]


@pytest.mark.parametrize(
    "instant",
    [
        "2026-03-02", "2026-03-02T09:40:00", "20260302T094000Z", 1772415600, None, "", "2026-02-30T09:40:00Z",
        "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-03-02T09:40:00+99:99",
    ],
)  # fmt: skip
def test_an_instant_without_doubt_is_needed(instant: object) -> None:
    assert faults(body(occurred_at=instant)) == ["data.occurred_at"]


@pytest.mark.parametrize("day", ["2026-4-20", "20260420", "2026-02-30", "2026-W10-1", 5, ""])
def test_a_day_without_doubt_is_needed(day: object) -> None:
    assert faults(body(lender_due_date=day)) == ["data.lender_due_date"]


@pytest.mark.parametrize("text", ["", "x" * 201, "a\x00b", "\ud800", "\x1b[2J", 5, ["a"]])
def test_a_text_that_cannot_be_kept_is_refused(text: object) -> None:
    assert faults(body(tracking=text)) == ["data.tracking"]


def test_a_note_may_have_lines() -> None:
    assert decode_report(body(note="one\ntwo　三")).note == "one\ntwo　三"


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"null", b"\xff\xfe", b"{", b"NaN", b'{"a": NaN}', b'{"a": 1, "a": 2}', b"[" * 100_000,
        b"1" * 5000,
    ],
)  # fmt: skip
def test_what_is_no_json_object_is_one_fault(content: bytes) -> None:
    assert faults(content) == [""]


def test_a_message_of_another_type_is_refused() -> None:
    assert faults(body().replace(b"request.status", b"request.gossip")) == ["type"]


@given(REPORTS)
def test_a_report_survives_there_and_back(written: StatusReport) -> None:
    assert written == decode_report(encode_report(written))


@given(st.binary() | JSON.map(lambda content: json.dumps(content).encode()))
def test_nothing_but_our_own_failure_comes_of_garbage(content: bytes) -> None:
    for decode in (decode_report, decode_call):
        with pytest.raises(Unreadable):
            decode(content)


@given(JSON)
def test_nothing_but_our_own_failure_comes_of_wrong_data(content: object) -> None:
    for name in ("request_id", "status", "occurred_at", "lender_due_date", "note"):
        try:
            decode_report(body(**{name: content}))
        except Unreadable as error:
            assert all(defect.path.startswith("data") for defect in error.defects)  # noqa: PT017 - not every input is refused


def test_a_call_survives_there_and_back() -> None:
    call = Call("request.cancel", NOW, {"request_id": "req_1", "reason": "不要了"})

    assert call == decode_call(encode_call(call))


def test_a_call_without_type_data_and_time_is_refused_for_all_three() -> None:
    with pytest.raises(Unreadable) as caught:
        decode_call(b"{}")

    assert [defect.path for defect in caught.value.defects] == ["type", "data", "timestamp"]


def test_a_call_without_data_is_refused() -> None:
    with pytest.raises(Unreadable):
        decode_call(b'{"type": "request.ask", "timestamp": "2026-03-02T10:15:00Z"}')


def test_an_acknowledgement_may_be_silent_about_the_lenders_id() -> None:
    assert [None, None, "L-1"] == [
        decode_acknowledgement(content) for content in (b" ", b"{}", b'{"lender_request_id": "L-1"}')
    ]


def test_an_acknowledgement_with_a_senseless_id_is_refused() -> None:
    with pytest.raises(Unreadable):
        decode_acknowledgement(b'{"lender_request_id": {}}')


def test_a_report_that_says_nothing_more_is_written_with_nulls() -> None:
    assert json.loads(encode_report(report()))["data"]["note"] is None
