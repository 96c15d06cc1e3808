"""What strangers, and people in two places at once, try with accounts."""

from __future__ import annotations

from typing import Any

import pytest

from ill_broker.services.passwords import Passwords
from ill_broker.storage import people
from ill_broker.storage.people import Staff
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import HOME, Api
from tests.ill_broker.api.test_account_letters import EMAIL, WANTED, Post, token_in
from tests.ill_broker.api.test_account_letters import post as post  # noqa: PLC0414 - a fixture
from workflows.ids import PatronId, StaffId

NEW = "another quiet lantern"
LOGIN = {"login": EMAIL, "password": WANTED["password"]}


def registered(api: Api, post: Post, **said: str) -> Api:
    """Register and confirm; the answer is theirs, logged in."""
    api.post("/patrons", json={**WANTED, **said})
    *_, (_, _, text) = post.come()
    api.post("/patrons/verification", json=token_in(text))
    opened = api.post("/sessions", json=LOGIN)
    return Api(api.app, api.contract, opened.json["token"])


def test_a_link_that_was_sent_before_its_owner_was_erased_is_good_for_nothing(api: Api, post: Post) -> None:
    reader = registered(api, post)
    patron = reader.get("/patrons/me").json["id"]
    api.post("/password-resets", json={"email": EMAIL})
    *_, (_, _, text) = post.come()
    erased = reader.delete("/patrons/me")
    set_anew = api.post("/password-resets/confirmation", json={**token_in(text), "password": NEW})

    assert (204, 422, "bad_token") == (erased.status_code, set_anew.status_code, set_anew.json["code"])
    for name in (f"erased:{patron}", f"erased {patron}", EMAIL):
        assert 401 == api.post("/sessions", json={"login": name, "password": NEW}).status_code


@pytest.mark.parametrize("card", ["erased:{}", "ERASED\u3000: {}", "erased {}"])
def test_no_card_number_keeps_somebody_else_from_being_erased(api: Api, post: Post, card: str) -> None:
    first = registered(api, post)
    patron = first.get("/patrons/me").json["id"]
    with_it = {**WANTED, "email": "wang@example.com", "card_number": card.format(patron)}
    assert 202 == api.post("/patrons", json=with_it).status_code
    links = [text for _, _, text in post.come("wang@example.com")]
    confirmed = [api.post("/patrons/verification", json=token_in(text)).status_code for text in links]

    assert ([204], 204) == (confirmed, first.delete("/patrons/me").status_code)


def test_however_many_registrations_a_stranger_makes_few_letters_go_out_again(
    api: Api, store: Store, post: Post
) -> None:
    for number in range(4):
        api.post("/patrons", json={**WANTED, "card_number": f"{number}"})
    before = post.come()
    api.post("/patrons/verification/resend", json={"email": EMAIL})
    again = post.come()[len(before) :]
    answers = [api.post("/patrons/verification", json=token_in(text)).status_code for _, _, text in again]

    assert (4, 3) == (len(before), len(again))
    assert {204, 422} == set(answers)  # the first one takes the others with it


@pytest.mark.parametrize("who", ["reader", "clerk"])
def test_a_clerk_who_is_a_reader_too_logs_in_as_either(api: Api, store: Store, post: Post, who: str) -> None:
    registered(api, post)
    password = Passwords(cheap=True).choose(NEW, about=())
    clerk = Staff(id=StaffId("stf_1"), library=HOME, login=EMAIL, name="Wang", password_hash=password)
    with store.writing() as conn:
        people.add_staff(conn, clerk)
    told = {"reader": (WANTED["password"], "patron"), "clerk": (NEW, "staff")}[who]
    opened = api.post("/sessions", json={"login": EMAIL, "password": told[0]})

    assert (201, told[1]) == (opened.status_code, opened.json["role"])
    assert 401 == api.post("/sessions", json={"login": EMAIL, "password": "neither of them"}).status_code


@pytest.mark.parametrize("what", ["reset", "erased"])
def test_who_logs_in_while_the_password_is_changed_stays_out(
    api: Api, store: Store, post: Post, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    reader = registered(api, post)
    patron = reader.get("/patrons/me").json["id"]
    changed = Passwords(cheap=True).choose(NEW, about=())
    fits = Passwords.fits

    def meanwhile(self: Passwords, password_hash: str | None, password: str) -> bool:
        with store.writing() as conn:
            people.set_password(conn, PatronId(patron), changed)
        if what == "erased":
            reader.delete("/patrons/me")
        return fits(self, password_hash, password)

    monkeypatch.setattr(Passwords, "fits", meanwhile)

    assert 401 == api.post("/sessions", json=LOGIN).status_code


ADDRESSES: list[tuple[str, str, bool]] = [
    ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False),
    ("::ffff:10.0.0.1", "10.0.0.1", True),
    ("2001:db8::1", "2001:db8::2", True),
    ("2001:db8::1", "2001:db8:0:1::1", False),
    ("10.0.0.1:5123", "10.0.0.2:5123", False),
    ("[2001:db8::1]:5123", "[2001:db8::2]:5123", False),
    ("fe80::1%eth0", "fe80::2%eth0", True),
]


@pytest.mark.parametrize(("here", "there", "is_one"), ADDRESSES)
def test_who_comes_from_another_address_is_not_held_up(
    api: Api, post: Post, *, here: str, there: str, is_one: bool
) -> None:
    registered(api, post)

    def tried(address: str) -> Any:
        said: dict[str, Any] = {"json": {**LOGIN, "password": "wrong"}}
        return api.post("/sessions", **said, environ_overrides={"REMOTE_ADDR": address}).status_code

    assert {401, 429} == {tried(here) for _ in range(7)}
    assert (429 if is_one else 401) == tried(there)
