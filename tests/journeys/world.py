"""A whole consortium as separate processes: web, workers, sandbox libraries, a mail server, one clock."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Self, TypeVar

from ill_broker import clock, mint
from ill_broker.clock import set_clock
from ill_broker.demo.client import Client
from ill_broker.demo.consortium import PASSWORD, found_consortium
from ill_broker.demo.script import Calendar
from ill_broker.storage.migrations import migrate
from ill_broker.storage.store import Store
from tests.support.processes import Child
from tests.support.smtp import Postbox

#: a Monday of the spring term, 09:30 in Beijing
BEGINS = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
#: how many times faster than usual days pass
SPEED = 1e7
SECONDS = 300.0
#: longer than a worker keeps what it has taken
A_LEASE = timedelta(seconds=61)
_T = TypeVar("_T")


class NeverCame(Exception):
    """What was waited for has not come; the text is what was seen last."""


class World:
    """Everything that runs, as long as the ``with`` block does.

    :param scenarios: what each sandbox library does, by its code
    :param pace: multiplies the delays of the scenarios
    :param share: the part of all titles that the sandbox libraries own
    """

    def __init__(
        self,
        folder: Path,
        database_url: str,
        scenarios: Mapping[str, str],
        *,
        pace: float = 0.0,
        share: float = 0.2,
        workers: int = 1,
    ) -> None:
        self._folder, self._scenarios, self._pace, self._share = folder, scenarios, pace, share
        self.database_url = database_url
        self.postbox = Postbox()
        self.url = f"http://127.0.0.1:{_free_port()}"
        self.sandboxes = {code: Client(f"http://127.0.0.1:{_free_port()}") for code in scenarios}
        self.calendar = Calendar(folder / "clock.json", SPEED)
        self.workers = tuple(f"worker-{number}" for number in range(1, workers + 1))
        self._children: dict[str, Child] = {}
        self._secret_key = mint.token()
        self._stack = ExitStack()
        self._setting = Lock()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self.postbox)
            stack.callback(self._end_all)
            set_clock(self.calendar.script, BEGINS)
            secrets = {code: mint.webhook_secret() for code in self._scenarios}
            for code, secret in secrets.items():
                self._begin_sandbox(code, secret)
            self.store = stack.enter_context(closing(self._filled(secrets)))
            self.start("web", *self.workers)
            for code in secrets:
                self._children[code].wait_until_ready()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def anybody(self) -> Client:
        return Client(self.url)

    def log_in(self, login: str) -> Client:
        return self.anybody.log_in(login, PASSWORD)

    def start(self, *names: str) -> None:
        """Start ``web`` or workers, and return when they are ready."""
        for name in names:
            self._children[name] = Child(*self._arguments(name), environment=self._environment())
        for name in names:
            self._children[name].wait_until_ready()

    def kill(self, name: str) -> None:
        """Kill a process at once, with its own children: no last words."""
        self._children.pop(name).kill()

    def jump(self, span: timedelta) -> None:
        """Put the clock that all read forward."""
        with self._setting:
            set_clock(self.calendar.script, self.calendar.now() + span)

    def _filled(self, secrets: Mapping[str, str]) -> Store:
        migrate(self.database_url)
        store = Store.open(self.database_url, threads=2)
        addresses = {code: client.base_url for code, client in self.sandboxes.items()}
        # secrets are dated by the machine's clock, as signatures are
        found_consortium(store, addresses, secrets, now=clock.now() - timedelta(days=1))
        return store

    def _begin_sandbox(self, code: str, secret: str) -> None:
        config = {
            "library": code,
            "libraries": list(self._scenarios),
            "secret": secret,
            "broker_url": self.url,
            "scenario": self._scenarios[code],
            "pace": self._pace,
            "share": self._share,
            "clock_file": str(self.calendar.script),
        }
        path = self._folder / f"{code}.json"
        path.write_text(json.dumps(config), encoding="utf-8")
        port = _port(self.sandboxes[code].base_url)
        self._children[code] = Child("-m", "connectors.sandbox", "--port", port, "--config", str(path))

    def _arguments(self, name: str) -> list[str]:
        if name == "web":
            return ["-m", "ill_broker", "serve", "--host", "127.0.0.1", "--port", _port(self.url)]
        return ["-m", "ill_broker", "worker"]

    def _environment(self) -> dict[str, str]:
        return {
            "ILL_DATABASE_URL": self.database_url,
            "ILL_BASE_URL": self.url,
            "ILL_SECRET_KEY": self._secret_key,
            "ILL_CLOCK_FILE": str(self.calendar.script),
            "ILL_SMTP_PORT": str(self.postbox.port),
            "ILL_SESSION_HOURS": str(24 * 30),
            "ILL_PASSWORD_COST": "cheap",
            "ILL_SEARCH_SECONDS": "10",
            "ILL_ALLOWED_NETWORKS": "127.0.0.0/8",
        }

    def _end_all(self) -> None:
        for name in list(self._children):
            self.kill(name)


def until(
    look: Callable[[], _T],
    holds: Callable[[_T], object],
    *,
    seconds: float = SECONDS,
    pause: float = 0.05,
) -> _T:
    """Look again and again, and return what is seen once it *holds*.

    :raises NeverCame: if it does not within *seconds*
    """
    ends = time.monotonic() + seconds
    while not holds(seen := look()):
        if time.monotonic() > ends:
            raise NeverCame(str(seen))
        time.sleep(pause)
    return seen


def _port(url: str) -> str:
    return url.rpartition(":")[2]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
