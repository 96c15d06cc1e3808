"""Following requests over HTTP, and knowing why; what one may not see does not exist."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from ill_broker.settings import Settings
from ill_broker.storage.store import Store
from ill_broker.texts.catalogue import say
from tests.ill_broker.api.client import NOW, Api, Hand, a_patron
from tests.ill_broker.api.lending import Callers, a_find, lending_services, serving
from workflows.patrons import Patron


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


def submitted(api: Api, store: Store, patron: Patron, *lenders: str, **citation: Any) -> dict[str, Any]:
    response = api.post("/requests", json=a_find(store, patron, *lenders, **citation))
    told: dict[str, Any] = response.json

    assert 201 == response.status_code, told
    return told


def step(api: Api, request: dict[str, Any], name: str, **body: Any) -> dict[str, Any]:
    response = api.post(f"/requests/{request['id']}/{name}", json=body)
    told: dict[str, Any] = response.json

    assert 200 == response.status_code, told
    return told


VIEWS = ("", "/timeline", "/explanation", "/rota")


def bare(problem: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in problem.items() if name != "request_id"}


@pytest.mark.parametrize("view", VIEWS)
def test_what_one_may_not_see_does_not_exist(
    callers: Callers, patron_api: Api, store: Store, patron: Patron, view: str
) -> None:
    request = submitted(patron_api, store, patron, "szutl", "pku")
    strangers = [
        callers.patron(a_patron(store, "2")),
        callers.staff("jinan"),
        callers.partner("jinan"),
        callers.staff("pku" if request["lender"] == "szutl" else "szutl"),
        callers.partner("pku" if request["lender"] == "szutl" else "szutl"),
    ]
    for stranger in strangers:
        hidden = stranger.get(f"/requests/{request['id']}{view}")
        never = stranger.get(f"/requests/req_00000000000000000{view}")

        assert (404, bare(never.json)) == (hidden.status_code, bare(hidden.json))
        assert "not_found" == hidden.json["code"]


@pytest.mark.parametrize("path", ["/requests", *(f"/requests/req_00000000000000000{view}" for view in VIEWS)])
def test_a_stranger_is_asked_who_that_is(api: Api, path: str) -> None:
    response = api.get(path)

    assert (401, "unauthenticated") == (response.status_code, response.json["code"])
    assert 401 == api.get(path, headers={"X-API-Key": "ill_wrong"}).status_code
    assert 401 == api.get(path, headers={"Authorization": "Bearer wrong"}).status_code


def test_only_a_patron_submits_or_a_desk_for_one(callers: Callers, store: Store, patron: Patron) -> None:
    wish = a_find(store, patron)
    others = [callers.staff(None), callers.partner("pku")]
    nobody = callers.staff("bjtu").post("/requests", json=wish)

    assert (422, ["/patron"]) == (nobody.status_code, [fault["pointer"] for fault in nobody.json["errors"]])
    assert [403] * 2 == [other.post("/requests", json=wish).status_code for other in others]
    assert 401 == callers.anybody.post("/requests", json=wish).status_code


def test_the_desk_sees_whom_to_call_and_the_lender_does_not(
    callers: Callers, patron_api: Api, store: Store, patron: Patron
) -> None:
    request = submitted(patron_api, store, patron)
    desk, lender, office = callers.staff("bjtu"), callers.staff("szutl"), callers.staff(None)
    step(desk, request, "arrival")
    step(desk, request, "notification", result="reached", note="her mother 李梅妈 answered")
    assert 201 == patron_api.post(f"/requests/{request['id']}/agent", json={"agent": "李梅妈"}).status_code
    step(desk, request, "handover", agent="李梅妈", card=patron.card_number)
    views = [f"/requests/{request['id']}{view}" for view in VIEWS] + ["/requests?role=lender", "/requests"]
    for reader in (lender, callers.partner("szutl")):
        told = "".join(reader.get(view).text for view in views)

        assert all(secret not in told for secret in ("李梅", patron.mobile, patron.card_number, patron.id))
        assert request["id"] in told
    for reader in (desk, office):
        one = reader.get(f"/requests/{request['id']}").json["patron"]

        assert {
            "name": "李梅",
            "mobile": patron.mobile,
            "card_number": patron.card_number,
        }.items() <= one.items()
        assert "李梅妈" in reader.get(f"/requests/{request['id']}/timeline").text


def test_pages_lead_through_all_requests_once(callers: Callers, store: Store, clock: Hand) -> None:
    made = []
    for number in range(2, 5):
        patron = a_patron(store, str(number))
        for each in range(3):
            clock.move(timedelta(seconds=1))
            made.append(submitted(callers.patron(patron), store, patron, isbn=f"978702000220{each}")["id"])
    for reader, query in (
        (callers.staff("bjtu"), ""),
        (callers.staff(None), ""),
        (callers.partner("szutl"), ""),
        (callers.staff("szutl"), "&role=lender"),
        (callers.staff("bjtu"), "&status=submitted"),
    ):
        seen, after = list[str](), ""
        while True:
            page = reader.get(f"/requests?limit=2{query}{after}").json
            seen += [item["id"] for item in page["items"]]
            if page["next"] is None:
                break
            after = f"&after={page['next']}"

        assert made[::-1] == seen


def test_a_list_is_ones_own(callers: Callers, patron_api: Api, store: Store, patron: Patron) -> None:
    request = submitted(patron_api, store, patron)
    number = f"/requests?number={request['number'].lower()}"
    readers = {
        "other": callers.patron(a_patron(store, "2")),
        "desk": callers.staff("jinan"),
        "partner": callers.partner("pku"),
    }

    assert [[request["id"]]] * 2 == [
        [item["id"] for item in patron_api.get(path).json["items"]] for path in ("/requests", number)
    ]
    assert [[]] * 6 == [
        reader.get(path).json["items"] for reader in readers.values() for path in ("/requests", number)
    ]
    assert [] == patron_api.get("/requests?status=closed").json["items"]


def test_a_barcode_finds_the_request_at_its_desk(
    callers: Callers, patron_api: Api, store: Store, patron: Patron
) -> None:
    request = submitted(patron_api, store, patron)
    desk = callers.staff("bjtu")
    step(desk, request, "arrival", barcode="B-1")
    path = "/requests?barcode=B-1"

    assert [request["id"]] == [item["id"] for item in desk.get(path).json["items"]]
    assert [] == callers.staff("jinan").get(path).json["items"]
    assert [] == callers.staff(None).get(path).json["items"]


def test_the_timeline_tells_when_it_happened_and_when_we_heard_of_it(
    callers: Callers, patron_api: Api, store: Store, patron: Patron, clock: Hand
) -> None:
    request = submitted(patron_api, store, patron)
    clock.move(timedelta(hours=5))
    said = {"status": "Loaned", "occurred_at": "2026-03-02T11:00:00+08:00", "item_barcode": "B1"}
    step(callers.staff("szutl"), request, "answer", **said)
    told = patron_api.get(f"/requests/{request['id']}/timeline").json
    last = told["items"][-1]

    assert ["Submitted", "AskedLender", "Shipped"] == [item["event"] for item in told["items"]]
    assert [1, 2, 3] == [item["seq"] for item in told["items"]]
    assert ("2026-03-02T03:00:00Z", "2026-03-02T07:00:00Z", "staff") == (
        last["at"],
        last["received_at"],
        last["by"],
    )
    assert {"C-6", "G-1"} <= {item["because"]["rule"] for item in told["items"]}
    assert not {"at", "because", "type", "_type"} & last["facts"].keys()


def test_what_has_not_happened_yet_is_not_heard_of(
    callers: Callers, patron_api: Api, store: Store, patron: Patron
) -> None:
    request = submitted(patron_api, store, patron)
    said = {"status": "Loaned", "occurred_at": "9999-12-31T23:59:59Z"}
    step(callers.staff("szutl"), request, "answer", **said)

    assert NOW.isoformat().replace("+00:00", "Z") == next(
        one["at"]
        for one in patron_api.get(f"/requests/{request['id']}").json["steps"]
        if one["step"] == "in_transit"
    )


def test_the_rota_says_why_this_lender_and_why_not_that_one(
    patron_api: Api, store: Store, patron: Patron
) -> None:
    request = submitted(patron_api, store, patron, "szutl", "bjtu", "nlc")
    items = patron_api.get(f"/requests/{request['id']}/rota").json["items"]

    assert {"szutl": "available", "nlc": "prefers_foreign", "bjtu": "own_library"} == {
        item["lender"]: item["reason"] for item in items
    }
    assert ["asked", "waiting", "passed"] == [item["turn"] for item in items]


@pytest.mark.parametrize("spoken", ["zh", "en"])
def test_the_rota_tells_each_reason_in_the_callers_language(
    callers: Callers, patron_api: Api, store: Store, patron: Patron, spoken: str
) -> None:
    request = submitted(patron_api, store, patron, "szutl", "bjtu", "nlc")
    step(callers.staff("szutl"), request, "answer", status="Unfilled")
    path, heads = f"/requests/{request['id']}/rota", {"Accept-Language": spoken}
    items = patron_api.get(path, headers=heads).json["items"]

    assert {
        "szutl": say("passed_over.unfilled", spoken),
        "nlc": say("placed.prefers_foreign", spoken),
        "bjtu": say("refusal.own_library", spoken),
    } == {item["lender"]: item["reason_told"] for item in items}


def test_before_a_book_is_sent_nothing_is_counted(patron_api: Api, store: Store, patron: Patron) -> None:
    request = submitted(patron_api, store, patron)
    response = patron_api.get(f"/requests/{request['id']}/explanation")

    assert (409, "wrong_state") == (response.status_code, response.json["code"])


def test_the_explanation_adds_up_to_the_amount_in_both_languages(
    callers: Callers, patron_api: Api, store: Store, patron: Patron, clock: Hand
) -> None:
    request = submitted(patron_api, store, patron)
    desk = callers.staff("bjtu")
    for name, body in (("arrival", {}), ("notification", {"result": "reached"}), ("handover", {})):
        clock.move(timedelta(hours=1))
        step(desk, request, name, **body)
    clock.move(timedelta(days=41))
    told = callers.patron(patron, clock.now()).get(f"/requests/{request['id']}/explanation").json
    answer, late = told["answer"], told["late"]

    assert Decimal(answer["fine"]["amount"]) == sum(
        Decimal(day["amount"] or 0) for piece in late for day in piece["days"]
    )
    assert Decimal(0) < Decimal(answer["fine"]["amount"])
    for reason in [*told["steps"], told["fine"]]:
        assert {"en", "zh"} == reason["text"].keys()
        assert all(reason["text"].values())
        assert reason["text"]["en"] != reason["text"]["zh"]


def test_a_request_names_the_last_day_on_which_its_desk_is_open(
    callers: Callers, patron_api: Api, store: Store, patron: Patron, clock: Hand
) -> None:
    """A loan of Thursday is due on a Sunday, and the Friday before it is the last day of the desk."""
    request = submitted(patron_api, store, patron)
    clock.move(timedelta(days=3))
    desk, reader = callers.staff("bjtu", clock.now()), callers.patron(patron, clock.now())
    for name, body in (("arrival", {}), ("notification", {"result": "reached"}), ("handover", {})):
        step(desk, request, name, **body)
    told = reader.get(f"/requests/{request['id']}").json
    listed = reader.get("/requests").json["items"]

    assert request["last_desk_day"] is None
    assert ("2026-04-05", "2026-04-03") == (told["due"], told["last_desk_day"])
    assert ["2026-04-03"] == [each["last_desk_day"] for each in listed]
