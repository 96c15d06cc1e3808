"""What is recorded of a patron's privileges is kept as it was said, each entry in its place."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ill_broker.storage import privileges
from ill_broker.storage.failures import Stale
from ill_broker.storage.privileges import RecordedPrivilege
from ill_broker.storage.store import Store
from tests.factories import BHU, BJTU, START, SZUTL
from workflows.actors import Actor, Role
from workflows.eligibility.privileges import (
    AgentNamed,
    CardNoted,
    CategoryRecorded,
    PermissionGiven,
    PrivilegeEnded,
    PrivilegeEvent,
    SuspensionImposed,
)
from workflows.ids import PatronId, PrivilegeId, RequestId

ANNA, BO = PatronId("pat_anna"), PatronId("pat_bo")
DESK = Actor(Role.STAFF, "stf_1", BJTU)
OFFICE = Actor(Role.OFFICE, "stf_2")


def said(number: int) -> dict[str, Any]:
    return {"id": PrivilegeId(f"x_{number}"), "at": START, "reason": "因为 🙂"}


EVENTS: tuple[PrivilegeEvent, ...] = (
    SuspensionImposed(
        **said(1),
        library=SZUTL,
        case="theft",
        since=date(2026, 3, 2),
        until=date(2026, 4, 2),
    ),
    PermissionGiven(**said(2), library=BHU, work="isbn:1:", title="论文", authority="Dean"),
    CategoryRecorded(**said(3), library=BHU, category="faculty"),
    CardNoted(**said(4), library=BJTU, lends=False),
    AgentNamed(**said(5), library=BJTU, request=RequestId("req_1"), agent="王"),
    PrivilegeEnded(**said(6), library=SZUTL),
)


def recorded(seq: int, actor: Actor = DESK) -> RecordedPrivilege:
    return RecordedPrivilege(seq=seq, actor=actor, name="Wang", event=EVENTS[seq - 1])


def test_all_comes_back_in_order_with_who_said_it(store: Store) -> None:
    made = [recorded(seq, OFFICE if seq % 2 else DESK) for seq in range(1, len(EVENTS) + 1)]
    with store.writing() as conn:
        for entry in made:
            privileges.add(conn, ANNA, entry)
    with store.reading() as conn:
        assert made == privileges.entries(conn, ANNA)
        assert EVENTS == privileges.of_patron(conn, ANNA).events
        assert [] == privileges.entries(conn, BO)


def test_of_two_who_read_the_same_only_one_adds(store: Store) -> None:
    with store.writing() as conn:
        privileges.add(conn, ANNA, recorded(1))
    with pytest.raises(Stale), store.writing() as conn:
        privileges.add(conn, ANNA, recorded(1))


def test_nothing_is_left_of_somebody_who_is_forgotten(store: Store) -> None:
    with store.writing() as conn:
        for patron in (ANNA, BO):
            privileges.add(conn, patron, recorded(1))
        privileges.forget(conn, ANNA)
    with store.reading() as conn:
        assert ([], [recorded(1)]) == (privileges.entries(conn, ANNA), privileges.entries(conn, BO))
