from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from ill_broker.storage import people
from ill_broker.storage.failures import Stale, Taken
from ill_broker.storage.people import Enrolment, Identity, Staff
from ill_broker.storage.store import Store
from tests.ill_broker.storage.samples import ANNA, BJTU, MINUTE, NLC, NOW, enrolment
from workflows.actors import Role
from workflows.ids import PatronId, StaffId

BERT = PatronId("pat_bert")


def enrol(store: Store, *several: Enrolment) -> None:
    with store.writing() as conn:
        for each in several:
            people.enrol(conn, each)


def test_a_patron_is_found_by_id_address_and_card(store: Store) -> None:
    anna = enrolment("anna", category="student", password_hash="h", verified_at=NOW)
    enrol(store, anna, enrolment("bert"))
    with store.reading() as conn:
        assert anna == people.enrolment(conn, ANNA)
        assert anna.patron == people.patron(conn, ANNA)
        assert anna == people.by_email(conn, "ANNA@example.ORG")
        assert anna == people.by_card(conn, BJTU, "card-anna")
        assert {ANNA: anna.patron} == people.patrons_of(conn, [ANNA, PatronId("pat_carl")])


def test_who_is_not_there_is_none(store: Store) -> None:
    with store.reading() as conn:
        assert people.patron(conn, ANNA) is None
        assert people.by_email(conn, "anna@example.org") is None
        assert people.by_card(conn, BJTU, "card-anna") is None
        assert people.staff_member(conn, StaffId("stf_1")) is None
        assert people.staff_by_login(conn, "desk") is None
        assert people.identified(conn, "https://id", "1") is None


@pytest.mark.parametrize(
    ("facts", "what"),
    [({"email": "anna@EXAMPLE.org"}, "email"), ({"card_number": "card-anna"}, "card_number")],
)
def test_no_two_patrons_share_an_address_or_a_card(store: Store, facts: dict[str, str], what: str) -> None:
    enrol(store, enrolment("anna"))
    with pytest.raises(Taken) as taken:
        enrol(store, enrolment("bert", **facts))

    assert taken.value.what == what


def test_the_same_card_number_at_another_library_is_another_card(store: Store) -> None:
    enrol(store, enrolment("anna"), enrolment("bert", card_number="card-anna", home=NLC))
    with store.reading() as conn:
        found = people.by_card(conn, NLC, "card-anna")

    assert found
    assert found.patron.id == BERT


def test_of_many_who_register_one_address_one_succeeds(store: Store) -> None:
    def register(number: int) -> bool:
        try:
            enrol(store, enrolment(f"n{number}", email="same@example.org"))
        except Taken:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(register, range(8))) == 1


def test_a_changed_patron_has_the_next_version(store: Store) -> None:
    anna = enrolment("anna")
    enrol(store, anna)
    moved = replace(anna, patron=replace(anna.patron, language="en", email="Anna@new.org"))
    with store.writing() as conn:
        saved = people.save(conn, moved)
    with store.reading() as conn:
        assert saved == people.by_email(conn, "anna@NEW.org")

    assert replace(moved, version=2) == saved


def test_a_patron_changed_by_somebody_else_is_not_overwritten(store: Store) -> None:
    anna = enrolment("anna")
    enrol(store, anna)
    with store.writing() as conn:
        people.save(conn, anna)
    with pytest.raises(Stale), store.writing() as conn:
        people.save(conn, anna)


def test_nobody_takes_over_the_address_of_another(store: Store) -> None:
    anna, bert = enrolment("anna"), enrolment("bert")
    enrol(store, anna, bert)
    with pytest.raises(Taken), store.writing() as conn:
        people.save(conn, replace(bert, patron=replace(bert.patron, email=anna.patron.email)))


def test_an_address_that_is_not_proven_is_in_nobodys_way(store: Store) -> None:
    anna, same = enrolment("anna"), {"email": "ANNA@example.org", "verified_at": None}
    enrol(store, enrolment("bert", **same), enrolment("carl", **same), anna)
    with store.reading() as conn:
        assert anna == people.by_email(conn, "anna@example.org")
        waiting = people.by_unproven_email(conn, "anna@example.org")
    with pytest.raises(Taken), store.writing() as conn:
        people.verify(conn, BERT, now=NOW)

    assert ["pat_bert", "pat_carl"] == [known.patron.id for known in waiting]


def test_the_first_verification_counts(store: Store) -> None:
    enrol(store, enrolment("anna", verified_at=None))
    with store.writing() as conn:
        people.verify(conn, ANNA, now=NOW)
        people.verify(conn, ANNA, now=NOW + MINUTE)
        found = people.enrolment(conn, ANNA)

    assert found
    assert (NOW, 2) == (found.patron.verified_at, found.version)


def test_a_password_can_be_set_for_patrons_and_staff(store: Store) -> None:
    enrol(store, enrolment("anna"), enrolment("bert"))
    desk = Staff(id=StaffId("stf_1"), library=BJTU, login="desk", name="Desk")
    with store.writing() as conn:
        people.add_staff(conn, desk)
        people.set_password(conn, ANNA, "new")
        people.set_password(conn, desk.id, "newer")
        hashes = [
            found and found.password_hash
            for found in (people.enrolment(conn, ANNA), people.enrolment(conn, BERT))
        ]
        assert replace(desk, password_hash="newer") == people.staff_member(conn, desk.id)

    assert ["new", None] == hashes


def test_an_erased_patron_leaves_nothing_that_tells_who_it_was(store: Store) -> None:
    enrol(store, enrolment("anna", category="student", password_hash="h"))
    with store.writing() as conn:
        people.link(conn, Identity(issuer="https://id", subject="1", role=Role.PATRON, person=ANNA))
        people.erase(conn, ANNA, now=NOW)
        people.erase(conn, ANNA, now=NOW + MINUTE)
        gone = people.enrolment(conn, ANNA)
        assert people.identified(conn, "https://id", "1") is None

    assert gone
    assert (NOW, None, None) == (gone.erased_at, gone.password_hash, gone.category)
    assert "anna" not in repr(gone).replace(ANNA, "").lower()


def test_the_address_and_card_of_an_erased_patron_are_free_again(store: Store) -> None:
    anna = enrolment("anna")
    enrol(store, anna)
    with store.writing() as conn:
        people.erase(conn, ANNA, now=NOW)
    enrol(store, enrolment("anna2", email=anna.patron.email, card_number=anna.patron.card_number))


def test_staff_are_found_by_login_and_library(store: Store) -> None:
    desk = Staff(id=StaffId("stf_1"), library=BJTU, login="desk", name="Desk", password_hash="h")
    office = Staff(id=StaffId("stf_2"), role=Role.OFFICE, login="office", name="Office")
    with store.writing() as conn:
        people.add_staff(conn, desk)
        people.add_staff(conn, office)
    with store.reading() as conn:
        assert desk == people.staff_by_login(conn, "desk")
        assert [desk, office] == people.all_staff(conn)
    with pytest.raises(Taken), store.writing() as conn:
        people.add_staff(conn, replace(office, id=StaffId("stf_3")))


def test_a_subject_of_a_provider_is_one_person(store: Store) -> None:
    identity = Identity(issuer="https://id", subject="1", role=Role.STAFF, person="stf_1")
    with store.writing() as conn:
        people.link(conn, identity)
        people.link(conn, replace(identity, issuer="https://other"))
        assert identity == people.identified(conn, "https://id", "1")
    with pytest.raises(Taken), store.writing() as conn:
        people.link(conn, replace(identity, person="stf_2"))
