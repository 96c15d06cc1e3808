"""A store to test on: SQLite, and PostgreSQL in CI; the storage itself is tested on both everywhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from ill_broker.storage.migrations import migrate
from ill_broker.storage.rows import metadata
from ill_broker.storage.store import Store
from tests.support.postgres import Cluster


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with all tables, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "empty.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_cluster: Cluster) -> str:
    """A PostgreSQL database with all tables, which each test leaves empty."""
    url = postgres_cluster.new_database()
    migrate(url)
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.ci)])
def dialect(request: pytest.FixtureRequest) -> str:
    """Which database it is."""
    return str(request.param)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, dialect: str, tmp_path: Path) -> str:
    """The address of an empty database with all tables."""
    if dialect == "postgres":
        return str(request.getfixturevalue("migrated_postgres"))
    shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "test.db")
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty store."""
    store = Store.open(database_url)
    yield store
    if store.engine.dialect.name == "postgresql":
        with store.writing() as conn:
            _empty(conn)
    store.close()


def _empty(conn: Connection) -> None:
    """Take out what a test left: far quicker than TRUNCATE, which makes every table's files anew."""
    any_rows = (f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in metadata.tables)  # noqa: S608 - our own tables
    filled = conn.execute(text(" UNION ALL ".join(any_rows))).scalars().all()
    conn.execute(text("SET LOCAL session_replication_role = replica"))  # neither keys nor triggers hold it up
    for name in filled:
        conn.execute(text(f"DELETE FROM {name}"))  # noqa: S608 - see above
    restart = "SELECT setval(format('%I.%I', schemaname, sequencename), 1, false) FROM pg_sequences"
    conn.execute(text(f"{restart} WHERE last_value IS NOT NULL"))
