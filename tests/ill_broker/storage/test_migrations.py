from __future__ import annotations

import ast
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import bindparam, insert, inspect, text

from ill_broker.services.members.policy_versions import kept_policies
from ill_broker.storage import desk_lists, migrations, people, policies, registrations, sessions
from ill_broker.storage.columns import UTCDateTime
from ill_broker.storage.desk_lists import Place, Sought
from ill_broker.storage.engine import open_engine
from ill_broker.storage.events import all_of
from ill_broker.storage.records import to_json
from ill_broker.storage.requests import by_barcode, load
from ill_broker.storage.requests import insert as insert_request
from ill_broker.storage.rows import events as event_rows
from ill_broker.storage.rows import metadata, requests
from ill_broker.storage.sessions import Verification
from ill_broker.storage.store import Store
from tests.factories import BJTU, DAY, START, a_request, known, the_book
from workflows.decisions.decide import decide
from workflows.ids import PatronId, RequestId
from workflows.losses.cases import CaseKind
from workflows.losses.settlement import Settling
from workflows.policies.book import Edition, PolicyBook
from workflows.requests.commands import (
    Command,
    HandOver,
    OpenCase,
    RecordFound,
    ReportLoss,
    SettleCase,
    TakeBack,
    Undo,
)
from workflows.requests.desk_lists import STATUSES
from workflows.requests.lifecycle import Status
from workflows.requests.request import Instants

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
    # SQLite keeps its full-text index in tables of its own making.
    return {name for name in names if not name.startswith("catalogue_words")}


def test_there_is_one_newest_revision() -> None:
    assert len(ScriptDirectory.from_config(migrations._config(None)).get_heads()) == 1


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
    with Store.open(empty_url, threads=1) as store, store.writing() as conn:
        command.downgrade(migrations._config(conn), "base")

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


#: requests and their events as the release before wrote them, when there were no cases and no pieces
BEFORE = [
    json.loads(line)
    for line in Path(__file__).with_name("release_0004.jsonl").read_text("utf-8").splitlines()
]
#: what is done next to each of them, and where that leads
NEXT: dict[str, tuple[list[Command], Status]] = {
    "on_loan": ([TakeBack()], Status.RETURNED),
    "reported_lost": (
        [ReportLoss(), SettleCase(number=1, settling=Settling(case="", price="10.00"))],
        Status.CLOSED,
    ),
    "paid_for": ([RecordFound()], Status.CLOSED),
    "returning": ([OpenCase(kind=CaseKind.STAIN)], Status.RETURNING),
    "notified": ([HandOver(), Undo()], Status.NOTIFIED),
}


def _old_rows(url: str) -> None:
    engine = open_engine(url)
    with engine.begin() as conn:
        for told in BEFORE:
            state = told["state"]
            row = {name: state.get(name) for name in ("id", "number", "patron", "home", "desk", "lender")}
            row |= {"status": state["status"], "version": state["version"], "created_at": START}
            row |= {"work_key": "x", "attention": False, "state": json.dumps(state)}
            conn.execute(insert(requests).values(row))
            for seq, (kind, body) in enumerate(told["events"], 1):
                row = {"request_id": state["id"], "seq": seq, "type": kind, "at": START, "received_at": START}
                row |= {"actor_role": "system", "actor_id": "x", "body": json.dumps(body)}
                conn.execute(insert(event_rows).values(row))
    engine.dispose()


def _kept(store: Store) -> PolicyBook:
    """Keep the version that these loans began under, as that release did, and return the book with it."""
    written = Path(__file__).with_name("release_0004_policy.json").read_text("utf-8")
    edition = Edition(policy="szutl", kept_at=START, **json.loads(written))
    with store.writing() as conn:
        policies.keep(conn, edition)
        return the_book().with_former(kept_policies(conn, [(edition.policy, edition.edition)]))


