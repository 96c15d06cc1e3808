"""Identifiers that were stored before they were folded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from ill_broker.cli import main
from ill_broker.storage import cards, folding, people
from ill_broker.storage.failures import Taken
from ill_broker.storage.folding import Clash
from ill_broker.storage.people import Staff
from ill_broker.storage.store import Store
from tests.card_factories import a_card
from tests.ill_broker.storage.samples import BJTU, NLC, NOW, enrolment
from workflows.ids import PatronId, StaffId

TWIN = "ＣＡＲＤ-\u200banna "


THREE = ("anna", "card-anna", BJTU), ("bert", "x", BJTU), ("carl", "card-anna", NLC)


def before_folding(store: Store) -> None:
    """Put two patrons whose cards are one into *store*, as it was done before, and one of another library."""
    with store.writing() as conn:
        for name, card, home in (
            ("anna", "card-anna", BJTU),
            ("bert", "x", BJTU),
            ("carl", "card-anna", NLC),
        ):
            people.enrol(conn, enrolment(name, card_number=card, home=home))
        people.add_staff(conn, Staff(id=StaffId("stf_1"), library=BJTU, login="Desk", name="Desk"))
        conn.execute(text("UPDATE patrons SET card_folded = NULL"))
        conn.execute(text("UPDATE staff SET login_folded = NULL"))
        conn.execute(text("UPDATE patrons SET card_number = :twin WHERE id = 'pat_bert'"), {"twin": TWIN})


CLASH = Clash(
    what="card_number", library=BJTU, identifier=TWIN, id=PatronId("pat_bert"), holder=PatronId("pat_anna")
)


def test_old_rows_are_folded_and_clashes_are_left_alone(store: Store) -> None:
    before_folding(store)
    with store.writing() as conn:
        folding.fold_all(conn)
    with store.reading() as conn:
        found = [people.by_card(conn, home, " Card-Anna") for home in (BJTU, NLC)]
        bert = people.patron(conn, PatronId("pat_bert"))

        assert people.staff_by_login(conn, "ｄesk") is not None
        assert [CLASH] == folding.clashes(conn)
    assert ["pat_anna", "pat_carl"] == [one and one.patron.id for one in found]
    assert bert is not None
    assert TWIN == bert.card_number


def test_who_is_left_gets_the_card_when_the_other_has_gone(store: Store) -> None:
    before_folding(store)
    with store.writing() as conn:
        folding.fold_all(conn)
        people.erase(conn, PatronId("pat_anna"), now=NOW)
        folding.fold_all(conn)
        found = people.by_card(conn, BJTU, "card-anna")

        assert [] == folding.clashes(conn)
    assert found is not None
    assert "pat_bert" == found.patron.id
    assert TWIN == found.patron.card_number


def test_who_clashes_can_still_change_their_own_data(store: Store) -> None:
    before_folding(store)
    with store.writing() as conn:
        folding.fold_all(conn)
        bert = people.enrolment(conn, PatronId("pat_bert"))
        assert bert is not None
        people.save(conn, bert)

        assert [CLASH] == folding.clashes(conn)


def test_clashes_are_told_by_the_command_line(
    migrated_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ill.db"
    path.write_bytes(migrated_file.read_bytes())
    monkeypatch.setenv("ILL_DATABASE_URL", f"sqlite:///{path}")
    runner = CliRunner()
    sound = runner.invoke(main, ["check"])
    store = Store.open(f"sqlite:///{path}")
    before_folding(store)
    store.close()
    migrated = runner.invoke(main, ["migrate"])
    clashing = runner.invoke(main, ["check"])

    assert (0, "", 0) == (sound.exit_code, sound.output, migrated.exit_code)
    assert 1 == clashing.exit_code
    assert {
        "what": "card_number",
        "library": "bjtu",
        "identifier": TWIN,
        "id": "pat_bert",
        "holder": "pat_anna",
    } == json.loads(clashing.output)


UNSEEN = st.text("\u200b\u00ad\u202e\u2066\ufe0f \u3000", max_size=2)
#: what is typed before and inside, and whether in wide letters and in capitals
SPELLINGS = st.tuples(UNSEEN, UNSEEN, st.booleans(), st.booleans())


def spelt(plain: str, spelling: tuple[str, str, bool, bool]) -> str:
    before, inside, is_wide, is_upper = spelling
    twin = plain.upper() if is_upper else plain
    if is_wide:
        twin = "".join(chr(ord(letter) + 0xFEE0) for letter in twin)
    return before + twin[:3] + inside + twin[3:]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(spelling=SPELLINGS)
def test_no_spelling_of_a_card_or_a_login_is_a_second_one(
    store: Store, spelling: tuple[str, str, bool, bool]
) -> None:
    card, login, barcode = (spelt(plain, spelling) for plain in ("card-anna", "desk", "lc-0001"))
    with store.writing() as conn:
        if people.by_card(conn, BJTU, "card-anna") is None:
            people.enrol(conn, enrolment("anna"))
            people.add_staff(conn, Staff(id=StaffId("stf_1"), library=BJTU, login="desk", name="Desk"))
            cards.add(conn, a_card(barcode="lc-0001"), now=NOW)
        with pytest.raises(Taken):
            people.enrol(conn, enrolment("bert", card_number=card))
        with pytest.raises(Taken):
            people.add_staff(conn, Staff(id=StaffId("stf_2"), library=BJTU, login=login, name="Desk"))
        found = people.by_card(conn, BJTU, card), people.staff_by_login(conn, login)
        held = cards.by_barcode(conn, barcode)

    assert all(found)
    assert held is not None
    assert "lc-0001" == held.barcode
