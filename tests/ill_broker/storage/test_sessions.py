from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from ill_broker.storage import sessions
from ill_broker.storage.revocations import Revocation
from ill_broker.storage.sessions import ApiKey, Session, Verification
from ill_broker.storage.store import Store
from tests.ill_broker.storage.samples import ANNA, BJTU, MINUTE, NLC, NOW
from workflows.actors import Role
from workflows.ids import PatronId

SESSION = Session(
    token_hash="h1", role=Role.PATRON, subject=ANNA, library=BJTU, created_at=NOW, expires_at=NOW + MINUTE
)
LINK = Verification(token_hash="v1", patron=ANNA, kind="email", expires_at=NOW + MINUTE)


def start(store: Store, *several: Session) -> None:
    with store.writing() as conn:
        for each in several:
            sessions.start(conn, each)


def known(store: Store, *hashes: str) -> list[bool]:
    with store.reading() as conn:
        return [sessions.find(conn, each, now=NOW) is not None for each in hashes]


def test_a_session_is_found_until_it_expires(store: Store) -> None:
    start(store, SESSION)
    with store.reading() as conn:
        assert SESSION == sessions.find(conn, "h1", now=NOW)
        assert sessions.find(conn, "h1", now=NOW + MINUTE) is None
        assert sessions.find(conn, "h2", now=NOW) is None


def test_a_revoked_session_is_no_longer_found(store: Store) -> None:
    start(store, SESSION, replace(SESSION, token_hash="h2"))
    with store.writing() as conn:
        sessions.revoke(conn, "h1", now=NOW)

    assert [False, True] == known(store, "h1", "h2")


def test_all_sessions_of_a_person_end_together(store: Store) -> None:
    start(
        store,
        SESSION,
        replace(SESSION, token_hash="h2"),
        replace(SESSION, token_hash="h3", subject="pat_bert"),
    )
    with store.writing() as conn:
        sessions.revoke_all_of(conn, ANNA, now=NOW)

    assert [False, False, True] == known(store, "h1", "h2", "h3")


def test_a_key_is_found_until_it_is_revoked(store: Store) -> None:
    key = ApiKey(key_hash="k1", library=NLC, role=Role.PARTNER, label="their system", created_at=NOW)
    with store.writing() as conn:
        sessions.add_key(conn, key)
        assert key == sessions.find_key(conn, "k1")
        sessions.revoke_key(conn, "k1", Revocation(at=NOW))
        assert sessions.find_key(conn, "k1") is None
        assert sessions.find_key(conn, "k2") is None


def use(store: Store, token_hash: str = "v1", kind: str = "email", late: int = 0) -> PatronId | None:
    with store.writing() as conn:
        return sessions.use_verification(conn, token_hash, kind=kind, now=NOW + late * MINUTE)


@pytest.fixture
def letter(store: Store) -> Store:
    with store.writing() as conn:
        sessions.add_verification(conn, LINK)
    return store


def test_a_link_is_good_once(letter: Store) -> None:
    assert ANNA == use(letter)
    assert use(letter) is None


def test_a_link_is_good_for_its_own_purpose_and_time(letter: Store) -> None:
    assert use(letter, kind="password") is None
    assert use(letter, late=1) is None
    assert use(letter, "v2") is None
    assert ANNA == use(letter)


def test_of_many_who_use_a_link_at_once_one_succeeds(letter: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert sum(whose == ANNA for whose in pool.map(lambda _: use(letter), range(8))) == 1


def test_what_has_expired_is_forgotten(letter: Store) -> None:
    start(letter, SESSION, replace(SESSION, token_hash="h2", expires_at=NOW + 9 * MINUTE))
    with letter.writing() as conn:
        assert sessions.forget_expired(conn, before=NOW + MINUTE) == 0
        assert sessions.forget_expired(conn, before=NOW + 2 * MINUTE) == 1
        assert sessions.forget_links(conn, before=NOW + 2 * MINUTE) == 1

    assert [False, True] == known(letter, "h1", "h2")
