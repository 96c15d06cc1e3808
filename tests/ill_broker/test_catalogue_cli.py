"""The operator's commands for the union catalogue."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ill_broker.cli import main
from ill_broker.storage import libraries
from ill_broker.storage.store import Store
from tests.factories import BHU, PKU
from tests.support.oai import Answer, Repository, serving
from workflows.ids import LibraryCode
from workflows.libraries import Library


@pytest.fixture
def store(migrated_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    path = tmp_path / "ill.db"
    shutil.copy(migrated_file, path)
    monkeypatch.setenv("ILL_DATABASE_URL", f"sqlite:///{path}")
    monkeypatch.setenv("ILL_ALLOWED_NETWORKS", "127.0.0.0/8")
    opened = Store.open(f"sqlite:///{path}")
    yield opened
    opened.close()


def admit(store: Store, code: LibraryCode, **connectors: Any) -> None:
    with store.writing() as conn:
        libraries.put(conn, Library(code=code, name=code, name_zh=code), connectors)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["catalogue", *arguments])


def told(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.output.splitlines()]


def marc(folder: Path, count: int) -> str:
    """Return the path of a file with the first of our records."""
    packed = resources.files("connectors").joinpath("data", "records.mrc.gz").read_bytes()
    records = gzip.decompress(packed).split(b"\x1d")[:count]
    path = folder / "records.mrc"
    path.write_bytes(b"".join(record + b"\x1d" for record in records))
    return str(path)


def test_a_file_is_loaded_and_told_in_the_status(store: Store, tmp_path: Path) -> None:
    admit(store, BHU)

    assert [{"stored": 3, "unread": 0, "gone": 0}] == told(run("load", marc(tmp_path, 3), "--library", "bhu"))
    assert [{"stored": 2, "unread": 0, "gone": 1}] == told(run("load", marc(tmp_path, 2), "--library", "bhu"))
    (status,) = told(run("status"))
    assert ("bhu", 2, True) == (status["library"], status["records"], status["is_current"])


def test_nobody_elses_records_are_loaded(store: Store, tmp_path: Path) -> None:
    result = run("load", marc(tmp_path, 1), "--library", "moon")

    assert (1, "Error: moon is no member library\n") == (result.exit_code, result.output)


def test_a_file_of_another_kind_is_refused(store: Store, tmp_path: Path) -> None:
    admit(store, BHU)
    (tmp_path / "letter.txt").write_text("Dear library,")
    result = run("load", str(tmp_path / "letter.txt"), "--library", "bhu")

    assert 1 == result.exit_code
    assert "no record can be read" in result.output


def test_all_that_can_be_harvested_are_harvested_or_one(store: Store) -> None:
    repository = Repository({1: ("三体", "2026-01-01")})
    admit(store, PKU)
    with serving(repository) as url:
        admit(store, BHU, oai={"url": url})
        results = [run("harvest"), run("harvest", "bhu")]
        repository.instead = [Answer(b"", 500)]
        failed = run("harvest")

    assert [0, 0, 1] == [result.exit_code for result in (*results, failed)]
    assert [[("bhu", 1)], [("bhu", None)]] == [
        [(ended["library"], ended.get("seen")) for ended in told(result)] for result in results
    ]
    assert ["HTTP 500"] == [ended["detail"] for ended in told(failed)]


def test_a_library_without_a_repository_is_told(store: Store) -> None:
    admit(store, PKU)
    result = run("harvest", "pku")

    assert (1, "Error: pku has no catalogue to be harvested\n") == (result.exit_code, result.output)
