"""What a hostile member does to a search is its own affair: the others' answers are there in time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from connectors.sru.client import SruFinder
from connectors.transport import AsyncTarget
from ill_broker.services.discovery.fan_out import FanOut, Member, MemberState
from tests.connectors.hostile.calls import QUERY

#: a good member's answer takes some ten milliseconds; those who hang are waited for so long
SECONDS = 5.0


@pytest.fixture
def fan_out() -> Iterator[FanOut]:
    fan_out = FanOut(failures=99)
    yield fan_out
    fan_out.close()


def searched(fan_out: FanOut, finders: dict[str, SruFinder]) -> dict[str, Member]:
    told: dict[str, Member] = {}

    def hear(member: Member, _hits: object) -> None:
        told[member.library] = member

    fan_out.run(fan_out.ask(finders, QUERY, seconds=SECONDS, told=hear)).result(120)
    for finder in finders.values():
        fan_out.run(finder.target.close()).result(120)
    return told


@pytest.mark.ci
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("hangs before the head", "endless body"),
        ("drips its body", "endless small chunks"),
        ("floods with what comes first", "heavy records"),
        ("heavy as many elements as are read", "says billion laughs"),
        ("redirect to the metadata", "hangs up at once"),
    ],
)
def test_two_hostile_members_keep_no_answer_from_a_good_one(
    fan_out: FanOut, servers: dict[str, Any], first: str, second: str
) -> None:
    named = {"a": first, "b": second, "good": "good"}
    finders = {
        code: SruFinder(AsyncTarget(code), f"http://127.0.0.1:{servers['http']}/{quote(name)}")
        for code, name in named.items()
    }
    told = searched(fan_out, finders)
    good = told.pop("good")

    assert (MemberState.ANSWERED, 1) == (good.state, good.hits)
    assert MemberState.WAITING not in {member.state for member in told.values()}
