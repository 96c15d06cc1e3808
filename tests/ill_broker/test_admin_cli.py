"""The operator's commands."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from ill_broker import clock
from ill_broker.cli import main
from ill_broker.services.members.directory import Directory
from ill_broker.services.passwords import Passwords
from ill_broker.storage import inbox, libraries, outbox, people
from ill_broker.storage.inbox import Message
from ill_broker.storage.outbox import Entry, EntryState
from ill_broker.storage.policy_files import builtin_book
from ill_broker.storage.records import from_dict
from ill_broker.storage.store import Store
from ill_broker.texts.catalogue import say
from ill_broker.texts.flaws import Flaw
from tests.factories import DAY, PKU, START
from tests.support.stored import connectors_of
from workflows.ids import MessageId
from workflows.libraries import Library
from workflows.policies.library_check import check_libraries

MEMBERS = """
- {code: pku, name: Peking University Library, name_zh: 北京大学图书馆, watches: {answer_days: 5},
   connectors: {webhook: {base_url: http://93.184.216.34}}}
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

        assert {"webhook": {"base_url": "http://93.184.216.34"}} == connectors_of(conn, PKU)
    assert pku is not None
    assert ("北京大学图书馆", 5, 3) == (pku.name_zh, pku.watches.answer_days, type(pku.watches)().answer_days)


FAULTY = """
- {code: Atlantis 1, name: ' ', name_zh: [A], lends: 'yes', by_sms: 1, return_desks: [nobody, ''],
   watches: {answer_days: 0, receipt_days: true, days: 1}}
"""


def worded(fault: str, language: str = "en") -> str:
    """Return a fault, named up to its code, with its sentence."""
    return f"{fault}: {say(Flaw(fault.rpartition(': ')[2]).message, language)}"


GOOD = "- {code: pku, name: A, name_zh: 甲}\n"


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("- {code: atlantis, name: A, name_zh: A}",
         ["[1].policy: missing_policy"]),
        ("- {code: atlantis, name: A, name_zh: A, policy: nobody}", ["[1].policy: bad_reference"]),
        ("- {code: szutl, name_zh: A}", ["[1].name: missing_field"]),
        ("- {code: szutl, name: A, name_zh: A, desks: 3}", ["[1].desks: unknown_field"]),
        ("- {code: pku, name: A, name_zh: A}", ["[0].code: duplicate_code", "[1].code: duplicate_code"]),
        (FAULTY,
         ["[1].by_sms: bad_type", "[1].code: bad_code", "[1].lends: bad_type", "[1].name: bad_text",
          "[1].name_zh: bad_type", "[1].return_desks[0]: bad_reference", "[1].return_desks[1]: bad_reference",
          "[1].watches.answer_days: bad_number", "[1].watches.days: unknown_field",
          "[1].watches.receipt_days: bad_number"]),
        ("- {code: szutl, name: A, name_zh: A, connectors: {webhook: {}, fax: {}, sru: {url: 1}}}",
         ["[1].connectors.fax: unknown_field", "[1].connectors.sru.url: bad_type",
          "[1].connectors.webhook.base_url: missing_field"]),
        ("- {code: szutl, name: A, name_zh: A, connectors: by hand}", ["[1].connectors: bad_type"]),
        ("- {code: szutl, name: A, name_zh: A, home_desk_waives: 5 yuan}",
         ["[1].home_desk_waives: bad_money"]),
        ("- szutl", ["[1]: bad_type"]),
        ("-", ["[1]: bad_type"]),
    ],
)  # fmt: skip
def test_every_fault_of_a_list_is_named_and_nothing_of_it_loaded(
    store: Store, tmp_path: Path, text: str, faults: list[str]
) -> None:
    file = tmp_path / "members.yaml"
    file.write_text(GOOD + text, encoding="utf-8")
    result = run("members", "load", str(file))
    told = [line for line in result.output.splitlines() if line.startswith(str(file))]
    with store.reading() as conn:
        loaded = libraries.all_of(conn)

    assert (1, [worded(f"{file}: {fault}") for fault in faults], []) == (result.exit_code, told, loaded)
    assert f"Error: {len(faults)} faults; nothing was loaded" in result.output


def test_faults_of_a_list_are_told_in_the_language_of_the_office(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "members.yaml"
    file.write_text("- {code: atlantis, name: A, name_zh: A}", encoding="utf-8")
    told = run("members", "load", str(file), "--language", "zh").output.splitlines()

    assert worded(f"{file}: [0].policy: missing_policy", "zh") == told[0]


@pytest.mark.parametrize(
    "text", ["", "code: pku", "[]", "[", "- &a {code: pku}\n- *a", "- {code: 1, code: 2}"]
)
def test_what_is_no_list_of_libraries_is_refused(store: Store, tmp_path: Path, text: str) -> None:
    file = tmp_path / "members.yaml"
    file.write_text(text, encoding="utf-8")
    result = run("members", "load", str(file))

    assert 1 == result.exit_code
    assert str(file) in result.output


_WORDS = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["pku", "balis"])
_VALUES = (
    _WORDS
    | st.lists(_WORDS, max_size=3)
    | st.dictionaries(st.text(max_size=8) | st.just("webhook"), _WORDS, max_size=3)
)
_ENTRY = {"code": "pku", "name": "A", "name_zh": "甲", "policy": "balis", "watches": {"answer_days": 3},
          "connectors": {}, "lends": True,
          "by_sms": False, "desk": "D", "desk_zh": "丁", "return_desks": ["pku"]}  # fmt: skip


@given(st.sampled_from(sorted(_ENTRY)), _VALUES)
def test_a_list_that_passed_the_check_can_be_read(field: str, value: object) -> None:
    entry = {name: told for name, told in (_ENTRY | {field: value}).items() if told is not None}
    profile = {name: told for name, told in entry.items() if name != "connectors"}
    faults = check_libraries([entry], members={"pku"}, policies={"pku", "balis"})

    assert faults or from_dict(Library, profile).code == entry["code"]


def test_connectors_that_are_not_given_stay_as_they_are(loaded: Store, tmp_path: Path) -> None:
    (tmp_path / "again.yaml").write_text(GOOD, encoding="utf-8")
    run("members", "load", str(tmp_path / "again.yaml"))
    with loaded.reading() as conn:
        pku = libraries.load(conn, PKU)

        assert {"webhook": {"base_url": "http://93.184.216.34"}} == connectors_of(conn, PKU)
    assert pku is not None
    assert "甲" == pku.name_zh


def test_a_member_lends_by_another_file_without_one_of_its_own(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "members.yaml"
    file.write_text("- {code: cufe, name: CUFE, name_zh: 中央财经大学, policy: balis}", encoding="utf-8")
    result = run("members", "load", str(file))
    book = Directory(store, builtin_book()).in_force(START)

    assert (0, "cufe\n") == (result.exit_code, result.output)
    assert ("cufe", "library", "balis-28-days") == (
        book.policy("cufe").id,
        book.policy("cufe").kind,
        book.policy("cufe").loan_rules[0].id,
    )


def test_staff_get_a_log_in(loaded: Store) -> None:
    words = ("--password", "a long password")
    desk = run("members", "staff", "desk", "--library", "pku", "--name", "Desk", *words)
    office = run("members", "staff", "office", "--name", "Office", *words)
    with loaded.reading() as conn:
        found = [people.staff_by_login(conn, login) for login in ("desk", "office")]

    assert (0, 0) == (desk.exit_code, office.exit_code)
    assert ["pku", None] == [member.library for member in found if member]
    assert (1, "Error: LoginTaken: This log-in is somebody else's\n") == (
        (again := run("members", "staff", "desk", "--name", "x", *words)).exit_code,
        again.output,
    )


def test_the_offices_first_password_is_held_to_the_same_rules(loaded: Store) -> None:
    weak = [
        run("members", "staff", "office", "--name", "Zhao", "--password", password)
        for password in ("short", "1234567890", "zhao-office")
    ]

    assert [1, 1, 1] == [each.exit_code for each in weak]
    assert all("WeakPassword" in each.output for each in weak)


def test_a_secret_that_was_given_away_is_revoked_at_once(loaded: Store) -> None:
    kept = []
    for flags in ((), (), ("--at-once",)):
        run("members", "secret", "pku", "--theirs", *flags)
        with loaded.reading() as conn:
            kept.append(len(libraries.secrets_of(conn, PKU, "inbound", now=clock.now())))

    assert [1, 2, 1] == kept


def test_staff_are_listed_kept_out_and_given_a_new_password(loaded: Store) -> None:
    run("members", "staff", "desk", "--library", "pku", "--name", "馆员", "--password", "a long password")

    def staff_are(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["staff", *arguments])

    (line,) = staff_are("list", "--library", "pku").output.splitlines()
    out = staff_are("disable", "Desk").exit_code
    with loaded.reading() as conn:
        disabled = people.staff_by_login(conn, "desk")
    back = staff_are("enable", "desk").exit_code
    set_anew = staff_are("password", "desk", "--password", "another quiet lantern").exit_code
    with loaded.reading() as conn:
        enabled = people.staff_by_login(conn, "desk")

    assert {"login": "desk", "name": "馆员", "role": "staff", "library": "pku"}.items() <= json.loads(
        line
    ).items()
    assert (0, 0, 0) == (out, back, set_anew)
    assert disabled is not None
    assert enabled is not None
    assert disabled.disabled_at is not None
    assert enabled.disabled_at is None
    assert disabled.password_hash != enabled.password_hash
    assert (1, "Error: Unknown: There is no such thing here\n") == (
        (nobody := staff_are("disable", "nobody")).exit_code,
        nobody.output,
    )


def test_keys_are_listed_and_revoked(loaded: Store) -> None:
    run("members", "key", "--library", "pku", "--label", "loans")

    def keys_are(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["keys", *arguments])

    (line,) = keys_are("list").output.splitlines()
    revoked = keys_are("revoke", json.loads(line)["id"])

    assert ("loans", "pku", "partner") == tuple(
        json.loads(line)[name] for name in ("label", "library", "role")
    )
    assert (0, "") == (revoked.exit_code, keys_are("list", "--library", "pku").output)


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
    assert EntryState.WAITING is found.state


def test_what_a_partner_said_and_could_not_be_applied_is_listed_and_tried_again(store: Store) -> None:
    refused = Message(
        library=PKU,
        message_id=MessageId("m1"),
        body='{"note": "书"}',
        received_at=START,
        state=inbox.MessageState.REFUSED,
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
