"""The library that owns the book decides about its own money, and about it alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from ill_broker.services.accounts.hand_fines import HandFines
from ill_broker.services.accounts.lender_accounts import LenderAccounts
from ill_broker.services.members.directory import Directory
from ill_broker.settings import Settings
from ill_broker.storage import libraries
from ill_broker.storage.store import Store
from tests.factories import LIBRARIES, SZUTL
from tests.ill_broker.api.at_desk import DAY, REASON, AtDesk, with_accounts
from tests.ill_broker.api.client import Api, Hand
from tests.ill_broker.api.lending import lending_services, serving
from workflows.patrons import Patron

#: 41 days in hands are 10 too many: ten times 0.20
FINE = "2.00"


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock)
    directory = next(one for one in services if isinstance(one, Directory))
    yield [*with_accounts(services, store), LenderAccounts(store), HandFines(store, directory)]
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def desk(api: Api, services: list[object], store: Store, clock: Hand, patron: Patron) -> AtDesk:
    return AtDesk(api, services, store, clock, patron)


@pytest.fixture
def fine(desk: AtDesk) -> dict[str, Any]:
    """A charge of the lender's: a book that came back late."""
    request = desk.lent("szutl")
    desk.clock.move(41 * DAY)
    desk.step(request, "return")
    return charge(desk)


def charge(desk: AtDesk) -> dict[str, Any]:
    postings: list[dict[str, Any]] = desk.me().get("/accounts/me").json["postings"]
    (posting,) = (one for one in postings if one["kind"] == "fine" and one["lender"] == "szutl")
    return posting


def account(desk: AtDesk, of: str, what: str, by: str | None, **body: Any) -> Any:
    path = f"/accounts/{desk.patron.id}/{what}"
    named = "posting" if what == "reversals" else "charge"
    return desk.staff(by).post(path, json={named: of, "reason": REASON, **body})


def balance(desk: AtDesk) -> str:
    (shown,) = desk.me().get("/accounts/me").json["accounts"]
    return str(shown["balance"]["amount"])


def let_off(desk: AtDesk, limit: str) -> None:
    """Have the lender leave waivers of so much to the readers' home desks."""
    with desk.store.writing() as conn:
        known = libraries.load(conn, SZUTL) or LIBRARIES[SZUTL]
        libraries.put(conn, type(known)(**{**_facts(known), "home_desk_waives": limit}))
    desk.clock.move(DAY)


def _facts(library: Any) -> dict[str, Any]:
    return {name: getattr(library, name) for name in library.__dataclass_fields__}


def test_the_home_desk_lets_nobody_off_another_librarys_charge(desk: AtDesk, fine: dict[str, Any]) -> None:
    refused = account(desk, fine["id"], "waivers", "bjtu")

    assert (403, "lender_decides", {"lender": "szutl", "limit": "0.00", "currency": "CNY"}) == (
        refused.status_code,
        refused.json["code"],
        refused.json["facts"],
    )
    assert (403, FINE) == (account(desk, fine["id"], "reversals", "bjtu").status_code, balance(desk))


@pytest.mark.parametrize("by", ["szutl", None])
def test_the_lender_and_the_office_decide(desk: AtDesk, fine: dict[str, Any], by: str | None) -> None:
    waived = account(desk, fine["id"], "waivers", by, amount="0.50")
    back = account(desk, fine["id"], "reversals", by)

    assert ([201, 201], "0.00") == ([waived.status_code, back.status_code], balance(desk))


def test_the_lender_sees_its_own_account_and_no_name(desk: AtDesk, fine: dict[str, Any]) -> None:
    other = desk.lent("jinan", number=2)
    desk.clock.move(200 * DAY)
    desk.step(other, "return")
    seen = desk.staff("szutl").get(f"/accounts/{desk.patron.id}")
    postings = seen.json["postings"]

    assert ({"szutl"}, {"szutl"}, []) == (
        {one["lender"] for one in seen.json["accounts"]},
        {one["lender"] for one in postings},
        seen.json["accruing"],
    )
    told = seen.get_data(as_text=True)
    assert [] == [word for word in (desk.patron.name, desk.patron.card_number) if word in told]
    assert "jinan" in desk.staff().get(f"/accounts/{desk.patron.id}").get_data(as_text=True)