def test_what_the_release_before_stored_is_read_as_it_was_and_goes_on(empty_url: str) -> None:
    migrations.migrate(empty_url, to="0004")
    _old_rows(empty_url)
    migrations.migrate(empty_url)
    store = Store.open(empty_url, threads=1)
    book = _kept(store)
    with store.reading() as conn:
        for told in BEFORE:
            request = load(conn, told["state"]["id"])
            happened = [[type(one.event).__name__, one.event] for one in all_of(conn, told["state"]["id"])]

            assert request is not None
            assert told["state"] == json.loads(to_json(request))
            assert told["events"] == [[name, json.loads(to_json(event))] for name, event in happened]
            commands, status = NEXT[told["what"]]
            for command in commands:
                request = decide(request, command, known(START + 60 * DAY, book=book)).request
            assert status is request.status
    store.close()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_migration_imports_nothing_of_the_service(script: Path) -> None:
    found = [
        node
        for node in ast.walk(ast.parse(script.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    modules = {node.module if isinstance(node, ast.ImportFrom) else node.names[0].name for node in found}

    assert {"sqlalchemy", "alembic"} >= modules


def test_who_had_not_confirmed_the_address_still_can(empty_url: str) -> None:
    migrations.migrate(empty_url, to="0007")
    store = Store.open(empty_url)
    folded = {"a": "a@example.org", "b": "b@example.org", "c": "c@example.org"}
    with store.writing() as conn:
        for name, (password, verified) in {"a": ("h", None), "b": (None, None), "c": ("h", START)}.items():
            conn.execute(
                text(
                    "INSERT INTO patrons (id, home, card_number, name, mobile, email, email_folded, language,"
                    " password_hash, verified_at, created_at, version) VALUES (:id, 'bjtu', :id, '王', '',"
                    " :email, :email, 'zh', :password, :verified, :at, 1)"
                ).bindparams(bindparam("verified", type_=UTCDateTime), bindparam("at", type_=UTCDateTime)),
                {
                    "id": f"pat_{name}",
                    "email": folded[name],
                    "password": password,
                    "verified": verified,
                    "at": START,
                },
            )
        link = Verification(token_hash="t", patron=PatronId("pat_a"), kind="email", expires_at=START + DAY)
        sessions.add_verification(conn, link)
    migrations.migrate(empty_url)
    with store.writing() as conn:
        waiting = registrations.take(conn, "t", now=START)
        left = people.patrons_of(conn, [PatronId("pat_a"), PatronId("pat_b"), PatronId("pat_c")])
        unproven = people.by_unproven_email(conn, "b@example.org")
    store.close()

    assert waiting is not None
    assert ("pat_a", "a@example.org", "王") == (
        waiting.patron.id,
        waiting.patron.email,
        waiting.patron.name,
    )
    assert {"pat_b", "pat_c"} == set(left)
    assert ["pat_b"] == [known.patron.id for known in unproven]


def test_the_barcodes_that_the_patrons_libraries_gave_books_are_found_at_once(empty_url: str) -> None:
    """Without waiting for the next step of each loan."""
    migrations.migrate(empty_url)
    with Store.open(empty_url, threads=1) as store:
        with store.writing() as conn:
            insert_request(conn, a_request(local_barcode="ILL 7", number="N1"), "key")
            command.downgrade(migrations._config(conn), "0021")
        migrations.migrate(empty_url)
        with store.reading() as conn:
            assert ["N1"] == [one.number for one in by_barcode(conn, BJTU, "ill7")]


def test_what_waits_at_a_desk_stands_in_its_list_at_once(empty_url: str) -> None:
    """Without waiting for the next step of each loan."""
    there = {
        Status.IN_TRANSIT: a_request(instants=Instants(submitted=START, shipped=START + DAY)),
        Status.NOTIFIED: a_request(hold_until=date(2026, 5, 4)),
        Status.ON_LOAN: a_request(due=date(2026, 5, 5)),
        Status.RETURNED: a_request(instants=Instants(submitted=START, arrived=START + DAY / 7)),
    }
    lists = {status: wanted for wanted, status in STATUSES.items()}

    def places(store: Store) -> list[tuple[str, Place]]:
        with store.reading() as conn:
            return [
                (request.number, place)
                for status in there
                for place, request in desk_lists.page(
                    *(conn, BJTU, lists[status], Sought(title="shield")),
                    today=date(2026, 6, 1),
                    after=None,
                    limit=9,
                )
            ]

    migrations.migrate(empty_url)
    with Store.open(empty_url, threads=1) as store:
        with store.writing() as conn:
            for number, (status, request) in enumerate(there.items()):
                titled = replace(request.citation, title="The Shield Ring")
                named: dict[str, Any] = {
                    "id": RequestId(f"req_0000000{number}"),
                    "number": f"N{number}",
                    "citation": titled,
                }
                insert_request(conn, replace(request, status=status, **named), "key")
        before = places(store)
        with store.writing() as conn:
            command.downgrade(migrations._config(conn), "0024")
        migrations.migrate(empty_url)

        assert ["N0", "N1", "N2", "N3"] == [number for number, _ in before]
        assert [(number, place.at.replace(microsecond=0)) for number, place in before] == [
            (number, place.at.replace(microsecond=0)) for number, place in places(store)
        ]
