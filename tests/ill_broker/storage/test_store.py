from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Connection, Table, insert, literal, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError

from ill_broker.storage import engine as engines
from ill_broker.storage import tallies
from ill_broker.storage.columns import UTCDateTime
from ill_broker.storage.engine import UnknownDatabase, open_engine
from ill_broker.storage.failures import Busy, Uncertain
from ill_broker.storage.rows import leases, metadata
from ill_broker.storage.store import Store
from tests.ill_broker.storage.samples import NOW


def used(store: Store) -> int:
    with store.reading() as conn:
        return tallies.read(conn, ["k"])["k"]


def take(conn: Connection) -> None:
    tallies.take(conn, {"k": None})


def test_what_is_written_is_there_afterwards(store: Store) -> None:
    with store.writing() as conn:
        take(conn)

    assert used(store) == 1


def test_an_exception_undoes_all_of_it(store: Store) -> None:
    def take_and_fail() -> None:
        with store.writing() as conn:
            take(conn)
            raise LookupError

    with pytest.raises(LookupError):
        take_and_fail()

    assert used(store) == 0


def test_a_transaction_rolled_back_inside_saves_nothing(store: Store) -> None:
    with store.writing() as conn:
        take(conn)
        conn.rollback()

    assert used(store) == 0


def test_other_faults_are_passed_on(store: Store) -> None:
    with pytest.raises(DBAPIError), store.writing() as conn:
        conn.execute(text("SELECT nonsense FROM nowhere"))


def test_what_must_not_be_null_is_a_fault_and_not_busy(store: Store) -> None:
    with pytest.raises(IntegrityError), store.writing() as conn:
        conn.execute(insert(leases), {"name": "n", "owner": None, "until": NOW})


def test_sqlite_refuses_to_write_where_one_only_reads(tmp_path: Path, migrated_file: Path) -> None:
    store = Store.open(f"sqlite:///{migrated_file}")
    with pytest.raises(OperationalError, match="readonly"), store.reading() as conn:
        take(conn)

    with store.writing() as conn:  # the same connection, lent anew
        take(conn)
        conn.rollback()
    store.close()


def test_threads_that_write_at_once_all_succeed(store: Store) -> None:
    def write(_: int) -> None:
        with store.writing() as conn:
            take(conn)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(write, range(100)))

    assert used(store) == 100


def test_two_stores_on_one_file_take_turns(tmp_path: Path) -> None:
    one, other = (Store.open(f"sqlite:///{tmp_path}/new/shared.db") for _ in range(2))
    with one.writing() as conn:
        metadata.create_all(conn)

    def write(number: int) -> None:
        with (one, other)[number % 2].writing() as conn:
            take(conn)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(60)))

    assert used(one) == 60
    one.close()
    other.close()


def test_a_database_in_memory_needs_no_file() -> None:
    store = Store.open("sqlite://")
    with store.writing() as conn:
        metadata.create_all(conn)
    with store.writing() as conn:
        take(conn)

    assert used(store) == 1
    store.close()


def test_sqlite_writes_durably_and_watches_foreign_keys(migrated_file: Path) -> None:
    engine = open_engine(f"sqlite:///{migrated_file}")
    with closing(engine.raw_connection()) as conn:  # as it is opened: SQLAlchemy's own are careless in tests
        settings = [
            conn.cursor().execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]

    assert ["wal", 2, 1] == settings
    engine.dispose()


def test_a_locked_sqlite_database_is_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, migrated_file: Path
) -> None:
    monkeypatch.setattr(engines, "LOCK_SECONDS", 0)
    path = tmp_path / "locked.db"
    path.write_bytes(migrated_file.read_bytes())
    store, stranger = Store.open(f"sqlite:///{path}"), open_engine(f"sqlite:///{path}")

    with stranger.begin(), pytest.raises(Busy), store.writing():
        pass

    store.close()
    stranger.dispose()


