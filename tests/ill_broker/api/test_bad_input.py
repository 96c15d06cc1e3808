"""Hostile and clumsy input for every operation on requests: every fault is named, nothing changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from ill_broker.settings import Settings
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import NOW, Api, Hand, a_patron
from tests.ill_broker.api.lending import Callers, a_find, counts, lending_services, send, serving
from tests.ill_broker.api.test_steps import STEPS
from workflows.patrons import Patron

#: what desks record of a patron
RECORDS = ("agent", "card", "categories", "lift", "permissions", "suspensions", "withdrawal")
HUGE = b'{"note": "' + b"x" * (1024 * 1024) + b'"}'
#: bodies that are no body, whatever the operation
BODIES: dict[str, tuple[bytes, int]] = {
    "no json": (b"{", 400),
    "no utf-8": (b'{"a": "\xff"}', 400),
    "doubled member": (b'{"note": "a", "note": "b"}', 400),
    "lone surrogate": (b'{"note": "\\ud83d"}', 400),
    "not a number": (b'{"note": NaN}', 400),
    "too deep": (b"[" * 100_000, 400),
    "too long a number": (b'{"note": ' + b"9" * 5000 + b"}", 400),
    "a list": (b"[]", 422),
    "a text": (b'"x"', 422),
    "null": (b"null", 422),
    "a number": (b"9223372036854775808", 422),
    "too large": (HUGE, 413),
}
#: what no text may be, and nothing else either
VALUES: dict[str, object] = {
    "a number": 2**63,
    "a fraction": 1.5,
    "a list": ["x"],
    "an object": {"x": 1},
    "nul": "a\x00b",
    "control": "a\x1bb",
    "blank": "  ",
    "too long": "x" * 10_000,
}


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock)
    yield services
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def callers(api: Api, services: list[object], store: Store) -> Callers:
    return Callers(api, services, store)


@pytest.fixture
def request_id(patron_api: Api, store: Store, patron: Patron) -> str:
    return str(patron_api.post("/requests", json=a_find(store, patron)).json["id"])


_ASKED = ("/api/v1/requests", "/api/v1/arrivals", "/api/v1/patrons/{patron_id}/")


def operations(contract: Any) -> dict[str, dict[str, Any]]:
    """Return path -> schema of the body: whatever moves a request, or says what a patron may borrow."""
    raw = contract.raw_schema
    found = {}
    for path, methods in raw["paths"].items():
        if not path.startswith(_ASKED) or "post" not in methods:
            continue
        schema = methods["post"]["requestBody"]["content"]["application/json"]["schema"]
        name = schema["$ref"].rpartition("/")[2]
        found[path.removeprefix("/api/v1")] = raw["components"]["schemas"][name]
    return found


def caller_of(path: str, patron_api: Api, staff: Api, lender: Api) -> Api:
    if path == "/requests":
        return patron_api
    return lender if path.endswith("/answer") else staff


def _filled(path: str, request_id: str, patron: Patron) -> str:
    entry = "prm_00000001" if path.endswith("withdrawal") else "sus_00000001"
    return path.format(request_id=request_id, patron_id=patron.id, entry=entry)


@pytest.fixture
def each(
    contract: Any, patron_api: Api, callers: Callers, request_id: str, patron: Patron
) -> list[tuple[str, dict[str, Any], Api]]:
    """Every operation: where it is, what it reads, and who may call it."""
    staff, lender = callers.staff("bjtu"), callers.staff("szutl")
    found = [
        (_filled(path, request_id, patron), schema, caller_of(path, patron_api, staff, lender))
        for path, schema in operations(contract).items()
    ]

    assert {*STEPS, *RECORDS, "requests", "arrivals"} == {path.rpartition("/")[2] for path, *_ in found}
    return found


def test_a_body_that_is_none_is_refused(each: list[tuple[str, dict[str, Any], Api]], store: Store) -> None:
    before = counts(store)
    for path, _, caller in each:
        for name, (body, status) in BODIES.items():
            response = caller.post(path, data=body, content_type="application/json")

            assert (status, "application/problem+json") == (
                response.status_code,
                response.content_type,
            ), (path, name)

    assert before == counts(store)


def test_a_body_that_is_not_json_is_refused(
    each: list[tuple[str, dict[str, Any], Api]], store: Store
) -> None:
    before = counts(store)
    for path, _, caller in each:
        for media_type in ("text/plain", "application/xml", "application/x-www-form-urlencoded"):
            response = caller.post(path, data=b"note=x", content_type=media_type)

            assert (415, "unsupported_media_type") == (response.status_code, response.json["code"]), path

    assert before == counts(store)


def test_every_member_that_is_wrong_is_named(
    each: list[tuple[str, dict[str, Any], Api]], store: Store
) -> None:
    """All members are wrong at once, and one is there that nobody knows: each has its pointer."""
    before = counts(store)
    for path, schema, caller in each:
        members = set(schema.get("properties", {}))
        for name, value in VALUES.items():
            body = dict.fromkeys([*members, "unknown/~member"], value)
            response = caller.post(path, json=body)
            pointers = {error["pointer"].removeprefix("/") for error in response.json["errors"]}
            named = {pointer.split("/")[0] for pointer in pointers} - {""}

            assert (422, "invalid_input") == (response.status_code, response.json["code"]), (path, name)
            assert members | {"unknown~1~0member"} <= named | ({"citation"} & members), (path, name)
            assert all(error["in"] == "body" for error in response.json["errors"])

    assert before == counts(store)


def test_every_member_that_is_missing_is_named(
    each: list[tuple[str, dict[str, Any], Api]], store: Store
) -> None:
    before = counts(store)
    for path, schema, caller in each:
        required = set(schema.get("required", ()))
        if not required:
            continue
        response = caller.post(path, json={})

        assert 422 == response.status_code, path
        assert {f"/{name}" for name in required} == {error["pointer"] for error in response.json["errors"]}

    assert before == counts(store)


@pytest.mark.parametrize(
    ("citation", "faults"),
    [
        ({}, {"/citation/title": "required"}),
        ({"title": 1}, {"/citation/title": "wrong_type"}),
        ({"title": "x" * 501}, {"/citation/title": "too_long"}),
        ({"title": "x\ny"}, {"/citation/title": "control_character"}),
        (
            {"title": "x", "isbn": "9787302000007", "year": 2**63},
            {"/citation/isbn": "bad_isbn", "/citation/year": "out_of_range"},
        ),
        (
            {"title": "x", "year": "1996", "item_type": "scroll", "shelf": "a"},
            {
                "/citation/year": "wrong_type",
                "/citation/item_type": "unknown_word",
                "/citation/shelf": "unknown_field",
            },
        ),
        ({"title": "x", "year": True, "language": "c"}, None),
        ([], {"/citation": "wrong_type"}),
        ("x", {"/citation": "wrong_type"}),
        (None, {"/citation": "null"}),
    ],
    ids=str,
)
def test_every_fault_of_a_typed_citation_is_named(
    patron_api: Api, store: Store, citation: object, faults: dict[str, str] | None
) -> None:
    before = counts(store)
    response = patron_api.post("/requests", json={"citation": citation})
    named = {error["pointer"]: error["code"] for error in response.json["errors"] if error["pointer"]}

    assert (422, before) == (response.status_code, counts(store))
    assert (faults or {"/citation/year": "wrong_type", "/citation/language": "too_short"}) == named


@pytest.mark.parametrize(
    "wish",
    [
        {"search": "srch_00000001"},
        {"work": "w"},
        {"search": "srch_00000001", "work": "w", "citation": {"title": "x"}},
        {"desk": "bjtu"},
    ],
    ids=str,
)
def test_a_wish_names_one_work(patron_api: Api, wish: dict[str, object]) -> None:
    assert 422 == patron_api.post("/requests", json=wish).status_code


@pytest.mark.parametrize("instant", ["2026-03-02T10:15:00", "yesterday", "2026-02-30T00:00:00Z", 1772417700])
def test_an_instant_without_its_offset_is_none(
    callers: Callers, store: Store, request_id: str, instant: object
) -> None:
    lender, before = callers.staff("szutl"), counts(store)["events"]
    said = {"status": "Loaned", "occurred_at": instant, "lender_due_date": "20 April"}
    response = lender.post(f"/requests/{request_id}/answer", json=said)

    assert (422, before) == (response.status_code, counts(store)["events"])
    assert {"/occurred_at", "/lender_due_date"} == {error["pointer"] for error in response.json["errors"]}


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1582-10-10T00:00:00Z"])
def test_an_instant_far_away_breaks_nothing(callers: Callers, request_id: str, instant: str) -> None:
    lender, desk = callers.staff("szutl"), callers.staff("bjtu")
    for status in ("WillSupply", "Loaned", "Recalled", "Overdue", "LoanCompleted"):
        said = {"status": status, "occurred_at": instant, "lender_due_date": "9999-12-31"}

        assert lender.post(f"/requests/{request_id}/answer", json=said).status_code in {200, 409}
    for step in ("arrival", "notification", "handover", "renewal"):
        assert desk.post(f"/requests/{request_id}/{step}", json=STEPS[step]).status_code in {200, 409}
    for view in ("", "/timeline", "/rota", "/explanation"):
        assert 200 == desk.get(f"/requests/{request_id}{view}").status_code


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "/limit"),
        ("limit=101", "/limit"),
        ("limit=9223372036854775808", "/limit"),
        ("limit=x", "/limit"),
        ("limit=1&limit=2", "/limit"),
        ("status=gone", "/status"),
        ("role=king", "/role"),
        ("after=pat_00000001", "/after"),
        ("after=req_%F0%9F%99%82", "/after"),
        ("number=" + "x" * 61, "/number"),
        ("barcode=a%0Ab", "/barcode"),
        ("sort=title", "/sort"),
    ],
)
def test_a_fault_in_the_query_is_named(patron_api: Api, query: str, pointer: str) -> None:
    response = patron_api.get(f"/requests?{query}")

    assert (422, [("query", pointer)]) == (
        response.status_code,
        [(error["in"], error["pointer"]) for error in response.json["errors"]],
    )


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("/patrons?home=bjtu", "/card_number"),
        ("/patrons?home=%F0%9F%99%82&card_number=1", "/home"),
        ("/patrons?home=bjtu&card_number=" + "1" * 41, "/card_number"),
        ("/patrons?home=bjtu&home=pku&card_number=1", "/home"),
        ("/patrons/{patron}/no-dues?library=%F0%9F%99%82", "/library"),
        ("/patrons/{patron}/no-dues?library=szutl&x=1", "/x"),
        ("/requests/{request}/case-terms", "/case"),
        ("/requests/{request}/case-terms?case=fire", "/case"),
        ("/requests/{request}/case-terms?case=loss&piece=0", "/piece"),
        ("/requests/{request}/case-terms?case=loss&piece=9223372036854775808", "/piece"),
        ("/requests/{request}/case-terms?case=loss&price=1e9", "/price"),
        ("/requests/{request}/case-terms?case=loss&fx_rate=NaN", "/fx_rate"),
        ("/requests/{request}/case-terms?case=loss&fx_date=2026-02-30", "/fx_date"),
        ("/requests/{request}/case-terms?case=loss&volumes=-1", "/volumes"),
    ],
)
def test_a_fault_in_what_the_desk_looks_up_is_named(
    callers: Callers, request_id: str, patron: Patron, path: str, pointer: str
) -> None:
    response = callers.staff("bjtu").get(path.format(patron=patron.id, request=request_id))

    assert (422, ["query"]) == (response.status_code, [one["in"] for one in response.json["errors"]])
    assert [pointer] == [one["pointer"] for one in response.json["errors"]]


@pytest.mark.parametrize(
    "path", ["req_%00", "req_", "pat_00000001", "req_" + "0" * 400, "..", "req_%F0%A0%AE%B7", "9" * 19]
)
def test_what_is_no_id_is_no_request(patron_api: Api, path: str) -> None:
    for view in ("", "/timeline", "/cancellation"):
        method = "post" if view == "/cancellation" else "get"

        assert patron_api.call(method, f"/requests/{path}{view}").status_code in {400, 404}


@pytest.mark.parametrize("key", ["", "a b", "x" * 201, "\xe9"])
def test_a_key_that_is_none_is_named(patron_api: Api, request_id: str, key: str) -> None:
    path = f"/requests/{request_id}/cancellation"
    response = patron_api.post(path, json={}, headers={"Idempotency-Key": key})

    assert (422, "/Idempotency-Key") == (response.status_code, response.json["errors"][0]["pointer"])


@pytest.mark.parametrize(
    "text", ["𠮷野家", "🙂👩\u200d👩", "x" * 2000, "a\nb\tc", "ﷺ", "' OR 1=1 --", "<script>"]
)
def test_what_may_be_said_is_kept_as_it_was_said(callers: Callers, request_id: str, text: str) -> None:
    desk = callers.staff("bjtu")
    desk.post(f"/requests/{request_id}/arrival", json={"condition": text})
    items = desk.get(f"/requests/{request_id}/timeline").json["items"]

    assert text == items[-1]["facts"]["condition"]


def test_anothers_id_is_no_id(callers: Callers, store: Store, request_id: str) -> None:
    other, before = callers.patron(a_patron(store, "2")), counts(store)["events"]

    assert 404 == other.post(f"/requests/{request_id}/cancellation", json={}).status_code
    assert 422 == other.post(f"/requests/{request_id}/cancellation", json={"x": 1}).status_code
    assert before == counts(store)["events"]


#: reports that are none: what is wrong with each, and where
def reports() -> Iterator[tuple[bytes, set[str]]]:
    good = {"request_id": "req_00000001", "status": "Loaned", "occurred_at": NOW.isoformat()}
    for body, _ in BODIES.values():
        if body not in {HUGE, b'{"a": "\xff"}', b'{"note": "\\ud83d"}'}:
            yield body, {""}
    for name, value in VALUES.items():
        told = {
            "type": "request.status",
            "timestamp": NOW.isoformat(),
            "data": {**good, "item_barcode": value},
        }
        if name != "blank":
            yield json.dumps(told).encode(), {"/data/item_barcode"}
        yield (
            json.dumps({**told, "data": {**good, "status": value, "occurred_at": value}}).encode(),
            {"/data/status", "/data/occurred_at"},
        )
    yield json.dumps({"type": "request.status", "timestamp": NOW.isoformat(), "data": []}).encode(), {"/data"}
    yield json.dumps({"type": "request.status", "timestamp": NOW.isoformat()}).encode(), {"/data"}


def test_a_report_that_cannot_be_read_is_refused_with_every_fault(api: Api, store: Store) -> None:
    before = counts(store)
    for number, (body, pointers) in enumerate(reports()):
        response = send(api, body, f"m{number}")

        assert (400, "malformed_request") == (response.status_code, response.json["code"]), body[:200]
        assert pointers <= {error["pointer"] for error in response.json["errors"]}, body[:200]

    assert before == counts(store)
