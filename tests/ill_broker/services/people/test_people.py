"""Registering on both engines: of many at once, one has the card."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from ill_broker.services.people.registration import People, Registration, build_people
from ill_broker.services.people.verification import Verification
from ill_broker.services.refusals import AlreadyRegistered, Unknown
from ill_broker.settings import Settings
from ill_broker.storage import libraries, outbox, people
from ill_broker.storage.store import Store
from workflows.ids import LibraryCode, PatronId
from workflows.libraries import Library

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HOME = LibraryCode("bjtu")


@pytest.fixture
def registry(store: Store) -> People:
    with store.writing() as conn:
        libraries.put(conn, Library(code=HOME, name="BJTU", name_zh="北京交通大学图书馆"))
    return build_people(store, Settings(cheap_passwords=True))[0]


@pytest.fixture
def links(store: Store) -> Verification:
    return build_people(store, Settings(cheap_passwords=True))[1]


def wanted(number: int) -> Registration:
    return Registration(
        home=HOME,
        card_number="20261234",
        name="王",
        mobile="+8613812345678",
        email=f"reader{number}@example.org",
        password="correct horse battery",
    )


def test_of_many_who_confirm_one_card_one_has_it(registry: People, links: Verification, store: Store) -> None:
    for number in range(8):
        registry.register(wanted(number), now=NOW)
    with store.writing() as conn:
        letters = outbox.claim(conn, owner="test", now=NOW, lease=timedelta(seconds=1), limit=50)

    def confirm(text: str) -> bool:
        try:
            links.confirm(text.split("#")[1].split(maxsplit=1)[0], now=NOW)
        except AlreadyRegistered:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        succeeded = list(pool.map(confirm, [letter.body["text"] for letter in letters]))
    with store.reading() as conn:
        holder = people.by_card(conn, HOME, "20261234")

    assert holder is not None
    assert [holder.patron.email] == [
        letter.body["to"] for letter, is_in in zip(letters, succeeded, strict=True) if is_in
    ]


def test_letters_are_in_the_language_of_the_patron(registry: People, store: Store) -> None:
    registry.register(wanted(1), now=NOW)
    with store.writing() as conn:
        (letter,) = outbox.claim(conn, owner="test", now=NOW, lease=timedelta(seconds=1), limit=50)

    assert ("zh", "请确认您的电子邮箱") == (letter.body["language"], letter.body["subject"])


def test_who_does_not_exist_has_no_data(registry: People) -> None:
    with pytest.raises(Unknown):
        registry.patron(PatronId("pat_nobody00"))