def test_the_wait_for_a_connection_ends_in_busy(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setattr(engines, "LOCK_SECONDS", 1)
    store = Store.open(database_url, threads=-1)

    with store.reading(), pytest.raises(Busy), store.reading():
        pass

    store.close()


def test_a_deadlock_is_busy_for_one_and_nothing_for_the_other(migrated_postgres: str) -> None:
    store = Store.open(migrated_postgres)
    both_have_one = threading.Barrier(2)

    def write(keys: tuple[str, str]) -> str:
        try:
            with store.writing() as conn:
                tallies.take(conn, {keys[0]: None})
                both_have_one.wait(60)
                tallies.take(conn, {keys[1]: None})
                conn.rollback()
        except Busy:
            return "busy"
        return "well"

    with ThreadPoolExecutor(2) as pool:
        assert ["busy", "well"] == sorted(pool.map(write, [("a", "b"), ("b", "a")]))
    store.close()


def hang_up_on_others(store: Store) -> None:
    others = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    stranger = open_engine(store.engine.url)
    with stranger.begin() as conn:
        conn.execute(text(others))
    stranger.dispose()


def test_a_server_that_hung_up_is_busy_and_a_retry_heals_it(migrated_postgres: str) -> None:
    store = Store.open(migrated_postgres)
    with store.reading():
        pass
    hang_up_on_others(store)

    with pytest.raises(Busy):
        used(store)

    assert used(store) == 0
    store.close()


def test_a_connection_that_breaks_while_saving_leaves_it_uncertain(migrated_postgres: str) -> None:
    store = Store.open(migrated_postgres)

    def break_while_saving() -> None:
        with store.writing() as conn:
            take(conn)
            hang_up_on_others(store)

    with pytest.raises(Uncertain):
        break_while_saving()

    store.close()


def test_a_commit_that_the_database_refuses_is_a_fault(migrated_postgres: str) -> None:
    store = Store.open(migrated_postgres)
    deferred = "CREATE TEMPORARY TABLE t (a int UNIQUE DEFERRABLE INITIALLY DEFERRED)"

    def save_doubly() -> None:
        with store.writing() as conn:
            conn.execute(text(deferred))
            conn.execute(text("INSERT INTO t VALUES (1), (1)"))

    with pytest.raises(IntegrityError):
        save_doubly()

    store.close()


def test_a_server_that_is_not_there_is_busy(tmp_path: Path) -> None:
    store = Store.open(f"postgresql+psycopg://nobody@/nothing?host={tmp_path}")

    with pytest.raises(Busy), store.reading():
        pass


def test_work_is_done_anew_while_others_are_in_the_way(store: Store) -> None:
    tries = []

    def work(conn: Connection) -> str:
        take(conn)
        tries.append(1)
        if len(tries) < 3:
            raise Busy
        return "done"

    assert store.write(work) == "done"
    assert used(store) == 1


def test_work_is_given_up_after_some_tries(store: Store) -> None:
    tries = []

    def work(_: Connection) -> None:
        tries.append(1)
        raise Busy

    with pytest.raises(Busy):
        store.write(work, tries=2)

    assert len(tries) == 2


@pytest.mark.parametrize("url", ["postgresql://localhost/x", "mysql://localhost/x"])
def test_an_address_of_another_database_is_refused(url: str) -> None:
    with pytest.raises(UnknownDatabase):
        open_engine(url)


def test_a_naive_instant_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="naive"), store.writing() as conn:
        conn.execute(insert(leases), {"name": "n", "owner": "o", "until": datetime(2026, 3, 2)})  # noqa: DTZ001  (the point)


@pytest.mark.parametrize("hours", [0, 8, -5])
def test_an_instant_comes_back_in_utc_whatever_zone_it_went_in(store: Store, hours: int) -> None:
    until = datetime(2026, 3, 2, 12, 30, 15, 123456, tzinfo=timezone(timedelta(hours=hours)))
    with store.writing() as conn:
        conn.execute(insert(leases), {"name": "n", "owner": "o", "until": until})
    with store.reading() as conn:
        read = conn.execute(select(leases.c.until)).scalar_one()

    assert (until, UTC) == (read, read.tzinfo)


def test_no_instant_stays_none(store: Store) -> None:
    with store.reading() as conn:
        assert conn.execute(select(literal(None, UTCDateTime))).scalar_one() is None


@pytest.mark.parametrize("table", metadata.tables.values(), ids=str)
def test_every_constraint_has_a_name_of_its_own(table: Table) -> None:
    assert all(constraint.name for constraint in table.constraints)
