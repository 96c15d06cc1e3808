"""What desks record stays with those whom it concerns, and what is open is due."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from ill_broker.settings import Settings
from ill_broker.storage.store import Store
from tests.ill_broker.api.at_desk import DAY, REASON, AtDesk, with_accounts
from tests.ill_broker.api.client import Api, Hand, a_patron
from tests.ill_broker.api.lending import Callers, lending_services, serving
from workflows.patrons import Patron

NOBODY, NOTHING = "pat_99999999", "req_99999999"
SAID = {"reason": REASON}
#: method, path, body: {patron} and {request} are the real ones, or those of nobody
WHATEVER: list[tuple[str, str, dict[str, Any] | None]] = [
    ("get", "/patrons/{patron}/suspensions", None),
    ("get", "/patrons/{patron}/permissions", None),
    ("get", "/patrons/{patron}/categories", None),
    ("get", "/patrons/{patron}/no-dues?library=szutl", None),
    ("get", "/patrons?home=bjtu&card_number={card}", None),
    ("post", "/patrons/{patron}/suspensions", {"library": "szutl", "case": "refusal_to_pay", **SAID}),
    ("post", "/patrons/{patron}/suspensions/{entry}/lift", SAID),
    (
        "post",
        "/patrons/{patron}/permissions",
        {"library": "szutl", "citation": {"title": "x"}, "authority": "y", **SAID},
    ),
    ("post", "/patrons/{patron}/categories", {"library": "bhu", "category": "faculty", **SAID}),
    ("post", "/patrons/{patron}/card", {"lends": False, **SAID}),
    ("post", "/requests/{request}/agent", {"agent": "王"}),
    ("post", "/requests/{request}/pieces", {"returned": [1]}),
    ("post", "/requests/{request}/pickup", {"site": "x"}),
    ("post", "/requests/{request}/case", {"case": "stain"}),
    ("post", "/requests/{request}/case-settlement", {"number": 1}),
    ("post", "/requests/{request}/found", {}),
    ("get", "/requests/{request}/case-terms?case=loss", None),
    ("get", "/requests/{request}/pickup-sites", None),
]


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock)
    yield with_accounts(services, store)
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def desk(api: Api, services: list[object], store: Store, clock: Hand, patron: Patron) -> AtDesk:
    return AtDesk(api, services, store, clock, patron)


def _said(response: Any) -> tuple[int, dict[str, Any]]:
    """Return the answer without the number that each has of its own."""
    return response.status_code, {key: value for key, value in response.json.items() if key != "request_id"}


def test_what_concerns_somebody_else_is_as_if_it_were_not(desk: AtDesk, services: list[object]) -> None:
    request = desk.lent("szutl")
    entry = desk.suspended("szutl", "theft", 1)["id"]
    callers = Callers(desk.api, services, desk.store)
    strangers = {
        "another patron": desk.me(a_patron(desk.store, "2")),
        "another desk": desk.staff("jinan"),
        "a library that was not asked": desk.staff("pku"),
        "a partner's system": callers.partner("pku"),
        "nobody": desk.api,
    }
    real = {"patron": desk.patron.id, "request": request, "entry": entry, "card": desk.patron.card_number}
    none = {"patron": NOBODY, "request": NOTHING, "entry": "sus_99999999", "card": "99999"}
    for who, stranger in strangers.items():
        for method, path, body in WHATEVER:
            more = {} if body is None else {"json": body}
            seen, unseen = (stranger.call(method, path.format(**ids), **more) for ids in (real, none))

            assert _said(unseen) == _said(seen), (who, method, path)
            assert seen.status_code in {401, 403, 404}, (who, method, path, seen.json)


def test_a_lender_is_told_nothing_of_the_patron(desk: AtDesk, services: list[object]) -> None:
    request = desk.lent("szutl")
    desk.me().post(f"/requests/{request}/agent", json={"agent": "王小明"})
    desk.suspended("szutl", "theft", 1)
    desk.step(request, "case", case="stain", note="wet")
    lenders = (desk.staff("szutl"), Callers(desk.api, services, desk.store).partner("szutl"))
    path = f"/patrons/{desk.patron.id}"
    views = [f"/requests/{request}{view}" for view in ("", "/timeline", "/rota", "/explanation")]
    views += [
        f"{path}/{view}" for view in ("suspensions", "categories", "permissions", "no-dues?library=szutl")
    ]
    views += [f"/patrons?home=bjtu&card_number={desk.patron.card_number}"]
    told = "".join(lender.get(view).get_data(as_text=True) for lender in lenders for view in views)
    secrets = (desk.patron.name, desk.patron.card_number, desk.patron.mobile, desk.patron.email, "王小明")

    assert "szutl" in told
    assert [] == [secret for secret in secrets if secret in told]


def test_a_loss_that_the_lender_gave_up_suspends_and_is_due_until_it_is_settled(desk: AtDesk) -> None:
    lost = desk.lent("szutl")
    desk.clock.move(5 * DAY)
    said = {"status": "CompletedWithoutReturn", "occurred_at": desk.clock.time.isoformat()}
    given_up = desk.staff("szutl").post(f"/requests/{lost}/answer", json=said)
    refused = desk.reasons(desk.wish("szutl", number=2))
    open_still = desk.staff().get(f"/patrons/{desk.patron.id}/no-dues?library=szutl").json
    desk.step(lost, "case-settlement", number=1, price="10.00")

    assert ("closed", ["suspended"]) == (given_up.json["status"], refused)
    assert (False, ["loss"]) == (open_still["clear"], [due["kind"] for due in open_still["open"]])
    assert ([], 201) == (desk.shown("suspensions"), desk.wish("szutl", number=2).status_code)


def test_a_piece_that_is_out_and_a_damage_that_is_open_are_dues(desk: AtDesk) -> None:
    request = desk.wish("fjmu").json["id"]
    desk.step(request, "arrival", pieces=["cd"])
    desk.step(request, "notification", result="reached")
    desk.step(request, "handover")
    desk.step(request, "return", missing=[1], card="anybody's")
    path = f"/patrons/{desk.patron.id}/no-dues?library=fjmu"
    out = desk.staff().get(path).json["open"]
    desk.step(request, "pieces", returned=[1])
    clear = desk.staff().get(path).json["clear"]
    desk.step(request, "case", case="stain")
    stained = desk.staff().get(path).json["open"]
    shown = desk.staff().get(f"/requests/{request}/timeline").json["items"]
    (card,) = (one["facts"]["card"] for one in shown if one["event"] == "TakenBack")

    assert (["loan"], True, ["damage"]) == (
        [one["kind"] for one in out],
        clear,
        [one["kind"] for one in stained],
    )
    assert "anybody's" == card
