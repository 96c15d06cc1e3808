"""Many readers at once, each with a client that says the same again, under one key, until it is answered."""

from __future__ import annotations

import http.client
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.error import HTTPError

from stdnum import isbn

from ill_broker import mint
from ill_broker.demo.client import Client, Refused
from ill_broker.services.passwords import Passwords
from ill_broker.services.people.sessions import Sessions
from ill_broker.settings import Settings
from ill_broker.storage import people
from ill_broker.storage.people import Enrolment
from tests.journeys.world import A_LEASE, NeverCame, World, until
from workflows.actors import Actor, Role
from workflows.ids import LibraryCode, PatronId
from workflows.patrons import Patron

HOME = LibraryCode("bjtu")
LENDER = "szutl"
#: what the desk does, and the event that each leaves
DESK_STEPS: tuple[tuple[str, dict[str, str], str], ...] = (
    ("arrival", {}, "Arrived"),
    ("notification", {"result": "reached"}, "Notified"),
    ("handover", {}, "HandedOver"),
    ("return", {}, "TakenBack"),
    ("shipment", {}, "ShippedBack"),
)
#: how many journeys are under way at once, and how many requests a reader of this library may have
AT_ONCE, PER_PATRON = 6, 5
_SERVER_ERROR = 500
#: seconds until nothing is expected to come any more
PATIENCE = 600.0
#: seconds after which what was put off may be tried again
PUT_OFF = 20.0


class GaveUp(Exception):
    """The service has not answered for a long time; the text is what came last."""


@dataclass(frozen=True, slots=True)
class Insistent:
    """A client that takes no broken connection and no 5xx for an answer."""

    client: Client

    def get(self, path: str) -> Any:
        return _insisted(lambda: self.client.get(path))

    def post(self, path: str, body: dict[str, Any]) -> Any:
        keyed = replace(self.client, headers={"Idempotency-Key": mint.token()})
        return _insisted(lambda: keyed.post(path, body))


@dataclass(slots=True)
class Crowd:
    """Readers who each want books, and the desk that serves them."""

    world: World
    patrons: list[Insistent] = field(default_factory=list)
    desk: Insistent = field(init=False)
    #: by request: the events of the steps that were acknowledged
    acknowledged: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.desk = Insistent(self.world.log_in(f"desk@{HOME}"))

    @property
    def steps(self) -> int:
        """Return how many steps were acknowledged until now."""
        return sum(map(len, [*self.acknowledged.values()]))

    def lend(self, journeys: int) -> None:
        """Walk so many journeys, some at once, each from the submission to the end."""
        self.patrons = [self._reader(number) for number in range(-(-journeys // PER_PATRON))]
        wanted = self._books(journeys)
        with ThreadPoolExecutor(AT_ONCE) as hands:
            try:
                for done in [hands.submit(self._journey, *each) for each in enumerate(wanted)]:
                    done.result()
            except BaseException:
                hands.shutdown(wait=False, cancel_futures=True)
                raise

    def _journey(self, number: int, book: dict[str, Any]) -> None:
        patron = self.patrons[number % len(self.patrons)]
        wish = {"citation": {"title": book["title"].rstrip(" /"), "isbn": book["isbn"]}}
        request_id = patron.post("/api/v1/requests", wish)["id"]
        self.acknowledged[request_id].append("Submitted")
        self._until(patron, request_id, "in_transit")
        for step, body, event in DESK_STEPS:
            self.desk.post(f"/api/v1/requests/{request_id}/{step}", body)
            self.acknowledged[request_id].append(event)
        self._until(patron, request_id, "closed")

    def _until(self, patron: Insistent, request_id: str, status: str) -> None:
        """Wait for *status*; what failed on the way is tried again after minutes, which pass in between."""
        path, ends = f"/api/v1/requests/{request_id}", time.monotonic() + PATIENCE
        while True:
            try:
                until(
                    lambda: patron.get(path),
                    lambda seen: seen["status"] == status,
                    seconds=PUT_OFF,
                    pause=0.2,
                )
            except NeverCame:
                if time.monotonic() > ends:
                    raise
                self.world.jump(A_LEASE)
            else:
                return

    def _books(self, count: int) -> list[dict[str, Any]]:
        """Return books that are in, and that a number names: not volumes, whose titles end in a full stop."""
        shelf = self.world.sandboxes[LENDER].get("/sandbox/titles?first=2000")["titles"]
        there = {
            isbn.to_isbn13(book["isbn"]): book
            for book in shelf
            if isbn.is_valid(book["isbn"] or "")
            and book["copies"][0]["available"]
            and book["title"].endswith("/")
        }
        if len(there) < count:
            raise LookupError(f"{len(there)} books for {count} journeys")
        return list(there.values())[:count]

    def _reader(self, number: int) -> Insistent:
        now = self.world.calendar.now()
        patron = Patron(
            id=PatronId(mint.new_id("pat", now)),
            home=HOME,
            name=f"Reader {number}",
            card_number=f"2125{number:04}",
            mobile="+8613800138000",
            email=f"reader{number}@bjtu.example",
            verified_at=now - timedelta(days=1),
        )
        with self.world.store.writing() as conn:
            people.enrol(conn, Enrolment(patron=patron, created_at=now))
        sessions = Sessions(self.world.store, Settings(session_hours=24 * 30), Passwords(cheap=True))
        opened = sessions.open_for(Actor(Role.PATRON, patron.id, HOME), now=now)
        return Insistent(replace(self.world.anybody, token=opened.token))


@contextmanager
def meanwhile(act: Callable[[], object]) -> Iterator[None]:
    """Do *act* in another thread while the block runs, and fail if it failed."""
    with ThreadPoolExecutor(1) as hand:
        other = hand.submit(act)
        yield
    other.result()


def _insisted(ask: Callable[[], Any]) -> Any:
    """Return the answer, however often the service has to be asked for it.

    :raises Refused: if it says no
    :raises GaveUp: if it says nothing for long
    """
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            return ask()
        except Refused as error:
            status = error.__cause__.code if isinstance(error.__cause__, HTTPError) else 0
            if status < _SERVER_ERROR:
                raise
            last = str(error)
        except (OSError, http.client.HTTPException) as error:
            last = repr(error)
        if time.monotonic() > ends:
            raise GaveUp(last)
        time.sleep(0.2)
