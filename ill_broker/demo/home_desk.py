"""A desk of the demonstration that asks for its readers and handles what comes."""

import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle
from typing import Any

from ill_broker.demo.client import Client, Refused
from ill_broker.demo.consortium import PASSWORD
from ill_broker.demo.journey import NotReached
from ill_broker.demo.newcomers import NEWCOMERS

_SECONDS = 60
_LOOK_SECONDS = 0.05


class HomeDesk:
    """The desk of a library, for the readers whom it has registered."""

    def __init__(self, anybody: Client, code: str, words: str) -> None:
        self._anybody = anybody
        self.code = code
        #: what it searches for
        self._words = words
        self._client = anybody
        self._works: Iterator[dict[str, str]] = iter(())
        self._asked: set[str] = set()
        self._readers: Iterator[str] = iter(())

    def log_in(self) -> None:
        self._client = self._anybody.log_in(f"desk@{self.code}", PASSWORD)

    def search(self) -> None:
        """Search for what is to be asked for within the hour."""
        search = self._client.post("/api/v1/searches", {"text": self._words})
        path = f"/api/v1/searches/{search['id']}"
        found = until(lambda: self._client.get(path), lambda told: told["finished_at"])
        self._works = ({"search": search["id"], "work": work["id"]} for work in found["works"])

    def enrol(self) -> None:
        """Register its newcomers."""
        made = [self._client.post("/api/v1/desk/patrons", one) for one in NEWCOMERS[self.code]]
        self._readers = cycle([one["id"] for one in made])

    def ask(self, many: int, reader: str | None = None) -> list[dict[str, Any]]:
        """Ask for books, for a reader or for each in turn."""
        return [self._ask(reader or next(self._readers)) for _ in range(many)]

    def _ask(self, reader: str) -> dict[str, Any]:
        """Ask for the next work that somebody lends and nobody has asked for.

        :raises NotReached: if there is none any more
        """
        for work in self._works:
            with suppress(Refused):
                made = self.post("/requests", {**work, "patron": reader})
                if made["id"] not in self._asked:
                    self._asked.add(made["id"])
                    return made
        raise NotReached(f"nothing that {self.code} could ask for")

    def post(self, path: str, body: Any = None) -> dict[str, Any]:
        told: dict[str, Any] = self._client.post(f"/api/v1{path}", body)
        return told

    def get(self, path: str) -> dict[str, Any]:
        told: dict[str, Any] = self._client.get(f"/api/v1{path}")
        return told

    def step(self, request: dict[str, Any], name: str, **said: Any) -> dict[str, Any]:
        """Take a step of a request."""
        return self.post(f"/requests/{request['id']}/{name}", said)

    def await_status(self, request: dict[str, Any], status: str) -> dict[str, Any]:
        """Return a request once it is there."""
        path = f"/requests/{request['id']}"
        told: dict[str, Any] = until(lambda: self.get(path), lambda seen: seen["status"] == status)
        return told

    def lend(self, request: dict[str, Any]) -> dict[str, Any]:
        """Take a book in, and hand it to its reader."""
        self.step(request, "arrival")
        return self.step(request, "handover", condition="完好")


def until(look: Any, holds: Any) -> Any:
    """Look again and again, and return what is seen once it *holds*.

    :raises NotReached: if it does not in time
    """
    ends = time.monotonic() + _SECONDS
    while not holds(seen := look()):
        if time.monotonic() > ends:
            raise NotReached(str(seen))
        time.sleep(_LOOK_SECONDS)
    return seen
