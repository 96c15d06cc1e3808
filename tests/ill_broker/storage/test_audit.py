"""Who did what: found by whoever, whatever and whenever, page by page, and never changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from ill_broker.storage import audit
from ill_broker.storage.audit import Action, Doer, Done, Subject, Wanted
from ill_broker.storage.audit_rows import audit_entries
from ill_broker.storage.store import Store
from tests.ill_broker.storage.samples import NOW
from workflows.actors import Actor, Role
from workflows.ids import LibraryCode

BJTU, PKU = LibraryCode("bjtu"), LibraryCode("pku")
WANG, LI = Actor(Role.STAFF, "stf_wang", BJTU), Actor(Role.STAFF, "stf_li", PKU)
HOUR = timedelta(hours=1)


def done(store: Store, hours: int = 0, **facts: Any) -> None:
    told: dict[str, Any] = {
        "actor": WANG,
        "action": Action.READER_SEEN,
        "subject": (Subject.READER, "pat_anna"),
    }
    with store.writing() as conn:
        audit.add(conn, Done(at=NOW + hours * HOUR, **(told | {"library": BJTU} | facts)))


@pytest.fixture
def filled(store: Store) -> Store:
    done(store, 0)
    done(store, 1, actor=LI)
    done(store, 2, actor=LI, library=PKU, subject=(Subject.READER, "pat_bert"))
    done(store, 3, action=Action.KEY_ISSUED, subject=(Subject.KEY, "key_1"), library=PKU, facts={"a": 1})
    done(store, 4, actor=None, action=Action.LOG_IN_FAILED, subject=None, library=None)
    return store


def hours(store: Store, wanted: Wanted | None = None, limit: int = 9, **facts: Any) -> list[int]:
    with store.reading() as conn:
        found = audit.page(conn, wanted or Wanted(), **({"after": None, "limit": limit} | facts))
    return [(each.at - NOW) // HOUR for each in found]


def test_entries_are_found_by_what_is_known_of_them_the_newest_first(filled: Store) -> None:
    assert [4, 3, 2, 1, 0] == hours(filled)
    assert [3, 0] == hours(filled, Wanted(actor="stf_wang"))
    assert [3] == hours(filled, Wanted(action=Action.KEY_ISSUED))
    assert [1, 0] == hours(filled, Wanted(subject="pat_anna"))
    assert [2, 1] == hours(filled, Wanted(since=NOW + HOUR, until=NOW + 3 * HOUR))


def test_a_library_finds_what_its_people_did_and_what_was_done_to_its_own_each_once(filled: Store) -> None:
    assert [3, 1, 0] == hours(filled, of=BJTU)
    assert [3, 2, 1] == hours(filled, of=PKU)
    assert [3, 2] == hours(filled, of=PKU, limit=2)


def test_pages_follow_each_other_without_a_gap(filled: Store) -> None:
    with filled.reading() as conn:
        first = audit.page(conn, Wanted(), of=PKU, after=None, limit=2)
        rest = audit.page(conn, Wanted(), of=PKU, after=first[-1].id, limit=2)

    assert [3, 2, 1] == [(each.at - NOW) // HOUR for each in (*first, *rest)]


def test_an_entry_says_who_did_it_and_a_stranger_is_one(filled: Store) -> None:
    with filled.reading() as conn:
        stranger, key, *_ = audit.page(conn, Wanted(), after=None, limit=9)

    assert (Doer.STRANGER, None) == (stranger.actor_kind, stranger.actor_id)
    assert (Doer.STAFF, BJTU, {"a": 1}) == (key.actor_kind, key.actor_library, key.facts)


@pytest.mark.parametrize("change", [update(audit_entries).values(actor_id="x"), delete(audit_entries)])
def test_the_database_refuses_to_change_or_delete_an_entry(filled: Store, change: Any) -> None:
    with pytest.raises(DBAPIError, match="only added to"), filled.writing() as conn:
        conn.execute(change)

    assert 5 == len(hours(filled))
