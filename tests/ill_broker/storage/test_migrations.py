from __future__ import annotations

import ast
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from ill_broker.storage import migrations
from ill_broker.storage.engine import open_engine
from ill_broker.storage.rows import metadata

SCRIPTS = sorted((Path(migrations.__file__).parent / "versions").glob("*.py"))


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path}/with%20sign.db"


def tables(url: str) -> set[str]:
    engine = open_engine(url)
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names


def test_there_is_one_newest_revision() -> None:
    assert len(migrations.heads()) == 1


def test_a_migrated_database_has_the_tables_of_this_release(empty_url: str) -> None:
    migrations.migrate(empty_url)

    assert {*metadata.tables, "alembic_version"} == tables(empty_url)
    assert [] == migrations.check(empty_url)


def test_migrating_again_changes_nothing(empty_url: str) -> None:
    migrations.migrate(empty_url)
    migrations.migrate(empty_url)

    assert [] == migrations.check(empty_url)


def test_the_way_back_leaves_nothing_and_the_way_up_is_open_again(empty_url: str) -> None:
    migrations.migrate(empty_url)
    migrations.downgrade(empty_url)

    assert {"alembic_version"} == tables(empty_url)
    migrations.migrate(empty_url)
    assert [] == migrations.check(empty_url)


def test_a_database_that_was_never_migrated_is_told(empty_url: str) -> None:
    assert migrations.check(empty_url) != []


def test_a_column_too_many_is_told(empty_url: str) -> None:
    migrations.migrate(empty_url)
    engine = open_engine(empty_url)
    with engine.begin() as conn:
        conn.execute(text("ALTER TABLE leases ADD COLUMN colour text"))
    engine.dispose()

    (difference,) = migrations.check(empty_url)
    assert "colour" in difference


def test_processes_that_start_at_once_migrate_once(empty_url: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(migrations.migrate, [empty_url, empty_url]))

    assert [] == migrations.check(empty_url)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_migration_imports_nothing_of_the_service(script: Path) -> None:
    found = [
        node
        for node in ast.walk(ast.parse(script.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    modules = {node.module if isinstance(node, ast.ImportFrom) else node.names[0].name for node in found}

    assert {"sqlalchemy", "alembic"} >= modules