def test_another_lenders_charge_is_none(desk: AtDesk, fine: dict[str, Any]) -> None:
    desk.lent("jinan", number=2)
    refused = account(desk, fine["id"], "waivers", "jinan")

    assert (422, "no_such_posting") == (refused.status_code, refused.json["code"])


def test_the_till_is_the_home_desks(desk: AtDesk, fine: dict[str, Any]) -> None:
    body = {"lender": "szutl", "currency": "CNY", "amount": "1.00", "method": "cash"}
    path = f"/accounts/{desk.patron.id}"
    by_lender = desk.staff("szutl").post(f"{path}/payments", json=body)
    taken = desk.staff().post(f"{path}/payments", json=body).json
    disputed = account(desk, fine["id"], "disputes", "szutl")
    receipt = desk.staff("szutl").get(f"{path}/receipts/{taken['id']}")
    back = [account(desk, taken["id"], "reversals", by).status_code for by in ("szutl", "bjtu")]

    assert [403, 403, 404] == [one.status_code for one in (by_lender, disputed, receipt)]
    assert ([403, 201], FINE) == (back, balance(desk))


def test_a_profile_leaves_small_waivers_to_the_home_desk(desk: AtDesk, fine: dict[str, Any]) -> None:
    let_off(desk, "0.50")
    amounts = ("0.30", "0.30", "0.20")
    waived = [account(desk, fine["id"], "waivers", "bjtu", amount=amount) for amount in amounts]

    assert ([201, 403, 201], "1.50") == ([one.status_code for one in waived], balance(desk))
    own = account(desk, waived[0].json["id"], "reversals", "bjtu")
    assert (201, "1.80") == (own.status_code, balance(desk))


def test_the_home_desk_proposes_and_the_lender_waives(desk: AtDesk, fine: dict[str, Any]) -> None:
    proposed = account(desk, fine["id"], "waiver-proposals", "bjtu", amount="1.00")
    again = account(desk, fine["id"], "waiver-proposals", "bjtu")
    (waiting,) = desk.staff("szutl").get("/waiver-proposals").json["items"]

    assert ([201, 409], FINE) == ([proposed.status_code, again.status_code], balance(desk))
    assert (desk.patron.id, proposed.json) == (waiting["patron"], waiting["proposal"])
    assert ({"amount": "1.00", "currency": "CNY"}, REASON) == (
        waiting["proposal"]["proposed"],
        waiting["proposal"]["reason"],
    )
    assert 201 == account(desk, fine["id"], "waivers", "szutl", amount="1.00").status_code
    assert ([], "1.00") == (desk.staff("szutl").get("/waiver-proposals").json["items"], balance(desk))


@pytest.mark.parametrize("by", ["szutl", "bjtu", None])
def test_a_proposal_is_declined_or_withdrawn_by_its_reversal(
    desk: AtDesk, fine: dict[str, Any], by: str | None
) -> None:
    proposed = account(desk, fine["id"], "waiver-proposals", "bjtu").json
    back = account(desk, proposed["id"], "reversals", by)

    assert (201, [], FINE) == (
        back.status_code,
        desk.staff(None).get("/waiver-proposals").json["items"],
        balance(desk),
    )


