"""Who belongs to the consortium, and what their systems prove themselves with."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ill_broker import mint
from ill_broker.services.members.membership import INBOUND, OUTBOUND, ROTATION, Membership
from ill_broker.services.passwords import Passwords
from ill_broker.services.refusals import BadSecret, LoginTaken, Unknown, UnknownMember
from ill_broker.storage import libraries, people, sessions
from ill_broker.storage.store import Store
from tests.factories import DAY, PKU, START, a_library, the_book
from tests.support.stored import connectors_of
from workflows.actors import Role
from workflows.errors import InvalidCase
from workflows.ids import LibraryCode

SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"


@pytest.fixture
def membership(store: Store) -> Membership:
    membership = Membership(store, Passwords(cheap=True), the_book())
    membership.admit(a_library(PKU), {"webhook": {"base_url": "http://pku.example"}}, now=START)
    return membership


def secrets(store: Store, after: timedelta = timedelta(), kind: str = INBOUND) -> tuple[str, ...]:
    with store.reading() as conn:
        return libraries.secrets_of(conn, PKU, kind, now=START + after)


def test_a_library_without_a_policy_is_not_admitted(membership: Membership) -> None:
    with pytest.raises(InvalidCase) as caught:
        membership.admit(a_library(LibraryCode("elsewhere")), {}, now=START)

    assert "unknown_policy" == caught.value.code


def test_a_library_that_is_there_is_changed(membership: Membership, store: Store) -> None:
    membership.admit(a_library(PKU, lends=False), {}, now=START)
    with store.reading() as conn:
        (library,) = libraries.all_of(conn)

        assert (False, {}) == (library.lends, connectors_of(conn, PKU))


def test_staff_belong_to_a_library_or_to_the_office(membership: Membership, store: Store) -> None:
    membership.add_staff(PKU, "desk@pku", "Desk", "a long password", now=START)
    membership.add_staff(None, "office", "Office", "a long password", now=START)
    with store.reading() as conn:
        told = [people.staff_by_login(conn, login) for login in ("desk@pku", "office")]

    assert [(PKU, Role.STAFF), (None, Role.OFFICE)] == [(one.library, one.role) for one in told if one]
    assert all(one and "a long password" not in str(one.password_hash) for one in told)


def test_a_login_is_one_persons(membership: Membership) -> None:
    membership.add_staff(PKU, "desk", "Desk", "a long password", now=START)
    with pytest.raises(LoginTaken):
        membership.add_staff(PKU, "desk", "Other", "a long password", now=START)


@pytest.mark.parametrize("library", [PKU, None])
def test_a_key_is_told_once_and_only_its_hash_is_kept(
    membership: Membership, store: Store, library: LibraryCode | None
) -> None:
    key, _ = membership.issue_key(library, "catalogue", now=START)
    with store.reading() as conn:
        found = sessions.find_key(conn, mint.token_hash(key))

    assert found is not None
    assert (library, Role.PARTNER if library else Role.OFFICE) == (found.library, found.role)
    assert key not in repr(found)


def test_who_is_no_member_gets_nothing(membership: Membership) -> None:
    other = LibraryCode("szutl")
    with pytest.raises(UnknownMember):
        membership.add_staff(other, "x", "X", "a long password", now=START)
    with pytest.raises(UnknownMember):
        membership.issue_key(other, "x", now=START)
    with pytest.raises(Unknown):
        membership.rotate_secret(other, INBOUND, None, now=START)


def test_the_old_secret_is_good_for_a_week_beside_the_new_one(membership: Membership, store: Store) -> None:
    first = membership.rotate_secret(PKU, INBOUND, SECRET, now=START).secret
    second = membership.rotate_secret(PKU, INBOUND, None, now=START + DAY).secret

    assert SECRET == first != second
    assert (second, first) == secrets(store, DAY)
    assert (second,) == secrets(store, DAY + ROTATION)
    assert () == secrets(store, DAY, OUTBOUND)


@pytest.mark.parametrize(
    "secret", ["password", "whsec_", "whsec_AAEC", "whsec_!!!!", SECRET[6:], "whsec_" + "A" * 400]
)
def test_a_secret_that_nothing_can_be_signed_with_is_refused(
    membership: Membership, store: Store, secret: str
) -> None:
    with pytest.raises(BadSecret):
        membership.rotate_secret(PKU, INBOUND, secret, now=START)

    assert () == secrets(store)
