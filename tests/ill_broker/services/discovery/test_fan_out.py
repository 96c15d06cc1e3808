"""Many members are asked at once, and none waits for another."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from connectors.failures import Garbled, PartnerFailure, Refused, Unreachable
from connectors.ports import MOST_RECORDS, Finder, FoundRecords
from ill_broker.services.discovery.fan_out import FanOut, Member, MemberState
from tests.ill_broker.services.finders import Busy, Failing, Fast, Hanging, Late, Lengthy, Stubborn, hit
from workflows.citation import Hit, Query

QUERY = Query(text="book")


@pytest.fixture
def fan_out() -> Iterator[FanOut]:
    fan_out = FanOut(failures=2, rest_seconds=60)
    yield fan_out
    fan_out.close()


def ask(fan_out: FanOut, seconds: float = 5.0, **finders: Finder) -> dict[str, Member]:
    told, _ = heard(fan_out, seconds, **finders)
    return told


def heard(fan_out: FanOut, seconds: float = 5.0, **finders: Finder) -> tuple[dict[str, Member], list[Hit]]:
    members: list[Member] = []
    hits: list[Hit] = []

    def told(member: Member, found: tuple[Hit, ...]) -> None:
        members.append(member)
        hits.extend(found)

    fan_out.run(fan_out.ask(finders, QUERY, seconds=seconds, told=told)).result(timeout=120)
    assert len(members) == len({member.library for member in members})
    return {member.library: member for member in members}, hits


def test_every_answer_that_comes_in_time_is_kept(fan_out: FanOut) -> None:
    finders: dict[str, Any] = {f"m{n}": Late((hit(f"m{n}"),), 0.001 * n) for n in range(20)}
    told, hits = heard(fan_out, **finders)

    assert {MemberState.ANSWERED} == {member.state for member in told.values()}
    assert {f"m{n}" for n in range(20)} == {found.holdings[0].library for found in hits}


def test_asking_nobody_is_over_at_once(fan_out: FanOut) -> None:
    assert {} == ask(fan_out)


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Unreachable("a", "away"), MemberState.UNREACHABLE),
        (Refused("a", "no"), MemberState.REFUSED),
        (Garbled("a", "?"), MemberState.GARBLED),
        (PartnerFailure("a", "something else"), MemberState.GARBLED),
        (ZeroDivisionError("a bug in the finder"), MemberState.GARBLED),
    ],
)
def test_a_member_that_fails_is_shown_as_such_beside_those_that_answer(
    fan_out: FanOut, error: Exception, state: MemberState
) -> None:
    told = ask(fan_out, a=Failing(error), b=Fast())

    assert (state, MemberState.ANSWERED) == (told["a"].state, told["b"].state)


def test_a_member_that_hangs_is_slow_and_delays_nobody_beyond_the_deadline(fan_out: FanOut) -> None:
    told = ask(fan_out, 0.2, a=Hanging(), b=Fast())  # who hangs would do so for ever

    assert (MemberState.SLOW, MemberState.ANSWERED) == (told["a"].state, told["b"].state)


def test_a_member_that_is_given_up_is_let_go(fan_out: FanOut) -> None:
    hanging = Hanging()
    ask(fan_out, 0.05, a=hanging)
    ask(fan_out, a=Fast())

    assert 1 == hanging.released


def test_an_answer_after_the_deadline_changes_nothing(fan_out: FanOut) -> None:
    told, hits = heard(fan_out, 0.05, a=Stubborn())
    ask(fan_out, b=Late((), 0.02))

    assert (MemberState.SLOW, []) == (told["a"].state, hits)


def test_a_search_is_over_when_the_last_member_has_answered(fan_out: FanOut) -> None:
    told = ask(fan_out, 10_000.0, a=Late((), 0.05), b=Fast())  # nobody waits for that long

    assert (MemberState.ANSWERED, MemberState.ANSWERED) == (told["a"].state, told["b"].state)


def test_a_member_tells_how_many_records_it_sent_and_has_and_how_long_it_took(fan_out: FanOut) -> None:
    told = ask(fan_out, a=Fast((hit("a"),), total=70))["a"]

    assert (1, 70) == (told.hits, told.total)
    assert told.milliseconds is not None


def test_a_member_that_floods_is_cut_short(fan_out: FanOut) -> None:
    told, hits = heard(fan_out, a=Fast(tuple(hit("a", n) for n in range(MOST_RECORDS + 1)), total=1))

    assert (MOST_RECORDS, MOST_RECORDS) == (len(hits), told["a"].total)


def test_who_takes_longest_is_asked_before_the_others_are(fan_out: FanOut) -> None:
    asked: list[str] = []
    finders: dict[str, Any] = {f"m{n}": _Asked(f"m{n}", asked, 0.05 if n == 5 else 0.0) for n in range(20)}
    for _ in range(2):
        asked.clear()
        ask(fan_out, **finders)

    begun = [what for what in asked if what.endswith("begins")]
    assert "m5 begins" == asked[0]
    assert asked.index("m5 is asked") < asked.index(begun[-1])


def test_a_dead_member_is_skipped_for_a_while(fan_out: FanOut) -> None:
    dead = Failing(Unreachable("a", "away"))
    states = [ask(fan_out, a=dead)["a"].state for _ in range(4)]

    assert [MemberState.UNREACHABLE] * 2 + [MemberState.SKIPPED] * 2 == states
    assert 2 == dead.asked


def test_a_member_that_hangs_again_and_again_is_skipped_too(fan_out: FanOut) -> None:
    states = [ask(fan_out, 0.05, a=Hanging())["a"].state for _ in range(3)]

    assert [MemberState.SLOW, MemberState.SLOW, MemberState.SKIPPED] == states


def test_a_member_is_not_blamed_while_we_have_no_time_to_listen(fan_out: FanOut) -> None:
    """The event loop is held for longer than the search lasts, as a crowd of readers does."""
    busy: dict[str, Any] = {"a": Late((), 1.5), "busy": Busy(0.8)}
    states = [ask(fan_out, 0.05, **busy)["a"].state for _ in range(3)]

    assert MemberState.SKIPPED not in states
    assert MemberState.ANSWERED == ask(fan_out, 5.0, a=Late((), 0.1))["a"].state


def test_a_member_is_not_blamed_for_an_answer_that_nobody_has_read(
    fan_out: FanOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ill_broker.services.discovery.fan_out.READING_SECONDS", 0.1)
    lengthy: dict[str, Any] = {f"m{number}": Lengthy(0.01) for number in range(100)}
    told = [ask(fan_out, 0.05, **lengthy) for _ in range(4)]

    assert MemberState.SLOW in {member.state for each in told for member in each.values()}
    assert MemberState.SKIPPED not in {member.state for each in told for member in each.values()}


def test_one_dead_member_does_not_make_another_skipped(fan_out: FanOut) -> None:
    dead = Failing(Unreachable("a", "away"))
    told = [ask(fan_out, a=dead, b=Fast()) for _ in range(3)][-1]

    assert (MemberState.SKIPPED, MemberState.ANSWERED) == (told["a"].state, told["b"].state)


@pytest.mark.parametrize("error", [Refused("a", "no"), Garbled("a", "?")])
def test_a_member_that_answers_nonsense_is_asked_again(fan_out: FanOut, error: Exception) -> None:
    failing = Failing(error)
    for _ in range(4):
        ask(fan_out, a=failing)

    assert 4 == failing.asked


def test_a_member_that_has_rested_is_asked_again_and_stays_when_it_answers() -> None:
    fan_out = FanOut(failures=1, rest_seconds=0)
    failing = Failing(Unreachable("a", "away"))
    states = [ask(fan_out, a=failing)["a"].state]
    failing.error = None
    states += [ask(fan_out, a=failing)["a"].state for _ in range(2)]
    fan_out.close()

    assert [MemberState.UNREACHABLE, MemberState.ANSWERED, MemberState.ANSWERED] == states


def test_closing_twice_or_unused_does_no_harm() -> None:
    fan_out = FanOut()
    fan_out.close()
    ask(fan_out, a=Fast())
    fan_out.close()
    fan_out.close()

    assert {"a"} == set(ask(fan_out, a=Fast()))
    fan_out.close()


def test_closing_gives_up_what_is_running() -> None:
    fan_out, hanging = FanOut(), Hanging()
    running = fan_out.run(fan_out.ask({"a": hanging}, QUERY, seconds=60, told=lambda *_: None))
    while not hanging.asked:
        time.sleep(0.001)
    fan_out.close()

    assert running.cancelled()
    assert 1 == hanging.released


def test_what_came_in_time_is_read_though_reading_takes_longer(fan_out: FanOut) -> None:
    lengthy: dict[str, Any] = {f"m{number}": Lengthy(0.02) for number in range(30)}
    told = ask(fan_out, 0.1, hangs=Hanging(), **lengthy)

    assert {"hangs": MemberState.SLOW, **dict.fromkeys(lengthy, MemberState.ANSWERED)} == {
        code: member.state for code, member in told.items()
    }


def test_while_one_answer_is_read_others_can_come(fan_out: FanOut) -> None:
    lengthy: dict[str, Any] = {f"m{number}": Lengthy(0.1) for number in range(10)}
    told = ask(fan_out, 5.0, quick=Late((), 0.15), **lengthy)
    took = {code: member.milliseconds or 0 for code, member in told.items()}

    assert took["quick"] < max(took.values())


@dataclass
class _Asked:
    """Notes when its question is written, and when it is sent."""

    name: str
    asked: list[str]
    seconds: float

    async def find(self, query: Query, **_: float) -> FoundRecords:
        self.asked.append(f"{self.name} begins")
        await asyncio.sleep(0)
        self.asked.append(f"{self.name} is asked")
        await asyncio.sleep(self.seconds)
        return FoundRecords(str(query), (), 0)
