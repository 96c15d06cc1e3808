"""A whole consortium behind one WSGI application: on SQLite, and for a module that asks on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ill_broker.storage.migrations import migrate
from tests.journeys.libraries.consortium import Consortium
from tests.support.contract import checked_contract


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with all tables, to be copied."""
    path = tmp_path_factory.mktemp("libraries") / "empty.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def the_contract() -> Any:
    return checked_contract()


@pytest.fixture(params=["sqlite"])
def consortium(
    request: pytest.FixtureRequest, empty_file: Path, the_contract: Any, tmp_path: Path
) -> Iterator[Consortium]:
    """Eight libraries with their systems and desks; ``indirect`` parameters name other engines."""
    if request.param == "postgres":
        url = str(request.getfixturevalue("postgres_url"))
        migrate(url)
    else:
        shutil.copy(empty_file, tmp_path / "broker.db")
        url = f"sqlite:///{tmp_path / 'broker.db'}"
    consortium = Consortium(url, the_contract)
    yield consortium
    consortium.close()
