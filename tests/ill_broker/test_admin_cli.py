"""The operator's commands."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ill_broker.cli import main
from ill_broker.services.passwords import Passwords
from ill_broker.storage import inbox, libraries, outbox, people
from ill_broker.storage.inbox import Message
from ill_broker.storage.outbox import Entry, State
from ill_broker.storage.store import Store
from tests.factories import DAY, PKU, START
from workflows.ids import MessageId

MEMBERS = """
- {code: pku, name: Peking University Library, name_zh: 北京大学图书馆, watches: {answer_days: 5},
   connectors: {webhook: {base_url: http://pku.example}}}
- {code: szutl, name: Shenzhen, name_zh: 深圳}
"""


@pytest.fixture
def store(migrated_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    path = tmp_path / "ill.db"
    shutil.copy(migrated_file, path)
    monkeypatch.setenv("ILL_DATABASE_URL", f"sqlite:///{path}")
    monkeypatch.setattr("ill_broker.admin_cli.Passwords", lambda: Passwords(cheap=True))
    with Store.open(f"sqlite:///{path}") as opened:
        yield opened


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.fixture
def loaded(store: Store, tmp_path: Path) -> Store:
    file = tmp_path / "members.yaml"
    file.write_text(MEMBERS, encoding="utf-8")
    result = run("members", "load", str(file))

    assert (0, "pku\nszutl\n") == (result.exit_code, result.output)
    return store


def test_members_are_loaded_from_a_file(loaded: Store) -> None:
    with loaded.reading() as conn:
        pku = libraries.load(conn, PKU)

        assert {"webhook": {"base_url": "http://pku.example"}} == libraries.connectors_of(conn, PKU)
    assert pku is not None
    assert ("北京大学图书馆", 5, 3) == (pku.name_zh, pku.watches.answer_days, type(pku.watches)().answer_days)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- {code: atlantis, name: A, name_zh: A}", "InvalidCase"),
        ("- {code: pku, name_zh: A}", "Unreadable"),
    ],
)
def test_a_member_that_cannot_be_admitted_is_named(
    store: Store, tmp_path: Path, text: str, told: str
) -> None:
    file = tmp_path / "members.yaml"
    file.write_text(text, encoding="utf-8")
    result = run("members", "load", str(file))

    assert 1 == result.exit_code
    assert f"Error: {told}: " in result.output


def test_staff_get_a_log_in(loaded: Store) -> None:
    words = ("--password", "a long password")
    desk = run("members", "staff", "desk", "--library", "pku", "--name", "Desk", *words)
    office = run("members", "staff", "office", "--name", "Office", *words)
    with loaded.reading() as conn:
        found = [people.staff_by_login(conn, login) for login in ("desk", "office")]

    assert (0, 0) == (desk.exit_code, office.exit_code)
    assert ["pku", None] == [member.library for member in found if member]
    assert (1, "Error: Taken: login\n") == (
        (again := run("members", "staff", "desk", "--name", "x", *words)).exit_code,
        again.output,
    )


def test_a_key_is_printed_once(loaded: Store) -> None:
    assert run("members", "key", "--library", "pku", "--label", "x").output.startswith("ill_")
    assert run("members", "key", "--label", "x").output.startswith("ill_")
    assert 1 == run("members", "key", "--library", "nobody", "--label", "x").exit_code


@pytest.mark.parametrize(
    ("flags", "kind"), [(("--theirs",), "inbound"), ((), "outbound"), (("--iso",), "iso18626")]
)
def test_a_secret_is_set_for_what_it_signs(loaded: Store, flags: tuple[str, ...], kind: str) -> None:
    told = run("members", "secret", "pku", *flags).output.strip()
    with loaded.reading() as conn:
        kept = libraries.secrets_of(conn, PKU, kind, now=START.replace(year=2100))

    assert (told,) == kept


def test_a_secret_that_is_none_is_refused(loaded: Store) -> None:
    result = run("members", "secret", "pku", "--set", "password")

    assert 1 == result.exit_code
    assert "Error: BadSecret" in result.output


def test_what_was_given_up_is_listed_and_tried_anew(store: Store) -> None:
    entry = Entry(id="e1:tell", kind="tell", library=PKU, body={}, created_at=START, due_at=START)
    with store.writing() as conn:
        outbox.add(conn, [entry])
        outbox.claim(conn, owner="w", now=START, lease=DAY, limit=1)
        outbox.bury(conn, "e1:tell", owner="w", now=START, failure="pku: HTTP 400")
    (line,) = run("outbox", "list").output.splitlines()

    assert {
        "id": "e1:tell",
        "kind": "tell",
        "library": "pku",
        "attempts": 1,
        "failure": "pku: HTTP 400",
    }.items() <= (json.loads(line).items())
    assert ("", line) == (
        run("outbox", "list", "--library", "szutl").output,
        run("outbox", "list", "--library", "pku").output.strip(),
    )
    assert [0, 1] == [run("outbox", "replay", "e1:tell").exit_code for _ in range(2)]
    with store.reading() as conn:
        found = outbox.find(conn, "e1:tell")

    assert found is not None
    assert State.WAITING is found.state


def test_what_a_partner_said_and_could_not_be_applied_is_listed_and_tried_again(store: Store) -> None:
    refused = Message(
        library=PKU,
        message_id=MessageId("m1"),
        body='{"note": "书"}',
        received_at=START,
        state=inbox.State.REFUSED,
        reason="no report",
    )
    with store.writing() as conn:
        inbox.put(conn, refused)
    (line,) = run("inbox", "list", "--library", "pku").output.splitlines()

    assert ("pku", "m1", "refused", "no report", '{"note": "书"}') == tuple(
        json.loads(line)[name] for name in ("library", "message_id", "state", "reason", "body")
    )
    assert ("", "") == (
        run("inbox", "list", "--library", "szutl").output,
        run("inbox", "list", "--state", "quarantined").output,
    )
    assert [0, 1] == [run("inbox", "replay", "pku", "m1").exit_code for _ in range(2)]
    assert "NotSetAside" in run("inbox", "replay", "pku", "m1").output
    with store.reading() as conn:
        assert ["m1"] == [each.message_id for each in inbox.waiting(conn, 9)]