def test_a_lender_lists_who_owes_it_and_nobody_else_does(desk: AtDesk, fine: dict[str, Any]) -> None:
    account(desk, fine["id"], "waiver-proposals", "bjtu")
    owed = {"patron": desk.patron.id, "lender": "szutl", "balance": {"amount": FINE, "currency": "CNY"}}

    assert {"items": [owed], "next": None} == desk.staff("szutl").get("/accounts").json
    assert {"items": [owed], "next": None} == desk.staff(None).get("/accounts?lender=szutl").json
    for path in ("/accounts", "/waiver-proposals"):
        assert [] == desk.staff("jinan").get(path).json["items"]
        assert 403 == desk.staff("jinan").get(f"{path}?lender=szutl").status_code
        assert 403 == desk.me().get(path).status_code


def test_proposals_are_paged(desk: AtDesk, fine: dict[str, Any]) -> None:
    request = desk.lent("szutl", number=2)
    desk.clock.move(41 * DAY)
    desk.step(request, "return")
    postings = desk.me().get("/accounts/me").json["postings"]
    for one in reversed(postings):
        account(desk, one["id"], "waiver-proposals", "bjtu")
    lender = desk.staff("szutl")
    first = lender.get("/waiver-proposals?limit=1").json
    second = lender.get(f"/waiver-proposals?limit=1&after={first['next']}").json

    assert [fine["id"], postings[0]["id"]] == [
        page["items"][0]["proposal"]["concerns"] for page in (first, second)
    ]
    assert None is second["next"]


def late_at_pku(desk: AtDesk) -> str:
    """Return a loan that came back late to a library whose rules state no rate."""
    request = desk.lent("pku")
    desk.clock.move(60 * DAY)
    desk.step(request, "return")
    return request


def set_fine(desk: AtDesk, request: str, amount: str = "3.00", *, by: str | None = "pku") -> Any:
    body = {"request": request, "amount": amount, "reason": REASON}
    return desk.staff(by).post(f"/accounts/{desk.patron.id}/fines", json=body)


@pytest.mark.parametrize("by", ["pku", None])
def test_a_lender_without_a_stated_rate_sets_the_fine_itself(desk: AtDesk, by: str | None) -> None:
    request = late_at_pku(desk)
    made = set_fine(desk, request, by=by)

    assert (201, "fine", "pku", request, "3.00", REASON) == (
        made.status_code,
        *(made.json[name] for name in ("kind", "lender", "request")),
        made.json["amount"]["amount"],
        made.json["reason"],
    )
    assert "3.00" == balance(desk)
    assert (409, "already_fined") == ((again := set_fine(desk, request)).status_code, again.json["code"])
    assert 201 == account(desk, made.json["id"], "reversals", "pku").status_code
    assert ("0.00", 201) == (balance(desk), set_fine(desk, request, "2.00").status_code)


def test_nobody_else_sets_a_lenders_fine_and_no_rule_is_passed_over(
    desk: AtDesk, fine: dict[str, Any]
) -> None:
    lent = desk.lent("pku", number=2)
    codes = [
        set_fine(desk, lent, by="bjtu").json["code"],
        set_fine(desk, lent).json["code"],
        set_fine(desk, fine["request"], by="szutl").json["code"],
        set_fine(desk, "req_nobodys0").json["code"],
    ]

    assert ["lender_decides", "wrong_state", "fine_stated", "not_found"] == codes


@pytest.mark.parametrize("amount", ["0.00", "-1.00", "1.005", "much", "999999999999999999", "１.00", ""])
def test_a_fine_is_an_amount_above_zero(desk: AtDesk, amount: str) -> None:
    request = late_at_pku(desk)

    assert 422 == set_fine(desk, request, amount).status_code
    assert [] == desk.me().get("/accounts/me").json["postings"]


@pytest.mark.parametrize(
    ("limit", "status"),
    [("2.00 CNY", 201), ("9.00 USD, 2.00 CNY", 201), ("2.00", 201), ("9.00 USD", 403), ("1.99 CNY", 403)],
)
def test_a_home_desk_lets_off_in_the_currency_that_the_lender_names(
    desk: AtDesk, fine: dict[str, Any], limit: str, status: int
) -> None:
    let_off(desk, limit)

    assert status == account(desk, fine["id"], "waivers", "bjtu").status_code
