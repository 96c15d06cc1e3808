"""Each table has its term, and nothing but the record of lending grows with the years."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product
from typing import Any

from sqlalchemy import Boolean, Date, Integer, Table, func, insert, inspect, select

from ill_broker.storage.columns import Json, UTCDateTime
from ill_broker.storage.inbox import MessageState as Heard
from ill_broker.storage.outbox import EntryState as Sent
from ill_broker.storage.rows import metadata
from ill_broker.storage.store import Store
from ill_broker.storage.terms import TERMS, Kept, tidy
from tests.ill_broker.storage.samples import NOW

DAY = timedelta(days=1)
KINDS = ("tell", "local", "requester", "notice", "card_notice", "wish_notice", "typed_notice", "mail")
#: rows of tables in which the term depends on what a row is about
SPECIAL: dict[str, list[dict[str, Any]]] = {
    "outbox": [{"kind": kind, "state": state} for kind, state in product(KINDS, (Sent.DONE, Sent.DEAD))],
    "inbox": [{"state": state} for state in (Heard.APPLIED, Heard.QUARANTINED, Heard.REFUSED)],
    "tallies": [{"key": "patron:anna", "used": 0}, {"key": "quota:nlc:2026-03", "used": 9}],
}
#: what is in use stays, whatever its age
IN_USE: dict[str, list[dict[str, Any]]] = {
    "outbox": [{"kind": "tell", "state": Sent.WAITING}],
    "inbox": [{"state": Heard.WAITING}],
    "tallies": [{"key": "patron:bert", "used": 1}, {"key": "quota:nlc:2028-05", "used": 1}],
    "secrets": [{"valid_until": None}],
}


def a_row(table: Table, number: int, given: dict[str, Any]) -> dict[str, Any]:
    """Return a row whose every instant is now."""
    row: dict[str, Any] = {}
    for column in table.columns:
        match column.type:
            case UTCDateTime():
                row[column.name] = NOW
            case Date():
                row[column.name] = NOW.date()
            case Json():
                row[column.name] = {}
            case Boolean():
                row[column.name] = True
            case Integer():
                row[column.name] = number
            case _:
                row[column.name] = f"{column.name}-{number}"
    return row | given


def fill(store: Store, rows: dict[str, list[dict[str, Any]]], first: int = 1) -> None:
    with store.writing() as conn:
        for name, given in rows.items():
            table = metadata.tables[name]
            for number, each in enumerate(given, first):
                conn.execute(insert(table), a_row(table, number, each))


def counts(store: Store) -> dict[str, int]:
    with store.reading() as conn:
        return {
            name: conn.execute(select(func.count()).select_from(metadata.tables[name])).scalar_one()
            for name in tidied()
        }


def tidied() -> list[str]:
    return [name for name, term in TERMS.items() if not isinstance(term, Kept)]


def at(store: Store, moment: datetime) -> None:
    with store.writing() as conn:
        tidy(conn, moment)


def test_every_table_has_its_term(store: Store) -> None:
    names = inspect(store.engine).get_table_names()

    assert {name for name in names if not name.startswith(("alembic", "catalogue_words"))} == set(TERMS)


def test_nothing_is_left_after_800_days_but_what_is_in_use(store: Store) -> None:
    fill(store, {name: SPECIAL.get(name, [{}]) for name in tidied()})
    fill(store, IN_USE, first=100)
    at(store, NOW + 800 * DAY)

    assert {name: len(IN_USE.get(name, ())) for name in tidied()} == counts(store)


def test_a_delivered_letter_with_a_link_in_it_is_gone_after_a_day(store: Store) -> None:
    fill(store, {"outbox": [{"kind": "mail", "state": Sent.DONE}]})
    at(store, NOW + DAY)
    kept = counts(store)["outbox"]
    at(store, NOW + DAY + timedelta(seconds=1))

    assert (1, 0) == (kept, counts(store)["outbox"])
