"""Passwords over HTTP: set anew by a letter that is read in a mailbox, changed, refused when weak."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ill_broker.services.passwords import Passwords
from ill_broker.services.refusals import WeakPassword
from ill_broker.storage import people
from ill_broker.storage.failures import Busy
from ill_broker.storage.people import Staff
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import HOME, Api, Hand, a_patron
from tests.ill_broker.api.test_account_letters import EMAIL, WANTED, Post, token_in
from tests.ill_broker.api.test_account_letters import post as post  # noqa: PLC0414 - a fixture
from workflows.ids import StaffId

NEW = "another quiet lantern"
SUBJECT = {"zh": "重设密码", "en": "Set a new password"}
CHANGED = {"zh": "您的密码已更改", "en": "Your password was changed"}
#: that other sessions ended, and what to do if it was somebody else
SAYS = {
    "zh": ("其他设备上的登录均已退出", "如果不是您本人操作", "更改邮箱密码", "馆际互借服务台"),
    "en": ("logged out everywhere else", "If it was not", "password of your mailbox", "desk of your library"),
}


@pytest.fixture(params=["zh", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def reader(api: Api, post: Post, language: str) -> dict[str, Any]:
    """Somebody who has registered, confirmed, and can log in."""
    api.post("/patrons", json={**WANTED, "language": language})
    ((_, _, text),) = post.come()
    api.post("/patrons/verification", json=token_in(text))
    return {"login": EMAIL, "password": WANTED["password"]}


def log_in(api: Api, reader: dict[str, Any], password: str) -> Any:
    return api.post("/sessions", json={**reader, "password": password})


def with_token(api: Api, opened: Any) -> Api:
    return Api(api.app, api.contract, opened.json["token"])


def test_a_forgotten_password_is_set_anew_by_the_link_of_a_letter(
    api: Api, post: Post, reader: dict[str, Any], language: str
) -> None:
    before = log_in(api, reader, reader["password"])
    ordered = api.post("/password-resets", json={"email": EMAIL.upper()})
    letters = post.come()
    _, subject, text = letters[-1]
    set_anew = api.post("/password-resets/confirmation", json={**token_in(text), "password": NEW})
    again = api.post("/password-resets/confirmation", json={**token_in(text), "password": NEW})
    session = {"Authorization": f"Bearer {before.json['token']}"}

    assert (202, SUBJECT[language]) == (ordered.status_code, subject)
    assert "/reset#" in text
    assert (204, 422, "bad_token") == (set_anew.status_code, again.status_code, again.json["code"])
    assert 401 == api.get("/patrons/me", headers=session).status_code
    assert (401, 201) == (
        log_in(api, reader, reader["password"]).status_code,
        log_in(api, reader, NEW).status_code,
    )


@pytest.mark.parametrize("way", ["reset", "changed"])
def test_a_letter_tells_the_reader_that_their_password_is_another_one(
    api: Api, post: Post, reader: dict[str, Any], language: str, way: str
) -> None:
    here = with_token(api, log_in(api, reader, reader["password"]))
    if way == "changed":
        here.put("/password", json={"current": "no", "password": NEW})
        here.put("/password", json={"current": reader["password"], "password": "wang20261234"})
        here.put("/password", json={"current": reader["password"], "password": NEW})
    else:
        api.post("/password-resets", json={"email": EMAIL})
        (*_, (_, _, ordered)) = post.come()
        for password in ("wang20261234", NEW, NEW):
            api.post("/password-resets/confirmation", json={**token_in(ordered), "password": password})
    letters = post.come()
    (*_, (in_language, subject, text)) = letters

    assert 1 == [subject for _, subject, _ in letters].count(CHANGED[language])
    assert ({"zh": "zh-Hans"}.get(language, language), CHANGED[language]) == (in_language, subject)
    assert [] == [each for each in SAYS[language] if each not in " ".join(text.split())]
    assert WANTED["name"] in text
    assert "#" not in text, "a letter that anybody may have caused brings no link into the account"


def test_nothing_tells_who_is_registered(api: Api, store: Store, post: Post) -> None:
    a_patron(store, "7")
    answers = {
        (response.status_code, response.get_data())
        for email in ("reader7@example.org", "nobody@example.org")
        for response in [api.post("/password-resets", json={"email": email})]
    }

    assert 1 == len(answers)


@pytest.mark.parametrize("language", ["zh"], indirect=True)
def test_a_link_is_good_for_two_hours_and_for_one_thing(
    api: Api, post: Post, reader: dict[str, Any], clock: Hand
) -> None:
    api.post("/password-resets", json={"email": EMAIL})
    (*_, (_, _, text)) = post.come()
    as_other = api.post("/patrons/verification", json=token_in(text))
    clock.move(timedelta(hours=2))
    late = api.post("/password-resets/confirmation", json={**token_in(text), "password": NEW})

    assert (422, 422) == (as_other.status_code, late.status_code)


@pytest.mark.parametrize("language", ["zh"], indirect=True)
def test_a_weak_password_is_refused_and_the_link_stays_good(
    api: Api, post: Post, reader: dict[str, Any]
) -> None:
    for _ in range(2):
        api.post("/password-resets", json={"email": EMAIL})
    (*_, (_, _, older), (_, _, text)) = post.come()
    weak = api.post("/password-resets/confirmation", json={**token_in(text), "password": "wang20261234"})
    strong = api.post("/password-resets/confirmation", json={**token_in(text), "password": NEW})
    other = api.post("/password-resets/confirmation", json={**token_in(older), "password": NEW})

    assert (422, "weak_password", "/password") == (
        weak.status_code,
        weak.json["code"],
        weak.json["errors"][0]["pointer"],
    )
    assert (204, 422) == (strong.status_code, other.status_code)


@pytest.mark.parametrize("language", ["zh"], indirect=True)
def test_who_is_logged_in_changes_the_password_and_stays_logged_in_there_alone(
    api: Api, reader: dict[str, Any]
) -> None:
    here, there = (with_token(api, log_in(api, reader, reader["password"])) for _ in range(2))
    wrong = here.put("/password", json={"current": "no", "password": NEW})
    changed = here.put("/password", json={"current": reader["password"], "password": NEW})

    assert (401, 204) == (wrong.status_code, changed.status_code)
    assert (200, 401) == (here.get("/patrons/me").status_code, there.get("/patrons/me").status_code)
    assert 201 == log_in(api, reader, NEW).status_code


def test_staff_change_their_password_too(api: Api, store: Store) -> None:
    passwords = Passwords(cheap=True)
    hashed = passwords.choose(NEW, about=())
    with store.writing() as conn:
        desk = Staff(id=StaffId("stf_1"), library=HOME, login="desk", name="Desk", password_hash=hashed)
        people.add_staff(conn, desk)
    here = with_token(api, api.post("/sessions", json={"login": "desk", "password": NEW}))

    assert 204 == here.put("/password", json={"current": NEW, "password": "lend me a book"}).status_code
    assert 201 == api.post("/sessions", json={"login": "DESK", "password": "lend me a book"}).status_code


@pytest.mark.parametrize(
    "weak", ["1234567890", "qwertyuiop", "password123", "demonstration", "woaini5201314"]
)
def test_common_passwords_are_refused_at_registration(api: Api, weak: str) -> None:
    response = api.post("/patrons", json={**WANTED, "password": weak})

    assert (422, "weak_password") == (response.status_code, response.json["code"])


ABOUT = ("李华", "li.hua@bjtu.example", "20260001", "13800138000", "bjtu")
OWN = ["lihua", "HuaLi", "li.hua", "李华", "20260001", "bjtu", "13800138000"]


@given(
    own=st.lists(st.sampled_from(OWN), min_size=1, max_size=3),
    filling=st.sampled_from(["", "123", "2026", "19990101", "!", "666"]),
)
def test_what_is_known_of_the_owner_makes_no_password(own: list[str], filling: str) -> None:
    with pytest.raises(WeakPassword):
        CHEAP.choose(filling.join([*own, ""]), about=ABOUT)


CHEAP = Passwords(cheap=True)


def test_one_process_tries_only_so_many_passwords_at_once() -> None:
    passwords = Passwords(cheap=True)
    hashed = passwords.choose(NEW, about=())

    def nested(depth: int) -> None:
        with passwords._slot():
            if depth:
                nested(depth - 1)

    nested(3)
    with pytest.raises(Busy):
        nested(4)
    assert passwords.fits(hashed, NEW)
