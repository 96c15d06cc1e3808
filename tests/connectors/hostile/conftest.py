"""One process of hostile servers for all tests of a worker, and what nobody may leave behind."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import Child

#: connections that were tried while tests of this folder ran
_tried: list[Any] = []
_DESCRIPTORS = Path("/proc/self/fd")


def _watch(event: str, about: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        _tried.append(about[1])


@pytest.fixture(scope="session")
def watched() -> None:
    # A hook of this kind cannot be taken away again: it is set once, and does next to nothing.
    sys.addaudithook(_watch)


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, Any]]:
    """The ports of the hostile servers."""
    with Child("-m", "tests.connectors.hostile.server") as child:
        yield child.wait_until_ready()


@pytest.fixture
def nothing_left(watched: None, servers: dict[str, Any]) -> Iterator[None]:
    """Look whether a test left a thread or a descriptor, or called anyone but the servers."""
    before = _held()
    _tried.clear()
    yield
    until = time.monotonic() + 60
    while _held() > before and time.monotonic() < until:
        time.sleep(0.01)

    assert _held() <= before
    assert {"127.0.0.1"} == {address[0] for address in _tried}
    assert {port for _, port in _tried} <= _ports(servers)


def _held() -> tuple[int, int]:
    descriptors = len([*_DESCRIPTORS.iterdir()]) if _DESCRIPTORS.exists() else 0
    return threading.active_count(), descriptors


def _ports(servers: dict[str, Any]) -> set[int]:
    return {
        port for told in servers.values() for port in (told.values() if isinstance(told, dict) else [told])
    }
