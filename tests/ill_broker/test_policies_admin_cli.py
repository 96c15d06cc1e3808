"""New versions of policies put in force on the command line."""

from __future__ import annotations

import json
import shutil
from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from ill_broker.cli import main
from ill_broker.clock import SystemClock
from ill_broker.services.members.directory import Directory
from ill_broker.storage import policies as policy_rows
from ill_broker.storage.office_rows import policy_versions
from ill_broker.storage.policies import FileKind
from ill_broker.storage.policy_files import builtin_book
from ill_broker.storage.store import Store
from tests.factories import DAY

DATA = Path(str(resources.files("workflows") / "data"))


@pytest.fixture
def url(migrated_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    shutil.copy(migrated_file, tmp_path / "ill.db")
    monkeypatch.setenv("ILL_DATABASE_URL", f"sqlite:///{tmp_path / 'ill.db'}")
    return f"sqlite:///{tmp_path / 'ill.db'}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one policy and one calendar, which a test may change."""
    target = tmp_path / "new"
    (target / "calendars").mkdir(parents=True)
    shutil.copy(DATA / "policies" / "szutl.yaml", target)
    shutil.copy(DATA / "calendars" / "szutl-sample.yaml", target / "calendars")
    (target / "worked_examples.yaml").write_text("not: a policy", encoding="utf-8")
    return target


def install(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(
        main, ["policies", "install", str(folder), "--reason", "decided in the meeting", *options]
    )


def rewrite(folder: Path, old: str, new: str) -> str:
    file = folder / "szutl.yaml"
    text = file.read_text(encoding="utf-8")

    assert old in text

    file.write_text(text.replace(old, new), encoding="utf-8")
    return text.replace(old, new)


def loan_days(url: str, days_ahead: int = 0) -> int:
    store = Store.open(url)
    directory = Directory(store, builtin_book())
    found = directory.in_force(SystemClock().now() + days_ahead * DAY).policy("szutl").loan_rules[0]
    store.close()
    return found.period.count


def test_files_that_say_the_same_are_left_alone(url: str, folder: Path) -> None:
    found = install(folder)

    assert ("0 of 2 files are new\n", 0) == (found.stdout, found.exit_code)


def test_a_changed_file_is_in_force_and_kept_as_it_was_written(url: str, folder: Path) -> None:
    text = rewrite(folder, "{days: 31}", "{days: 30}")

    found = install(folder, "--author", "the director")

    assert ("policy szutl: version 1\n1 of 2 files are new\n", 0) == (found.stdout, found.exit_code)
    assert loan_days(url) == 30
    store = Store.open(url)
    with store.reading() as conn:
        (version,) = policy_rows.history(conn, FileKind.POLICY, "szutl")
    store.close()
    assert ("the director", "decided in the meeting", "szutl.yaml", text) == (
        version.author,
        version.reason,
        version.source,
        version.written,
    )


def test_a_version_may_wait(url: str, folder: Path) -> None:
    rewrite(folder, "{days: 31}", "{days: 30}")
    tomorrow = (SystemClock().now() + DAY).isoformat()

    assert install(folder, "--valid-from", tomorrow).exit_code == 0
    assert (31, 30) == (loan_days(url), loan_days(url, 2))


def test_a_fault_is_told_by_file_path_and_code_and_nothing_is_installed(url: str, folder: Path) -> None:
    rewrite(folder, "{days: 31}", "{weeks: 4}")

    found = install(folder)

    assert found.exit_code == 1
    assert "policies/szutl: loan_rules[0].period: bad_period" in found.stderr
    assert loan_days(url) == 31


@pytest.mark.parametrize("text", ["a: 1\na: 2", "- a list", "just text"])
def test_what_is_no_policy_is_refused(url: str, folder: Path, text: str) -> None:
    (folder / "other.yaml").write_text(text, encoding="utf-8")

    found = install(folder)

    assert found.exit_code == 1
    assert "other" in found.stderr


@pytest.mark.parametrize(
    ("when", "says"), [("tomorrow", "bad_timestamp"), ("2020-01-01T00:00:00Z", "valid from now")]
)
def test_a_time_that_cannot_be_is_refused(url: str, folder: Path, when: str, says: str) -> None:
    rewrite(folder, "{days: 31}", "{days: 30}")

    found = install(folder, "--valid-from", when)

    assert found.exit_code != 0
    assert says in found.stderr


def test_what_this_release_does_not_understand_is_told_before_it_serves(url: str, folder: Path) -> None:
    rewrite(folder, "{days: 31}", "{days: 30}")
    install(folder)
    sound = CliRunner().invoke(main, ["check"])
    store = Store.open(url)
    with store.writing() as conn:
        (version,) = policy_rows.history(conn, FileKind.POLICY, "szutl")
        conn.execute(update(policy_versions).values(document={**version.document, "colour": "red"}))
    store.close()
    found = CliRunner().invoke(main, ["check"])
    told = json.loads(found.stdout)

    assert (0, "", 1) == (sound.exit_code, sound.stdout, found.exit_code)
    assert ("policy", "szutl", 1, "colour", "unknown_field") == tuple(
        told[name] for name in ("kind", "name", "version", "path", "code")
    )
    assert "install the file anew" in told["to_do"]
