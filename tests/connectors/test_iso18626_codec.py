"""ISO 18626 on the wire: written by the schema, read whatever partners make of it."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from connectors.iso18626 import codec
from connectors.iso18626 import messages as m
from connectors.iso18626.codec import Flawed, NotIso18626
from connectors.iso18626.messages import Revision
from connectors.iso18626.values import Echo, Instant, Text
from tests.connectors.iso18626_samples import (
    AT,
    LOANED,
    header,
    messages,
    request,
    requesting,
    supplying,
)
from tests.support.reference import reference, references

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
XSD = {Revision.V1_2: "ISO-18626-v1_2.xsd", Revision.V2021: "ISO-18626-2021-2.xsd"}


@cache
def schema(revision: Revision) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(reference(f"standards/iso18626/{XSD[revision]}"))))


def complaints(body: bytes, revision: Revision) -> list[str]:
    checked = schema(revision)
    is_valid = checked.validate(etree.fromstring(body))
    return [] if is_valid else [str(checked.error_log)]


def read(text: str) -> Any:
    return codec.decode(text.encode()).message


def errors_of(text: str) -> tuple[m.Error, ...]:
    with pytest.raises(Flawed) as caught:
        read(text)
    return caught.value.errors


def without(text: str, element: str) -> str:
    head, _, rest = text.partition(f"<{element}>")
    return head + rest.partition(f"</{element}>")[2]


@QUICK
@given(st.data())
def test_every_message_comes_back_as_it_was(data: st.DataObject) -> None:
    revision = data.draw(st.sampled_from(Revision))
    message = data.draw(messages(revision))

    assert message == codec.decode(codec.encode(message, revision)).message


@pytest.mark.reference
@pytest.mark.parametrize("revision", Revision)
def test_every_message_is_valid_by_its_schema(revision: Revision) -> None:
    schema(revision)

    @QUICK
    @given(messages(revision))
    def is_valid(message: m.Message) -> None:
        assert [] == complaints(codec.encode(message, revision), revision)

    is_valid()


def test_a_message_of_a_deployed_system_is_read() -> None:
    received = codec.decode(LOANED.encode())
    message = received.message

    assert Revision.V1_2 is received.revision
    assert isinstance(message, m.SupplyingMessage)
    assert ("req_1", "S-1") == (message.header.request_id, message.header.supplier_request_id)
    assert "2026-03-02T02:15:00.123456789Z" == message.header.timestamp_text
    assert datetime(2026, 3, 2, 2, 0, tzinfo=UTC) == message.status_info.last_change
    assert m.DeliveryInfo(item_ids=("B1",), via="Mail") == message.delivery
    assert "请爱护" == message.info.note


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (' xmlns="http://illtransactions.org/2013/iso18626"', ""),
        ("ill:version", "version"),
        (' ill:version="1.2"', ""),
        ('ill:version="1.2"', 'ill:version=""'),
        ("<multipleItemRequestId/>", ""),
        ("ISIL</agencyIdType>", "<!-- a remark -->ISIL</agencyIdType>"),
        ("</messageInfo>", "<somethingNew>x</somethingNew></messageInfo>"),
    ],
)
def test_careless_senders_are_read_all_the_same(old: str, new: str) -> None:
    assert old in LOANED
    assert read(LOANED) == read(LOANED.replace(old, new))


def test_a_message_without_the_element_around_it_is_read() -> None:
    inner = LOANED[LOANED.index("<supplyingAgencyMessage>") : LOANED.index("</ISO18626Message>")]

    assert read(LOANED) == read(inner)


def test_other_encodings_are_read() -> None:
    declared = '<?xml version="1.0" encoding="GB18030"?>' + LOANED

    assert read(LOANED) == codec.decode(declared.encode("gb18030")).message
    assert read(LOANED) == read(codec.as_text(declared.encode("gb18030")))


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-02T02:15:00Z", AT),
        ("2026-03-02T02:15:00", AT),
        ("2026-03-02T10:15:00+08:00", AT),
        ("2026-03-02T10:15:00+0800", AT),
        ("2026-03-01T22:15:00-04:00", AT),
        ("2026-03-02T02:15:00.5Z", AT.replace(microsecond=500000)),
        ("2026-03-02T02:15:00.123456789Z", AT.replace(microsecond=123456)),
        ("2026-03-02", AT.replace(hour=0, minute=0)),
        ("0001-01-01T00:00:00.000Z", None),
        ("0001-01-01T00:00:00", None),
    ],
)
def test_dates_are_read_in_every_form_seen(text: str, instant: datetime | None) -> None:
    assert instant == Instant().read(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-13-01",
        "2026-03-02T25:00:00Z",
        "2026-03-02T02:15",
        "9999-12-31T23:59:59-14:00",
        "2026-03-02T02:15:00+99:99",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Instant().read(text)


@pytest.mark.parametrize(
    ("told", "echoed"),
    [
        ("2026-03-02T02:15:00.123456789Z", "2026-03-02T02:15:00.123456789Z"),
        ("2026-03-02T10:15:00+0800", "2026-03-02T02:15:00.000Z"),
        ("yesterday", "0001-01-01T00:00:00.000Z"),
        ("2026-99-02T02:15:00Z", "0001-01-01T00:00:00.000Z"),
        ("0001-01-01", "0001-01-01T00:00:00.000Z"),
    ],
)
def test_a_timestamp_is_echoed_as_it_came_if_a_schema_takes_it(told: str, echoed: str) -> None:
    assert echoed == Echo().write(told)


def test_an_offset_is_kept_so_that_a_day_stays_a_day() -> None:
    instant = Instant().read("2026-04-20T23:59:59+08:00")

    assert instant is not None
    assert timezone(timedelta(hours=8)) == instant.tzinfo


def test_long_texts_are_cut_and_unseen_characters_left_out() -> None:
    assert 2000 == len(Text().read("x" * 5000))
    assert "ab\nc" == Text().read("a\u0085b\nc\u0007")


def test_an_id_is_taken_whole_or_not_at_all() -> None:
    (error,) = errors_of(LOANED.replace("req_1", "r" * 201))

    assert m.ErrorType.UNRECOGNISED_VALUE is error.type
    assert "header/requestingAgencyRequestId" in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "wrong", "where"),
    [
        ("RequestResponse", "No", m.ErrorType.UNSUPPORTED_REASON, "messageInfo/reasonForMessage: No"),
        (">Loaned", ">Lent", m.ErrorType.UNRECOGNISED_VALUE, "statusInfo/status: Lent"),
        ("req_1", "", m.ErrorType.UNRECOGNISED_VALUE, "header/requestingAgencyRequestId: empty"),
        ("2026-04-20T16:30:00Z", "soon", m.ErrorType.UNRECOGNISED_VALUE, "statusInfo/dueDate: soon"),
        ("<status>Loaned</status>", "", m.ErrorType.BADLY_FORMED, "statusInfo/status: missing"),
    ],
)  # fmt: skip
def test_what_cannot_be_acted_on_is_named(old: str, new: str, wrong: m.ErrorType, where: str) -> None:
    assert (m.Error(wrong, where),) == errors_of(LOANED.replace(old, new))


@pytest.mark.parametrize(
    ("element", "wrong"),
    [
        ("<answerYesNo>maybe</answerYesNo>", "messageInfo/answerYesNo: maybe"),
        (
            "<offeredCosts><currencyCode>CNY</currencyCode><monetaryValue>free</monetaryValue></offeredCosts>",
            "messageInfo/offeredCosts/monetaryValue: free",
        ),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(element: str, wrong: str) -> None:
    text = LOANED.replace("</messageInfo>", f"{element}</messageInfo>")

    assert [wrong] == [error.value for error in errors_of(text)]


def test_an_order_that_is_no_number_is_named() -> None:
    body = codec.encode(request(destinations=(m.Destination(order=1),)), Revision.V1_2).decode()
    odd = body.replace(">1</sortOrder>", ">first</sortOrder>").partition("?>")[2]

    assert ["requestedDeliveryInfo/sortOrder: first"] == [error.value for error in errors_of(odd)]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    text = without(LOANED.replace("RequestResponse", "x"), "statusInfo")

    assert {"messageInfo/reasonForMessage: x", "statusInfo: missing"} == {
        error.value for error in errors_of(text)
    }


def test_an_unknown_action_is_told_as_such() -> None:
    body = codec.encode(requesting(m.Action.CANCEL), Revision.V1_2).decode()

    assert (m.Error(m.ErrorType.UNSUPPORTED_ACTION, "action: Sing"),) == errors_of(
        body.replace("Cancel", "Sing").partition("?>")[2]
    )


def test_a_flawed_message_keeps_what_could_be_read() -> None:
    with pytest.raises(Flawed) as caught:
        read(LOANED.replace(">Loaned", ">Lent"))

    assert "req_1" == caught.value.message.header.request_id
    assert Revision.V1_2 is caught.value.revision
    assert "statusInfo/status: Lent" in str(caught.value)


def test_an_optional_record_that_lacks_what_it_needs_is_left_out() -> None:
    body = codec.encode(request(suppliers=(m.SupplierInfo(call_number="I247"),)), Revision.V1_2).decode()
    odd = body.replace("<supplierInfo>", "<supplierInfo><supplierCode/>").partition("?>")[2]

    assert (m.SupplierInfo(call_number="I247"),) == read(odd).suppliers


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not XML",
        b"<a/>",
        b"<ISO18626Message/>",
        b"<ISO18626Message><request/><request/></ISO18626Message>",
        b'<!DOCTYPE request [<!ENTITY a "b">]><request/>',
        b"<ISO18626Message>" + b"<a>" * 300 + b"</a>" * 300 + b"</ISO18626Message>",
        b"<request>" + b" " * (1024 * 1024) + b"</request>",
    ],
)
def test_what_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(NotIso18626):
        codec.decode(body)


def test_of_very_many_only_so_many_are_read() -> None:
    many = request(bibliography=m.Bibliography(record_ids=(m.Identifier("OCLC", "1"),) * 300))

    assert 50 == len(
        read(codec.encode(many, Revision.V1_2).decode().partition("?>")[2]).bibliography.record_ids
    )


def test_content_decides_about_the_revision_before_the_version() -> None:
    new = codec.encode(supplying(shipping=m.Shipping(courier="SF")), Revision.V2021)
    old = codec.encode(supplying(delivery=m.DeliveryInfo(via="Mail")), Revision.V1_2)
    swapped = [new.replace(b'"2021-2"', b'"1.2"'), old.replace(b'"1.2"', b'"2021-2"')]

    assert [Revision.V2021, Revision.V1_2] == [codec.decode(body).revision for body in swapped]


@pytest.mark.parametrize(("version", "revision"), [("2021-2", "2021-2"), ("1.2", "1.2"), ("9", "1.2")])
def test_where_content_says_nothing_the_version_decides(version: str, revision: str) -> None:
    body = codec.encode(requesting(), Revision.V2021).replace(b"2021-2", version.encode())

    assert revision == codec.decode(body).revision


def test_terms_of_a_retry_lie_where_each_revision_has_them() -> None:
    retry = m.Retry(costs=(m.Costs("CNY", Decimal("15.00")),), after=AT)
    message = supplying(m.Status.RETRY_POSSIBLE, retry=retry)
    bodies = {revision: codec.encode(message, revision) for revision in Revision}

    assert b"retryInfo" not in bodies[Revision.V1_2]
    assert b"<retryInfo>" in bodies[Revision.V2021]
    assert {message} == {codec.decode(body).message for body in bodies.values()}
    assert [*Revision] == [codec.decode(body).revision for body in bodies.values()]


def test_an_unknown_day_of_sending_is_written_as_the_schema_insists() -> None:
    body = codec.encode(supplying(delivery=m.DeliveryInfo(item_ids=("B1",))), Revision.V1_2)

    assert b"<dateSent>0001-01-01T00:00:00.000Z</dateSent>" in body


def test_a_security_code_is_not_shown() -> None:
    assert "hush" not in repr(header(security_code="hush"))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_break_the_reading(body: bytes) -> None:
    with suppress(NotIso18626, Flawed):
        codec.decode(body)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_change_to_a_message_breaks_the_reading(data: st.DataObject) -> None:
    body = bytearray(LOANED.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=20))
    with suppress(NotIso18626, Flawed):
        codec.decode(bytes(body))


# ---------------------------------------------------------------- as others write it

#: what a real system sends and cannot be acted on: no id, no message, an unknown word, a template's blanks
REFUSED = {
    "crosslink__example.xml",
    "crosslink__msg-invalid.xml",
    "crosslink__request-mock-unfilled.xml",
    "crosslink__request-no-reqid.xml",
    "crosslink__supmsg-invalid-reason.xml",
    "crosslink__supmsg-invalid-status.xml",
    "crosslink__supmsg-no-reqid.xml",
    "mod-rs__statusChangeUnfilledTemplate.xml",
}


@pytest.mark.reference
def test_every_sample_is_read_or_refused() -> None:
    told = json.loads(reference("standards/iso18626/samples/MANIFEST.json").read_text())
    refused = set()
    for each in told:
        try:
            codec.decode(reference(f"standards/iso18626/samples/{each['file']}").read_bytes())
        except (NotIso18626, Flawed):
            refused.add(each["file"])

    assert REFUSED == refused


@pytest.mark.reference
def test_a_sample_is_taken_for_the_revision_whose_schema_it_fits() -> None:
    told = json.loads(reference("standards/iso18626/samples/MANIFEST.json").read_text())
    valid = [each for each in told if each["check"]["1.2"] == "valid" and each["file"] not in REFUSED]
    seen = {
        codec.decode(reference(f"standards/iso18626/samples/{each['file']}").read_bytes()).revision
        for each in valid
    }

    assert {Revision.V1_2} == seen


@pytest.mark.reference
def test_the_examples_of_2021_are_read_and_written_anew() -> None:
    for file in references("standards/iso18626/examples-2021/*.xml"):
        received = codec.decode(file.read_bytes())
        again = codec.encode(received.message, Revision.V2021)

        assert Revision.V2021 is received.revision
        assert received == codec.decode(again)
        assert [] == complaints(again, Revision.V2021)
