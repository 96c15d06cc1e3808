"""Koha's answers as plain values, and its complaints in every shape it has."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from connectors.failures import PartnerFailure, Refused, Unreachable
from connectors.koha import codec, mapping
from connectors.koha.codec import NotKoha
from connectors.koha.messages import Complaint, Item, Patron
from connectors.marc.marcxml import marc_element
from connectors.transport import Reply
from tests.connectors.factories import field, marc21
from tests.connectors.koha_fake import collection, copy, mij, reader
from workflows.citation import Query

Value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["error", "errors", "message", "path", "fields", "subfields", "245", "a", "item_id"])
        | st.text(),
        inner,
    ),
    max_leaves=12,
)  # fmt: skip


def body(content: Any) -> bytes:
    return json.dumps(content).encode()


# ---------------------------------------------------------------- complaints


@pytest.mark.parametrize(
    ("status", "said", "text", "about_us"),
    [
        (
            400,
            body({"error": "The supplied pickup location is not valid"}),
            "The supplied pickup location is not valid",
            False,
        ),
        (
            400,
            body(
                {
                    "errors": [
                        {"message": "Missing property.", "path": "/body/a"},
                        {"message": "No.", "path": "/"},
                    ]
                }
            ),
            "/body/a: Missing property.; /: No.",
            False,
        ),
        (
            500,
            body({"error": "Something went wrong", "error_code": "internal_server_error"}),
            "Something went wrong (internal_server_error)",
            False,
        ),
        (
            405,
            body({"errors": ["This backend does not allow request creation via API"]}),
            "This backend does not allow request creation via API",
            False,
        ),
        (
            400,
            body([{"path": "/query/x", "message": "Malformed query string"}]),
            "/query/x: Malformed query string",
            False,
        ),
        (400, body("Biblio not found."), "Biblio not found.", False),
        (406, body(["application/json", "application/marc"]), "application/json; application/marc", False),
        (502, b"Bad Gateway\n", "Bad Gateway", False),
        (
            404,
            b"<html><head><style>a{}</style></head><body><h1>Page\nnot found</h1></body>",
            "Page not found",
            False,
        ),
        (404, b"", "HTTP 404", False),
        (418, body({"fun": 1}), "HTTP 418", False),
        (401, body({"error": "Authentication failure."}), "Authentication failure.", True),
        (
            403,
            body(
                {
                    "error": "Authorization failure. Missing required permission(s).",
                    "required_permissions": {"borrowers": 1},
                }
            ),
            "Authorization failure. Missing required permission(s).",
            True,
        ),
        (403, body({"error": "unauthorized_client"}), "unauthorized_client", True),
        (
            403,
            body({"error": "Hold cannot be placed. Reason: tooManyReserves"}),
            "Hold cannot be placed. Reason: tooManyReserves",
            False,
        ),
        (403, body({"error": "Checkout not authorized (DEBT)"}), "Checkout not authorized (DEBT)", False),
    ],
)
def test_a_complaint_is_read_in_every_shape(status: int, said: bytes, text: str, *, about_us: bool) -> None:
    complaint = codec.complaint(status, said)

    assert (text, about_us) == (str(complaint), complaint.is_about_us)


@pytest.mark.parametrize(
    ("status", "kind", "again"),
    [(500, Unreachable, True), (503, Unreachable, True), (429, Refused, True), (408, Refused, True),
     (409, Refused, False), (301, Refused, False), (401, Refused, False)],
)  # fmt: skip
def test_a_no_becomes_a_failure_that_says_whether_waiting_helps(
    status: int, kind: type[PartnerFailure], *, again: bool
) -> None:
    failure = mapping.failure("bhu", Reply(status, {"retry-after": "7"}, body({"error": "no"})))

    assert (kind, again) == (type(failure), failure.again)
    assert failure.retry_after == (None if status == 401 else 7.0)


def test_a_long_complaint_is_cut() -> None:
    assert 300 == len(codec.complaint(400, body({"error": "x" * 10_000})).text)
    assert 300 >= len(codec.complaint(500, b"<p>" + b"y " * 10_000).text)


@given(st.integers(100, 599), st.binary() | Value.map(lambda value: json.dumps(value).encode()))
def test_every_no_is_a_failure_of_ours(status: int, said: bytes) -> None:
    failure = mapping.failure("bhu", Reply(status, {}, said))

    assert failure.detail
    assert failure.detail.encode()


# ---------------------------------------------------------------- values


@given(st.binary() | Value.map(lambda value: json.dumps(value).encode()))
def test_nothing_but_our_own_failure_comes_of_garbage(said: bytes) -> None:
    readers: tuple[Callable[[bytes], Any], ...] = (
        codec.records,
        codec.token,
        lambda it: [codec.item(each) for each in codec.objects(it)],
        lambda it: codec.patron(codec.single(it)),
        lambda it: mapping.created_id(codec.single(it), {"location": it.decode(errors="replace")}, "id"),
        lambda it: mapping.request_of(codec.objects(it), "m"),
    )
    for read in readers:
        try:
            read(said)
        except NotKoha as error:
            assert str(error)  # noqa: PT017 - not every input is refused


@pytest.mark.parametrize("said", [b"[" * 100_000, b"9" * 5_000, b'{"a": NaN}', b"\xff", b"", b"{"])
def test_json_that_nobody_should_read_is_not_read(said: bytes) -> None:
    with pytest.raises(NotKoha):
        codec.json_of(said)


def test_records_are_the_same_in_xml_and_in_json() -> None:
    record = marc21(field("999", "c7"), title="民法")
    told = collection(_written(record), _written(record))
    (first, second), (third,) = codec.records(told), codec.records(body([mij(7, "民法")]))

    assert ["民法"] * 3 == [each.first("245", "a") for each in (first, second, third)]
    assert [7, 7, 7] == [mapping.biblio_id(each) for each in (first, second, third)]


def _written(record: Any) -> str:
    return etree.tostring(marc_element(record), encoding="unicode")


@pytest.mark.parametrize(
    "said", [b"<html/>", b"<a", b"<!DOCTYPE x><collection/>", b"{}", b"[1]", b'[{"fields": 1}]']
)
def test_what_holds_no_records_is_said_to_hold_none(said: bytes) -> None:
    with pytest.raises(NotKoha):
        codec.records(said)


def test_a_record_keeps_what_can_be_read_of_it() -> None:
    fields = [
        1,
        {"245": {"ind1": "1", "subfields": [{"a": "x\x00y", "b": 1}, 2]}},
        {"246": {"subfields": 1}},
        {"003": 5},
    ]
    (record,) = codec.records(body([{"leader": 1, "fields": fields}]))

    assert [("245", "1 ", (("a", "xy"),)), ("246", "  ", ())] == [
        (each.tag, each.indicators, each.subfields) for each in record.fields
    ]
    assert (("", ())) == (record.leader, record.control)


@pytest.mark.parametrize(
    "fact",
    [{"checked_out_date": "2026-01-01"}, {"lost_status": 1}, {"withdrawn": 1}, {"not_for_loan_status": -1},
     {"damaged_status": 2}, {"restricted_status": 1}, {"effective_not_for_loan_status": 1},
     {"transfer": {"to": "EAST"}}, {"first_hold": {"hold_id": 1}}, {"in_bundle": True}],
)  # fmt: skip
def test_a_copy_that_something_keeps_is_not_to_be_had(fact: dict[str, Any]) -> None:
    assert codec.item(copy(1, 2, "B")).is_available
    assert not codec.item(copy(1, 2, "B", **fact)).is_available


def test_a_copy_may_lack_everything_but_its_numbers() -> None:
    assert Item(item_id=1, biblio_id=2) == codec.item({"item_id": 1, "biblio_id": 2, "external_id": None})


@pytest.mark.parametrize("number", [None, 0, -1, True, "1", 2**60, 1.5])
def test_a_number_that_is_none_is_refused(number: Any) -> None:
    with pytest.raises(NotKoha, match="no item_id"):
        codec.item({"item_id": number, "biblio_id": 2})


def test_a_patron_may_lack_everything_but_a_number() -> None:
    assert Patron(patron_id=3, card_number="") == codec.patron({"patron_id": 3, "expiry_date": "soon"})
    assert date(2027, 6, 30) == codec.patron(reader(1, "P", expiry_date="2027-06-30T00:00:00Z")).expires


def test_what_was_made_is_known_by_its_number_or_by_where_it_is() -> None:
    relative = {"location": "/api/v1/checkouts/71/"}

    assert [5, 71] == [mapping.created_id({"id": 5}, relative, "id"), mapping.created_id({}, relative, "id")]
    for place in ("", "/x/y", "/x/" + "9" * 5000, "/x/٣"):
        with pytest.raises(NotKoha):
            mapping.created_id({}, {"location": place}, "id")


@pytest.mark.parametrize(("said", "total"), [("12", 12), ("", 0), ("-1", 0), ("9" * 5000, 0), ("٣", 0)])
def test_a_senseless_number_of_records_is_not_believed(said: str, total: int) -> None:
    assert total == mapping.total({"x-total-count": said})


# ---------------------------------------------------------------- questions


def test_a_question_asks_for_every_word_and_every_form_of_a_number() -> None:
    asked = json.loads(mapping.search(Query(title="民 100%_\\", author="李", isbn="7536692935"))[0])
    words = [next(iter(each.values())) for part in asked["-and"] for each in part["-or"]]

    assert [{"-like": "%民%"}] * 2 + [{"-like": "%100\\%\\_%"}] * 2 + [{"-like": "%李%"}] == words[:5]
    forms = ("9787536692930", "978-7-5366-9293-0", "7536692935", "7-5366-9293-5")

    assert [{"isbn": {"-like": f"%{form}%"}} for form in forms] == asked["-and"][-1]["-or"]


def test_a_number_without_a_short_form_is_asked_for_in_its_long_ones() -> None:
    asked = json.loads(mapping.search(Query(isbn="979-10-90636-07-1"))[0])

    assert 2 == len(asked["-and"][0]["-or"])


def test_a_serial_is_asked_for_by_its_number() -> None:
    asked = json.loads(mapping.search(Query(issn="0317-8471"))[0])

    assert [{"issn": {"-like": "%0317-8471%"}}] == asked["-and"]


def test_what_koha_cannot_be_asked_is_left_to_look_for() -> None:
    query = Query(
        title='"three bodies"',
        subject="fiction",
        any_of=(Query(author="Ann"), Query(isbn="979-10-90636-07-1")),
        none_of=(Query(title="x"),),
    )
    asked, rest = mapping.search(query)
    title, subtitle, either = json.loads(asked)["-and"]

    assert {"title": {"-like": "%three%"}} in title["-or"]
    assert {"subtitle": {"-like": "%bodies%"}} in subtitle["-or"]
    assert [{"-and": [{"-or": [{"author": {"-like": "%Ann%"}}]}]}] == either["-or"][:1]
    assert rest == Query(title=query.title, subject="fiction", none_of=query.none_of)


def test_a_question_of_many_words_is_cut() -> None:
    assert 20 == len(json.loads(mapping.search(Query(text="a " * 500))[0])["-and"])


@given(st.text(), st.text())
def test_every_question_can_be_written(text: str, isbn: str) -> None:
    asked = mapping.search(Query(text=text, isbn=isbn))[0]

    assert asked.isascii()
    assert mapping.exactly({"cardnumber": text}).isascii()


def test_a_complaint_reads_as_one_line() -> None:
    assert ["no (why)", "(why)", "HTTP 404"] == [
        str(Complaint(404, "no", "why")), str(Complaint(404, "", "why")), str(Complaint(404)),
    ]  # fmt: skip
