"""Whatever is killed in the middle of whatever: nothing acknowledged is lost and nothing happens twice."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from tests.journeys.afterwards import assert_all_is_well
from tests.journeys.crowd import LENDER, PATIENCE, Crowd, meanwhile
from tests.journeys.world import A_LEASE, World, until
from tests.support.postgres import Cluster, NoServer

pytestmark = pytest.mark.ci

#: seconds from one restart to the next kill: the shortest and the longest
PAUSES = {"sqlite": (0.3, 1.0), "postgres": (0.5, 1.5)}
#: on PostgreSQL, which has two workers; SQLite has one writer and walks fewer. 200 in CI
JOURNEYS = int(os.environ.get("ILL_JOURNEYS", "50"))


@pytest.mark.timeout(1_800)
@pytest.mark.parametrize(
    ("engine", "journeys", "workers"),
    [("sqlite", max(6, JOURNEYS // 16), 1), ("postgres", JOURNEYS, 2)],
    ids=["sqlite", "postgres"],
)
def test_nothing_is_lost_or_doubled_when_processes_are_killed(
    request: pytest.FixtureRequest, tmp_path: Path, engine: str, journeys: int, workers: int
) -> None:
    url = f"sqlite:///{tmp_path / 'broker.db'}"
    if engine == "postgres":
        url = request.getfixturevalue("postgres_url")
    with World(tmp_path, url, {LENDER: "accepts"}, share=0.25, workers=workers) as world:
        crowd, over, killed = Crowd(world), Event(), list[str]()
        with meanwhile(lambda: _kill_now_and_then(crowd, killed, over, pauses=PAUSES[engine])):
            try:
                crowd.lend(journeys)
            finally:
                over.set()
        world.jump(A_LEASE)

        assert {"web", *world.workers} == set(killed)
        assert_all_is_well(crowd, journeys)


def _kill_now_and_then(crowd: Crowd, killed: list[str], over: Event, *, pauses: tuple[float, float]) -> None:
    """Kill one process after another; what a dead worker had taken is free when its lease has run out.

    However slow the machine is, the crowd gets on between one kill and the next; and however fast, each
    process has been killed in the end.
    """
    world = crowd.world
    everybody = ["web", *world.workers]
    dice = random.Random(20260302)  # noqa: S311 - the same every time
    turns: list[str] = []
    while not over.wait(dice.uniform(*pauses)) or set(everybody) - set(killed):
        turns = turns or dice.sample(everybody, k=len(everybody))
        killed.append(victim := turns.pop())
        world.kill(victim)
        if victim != "web":
            world.jump(A_LEASE)
        world.start(victim)
        _wait_until_it_gets_on(crowd, over)


def _wait_until_it_gets_on(crowd: Crowd, over: Event) -> None:
    before = crowd.steps
    until(lambda: over.is_set() or crowd.steps > before, bool, seconds=PATIENCE)


@pytest.fixture
def durable() -> Iterator[Cluster]:
    """A server that loses nothing it has committed when its plug is pulled."""
    try:
        cluster = Cluster(durable=True)
    except NoServer as error:
        pytest.skip(str(error))
    with cluster:
        yield cluster


def test_what_was_acknowledged_survives_a_pulled_plug_of_the_database(
    durable: Cluster, tmp_path: Path
) -> None:
    with World(tmp_path, durable.new_database(), {LENDER: "accepts"}, share=0.05) as world:
        crowd = Crowd(world)

        def pull_the_plug_twice() -> None:
            for enough in (12, 40):
                until(lambda: crowd.steps, enough.__le__, seconds=PATIENCE)
                durable.stop(signal.SIGKILL)
                durable.start()
                # what was taken when the database went away is free when its lease has run out
                world.jump(A_LEASE)

        with meanwhile(pull_the_plug_twice):
            crowd.lend(12)
        world.store.engine.dispose()

        assert_all_is_well(crowd, 12)
