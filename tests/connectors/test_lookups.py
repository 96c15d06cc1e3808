"""Names are looked up within a limit, whatever the machine's resolver does."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from connectors import lookups
from connectors.addresses import HOST_NOT_LOOKED_UP, Reach
from connectors.failures import Unreachable
from connectors.lookups import look_up

#: more than are looked up at once
CROWD = 40


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the machine's resolver hang, as it does below a name server that is gone."""
    monkeypatch.setattr(lookups, "SECONDS", 0.5)
    over = Event()

    def hangs(*_: Any, **__: Any) -> Any:
        over.wait(60)
        raise socket.gaierror(socket.EAI_AGAIN, "temporary failure")

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    yield
    over.set()
    while lookups._free._value < lookups._AT_ONCE:
        time.sleep(0.01)


def test_a_name_of_this_machine_has_its_addresses() -> None:
    assert {"127.0.0.1"} & set(look_up("localhost", 80))


def test_a_name_that_nobody_has_is_told_at_once() -> None:
    with pytest.raises(OSError, match=r"\d"):
        look_up("nowhere.invalid", 80)


@pytest.mark.usefixtures("hanging")
def test_nobody_waits_longer_than_the_limit_however_many_ask() -> None:
    def fault(number: int) -> str | None:
        return Reach().fault(f"m{number}.example")

    began = time.monotonic()
    with ThreadPoolExecutor(CROWD) as clerks:
        faults = list(clerks.map(fault, range(CROWD)))

    assert {HOST_NOT_LOOKED_UP} == set(faults)
    assert time.monotonic() - began < 20


@pytest.mark.usefixtures("hanging")
def test_searches_that_wait_for_a_name_take_no_threads_of_others() -> None:
    async def both() -> list[Any]:
        waiting = [
            asyncio.ensure_future(Reach().addresses_beside("pku", f"m{number}.example", 80))
            for number in range(CROWD)
        ]
        await asyncio.sleep(0.05)
        saved = await asyncio.to_thread(lambda: [each.done() for each in waiting])
        return [saved, *await asyncio.gather(*waiting, return_exceptions=True)]

    saved, *ends = asyncio.run(both())

    # with fewer threads of the event loop than waiters, somebody else's work would come last
    assert CROWD > (os.cpu_count() or 1) + 4
    assert sum(saved) < CROWD / 2
    assert {Unreachable} == {type(each) for each in ends}
