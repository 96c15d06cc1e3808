"""The members, read from the database and kept for a few seconds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ill_broker.services.members.directory import Directory, UnknownLibrary
from ill_broker.storage import libraries
from ill_broker.storage.store import Store
from tests.factories import BJTU, PKU, START, a_library, the_book

SECOND = timedelta(seconds=1)


@pytest.fixture
def directory(store: Store) -> Directory:
    with store.writing() as conn:
        libraries.put(conn, a_library(PKU, name="before"), {})
    return Directory(store, the_book())


def rename(store: Store) -> None:
    with store.writing() as conn:
        libraries.put(conn, a_library(PKU, name="after"), {})


@pytest.mark.parametrize(
    ("seconds", "name"), [(-6, "after"), (-4, "before"), (0, "before"), (4, "before"), (5, "after")]
)
def test_a_changed_profile_is_noticed_after_some_seconds(
    store: Store, directory: Directory, seconds: int, name: str
) -> None:
    """Threads that began a moment apart do not make each other read again."""
    directory.library("pku", START)
    rename(store)

    assert name == directory.library("pku", START + seconds * SECOND).name


def test_a_library_that_is_none_is_an_error(directory: Directory) -> None:
    with pytest.raises(UnknownLibrary):
        directory.library(BJTU, START)
