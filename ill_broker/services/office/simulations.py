"""Simulations: what was lent, or a file of loans, under policies that are not in force."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ill_broker.services.members.directory import Directory
from ill_broker.services.members.rulebook import NewFile, candidate_book
from ill_broker.services.office.evaluation import DECODER, MAX_LINE, Source, batches
from ill_broker.storage import history
from ill_broker.storage.store import Store
from workflows.errors import InvalidCase, WorkflowError
from workflows.evaluation.simulation import Reader, Simulation, of_case, of_request
from workflows.ids import RequestId
from workflows.loan_clock.case import LoanCase
from workflows.policies.book import PolicyBook
from workflows.requests.request import Request

#: loans read at a time; never all of them
_PAGE = 200
#: an id is told again as far as this
_SHOWN = 80


class TooManyLoans(WorkflowError):
    """More loans than one answer waits for."""

    code = "too_many_loans"
    title = "These are too many loans for one request"


@dataclass(frozen=True, slots=True)
class Left:
    """A line that was not counted: its number, its id if it has one, and why."""

    line: int
    id: str
    code: str

    def __str__(self) -> str:
        return ": ".join(filter(None, (f"line {self.line}", self.id, self.code)))


class Simulations:
    """Tries policies on what was lent."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    def history(
        self,
        files: Sequence[NewFile],
        *,
        now: datetime,
        today: PolicyBook | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        at_most: int | None = None,
    ) -> Simulation:
        """Return what the loans submitted from *since* on and before *until* come to under other files.

        :param today: what *files* are laid over and compared with; what is in force if None
        :param at_most: refuse more loans than this
        :raises FaultyPolicy: with every fault of every file
        :raises TooManyLoans: if there are more
        """
        book = self._directory.in_force(now) if today is None else today
        found = Simulation(book, candidate_book(book, files), now)
        if at_most is not None:
            self._refuse_many(since, until, at_most)
        for request in self._lent(since, until):
            if request.lender is not None and request.instants.handover is not None:
                found.add(of_request(request, request.lender, now))
            else:
                found.not_lent += 1
        return found

    def _refuse_many(self, since: datetime | None, until: datetime | None, at_most: int) -> None:
        with self._store.reading() as conn:
            loans = history.count(conn, since=since, until=until, at_most=at_most + 1)
        if loans > at_most:
            raise TooManyLoans(at_most=at_most)

    def _lent(self, since: datetime | None, until: datetime | None) -> Iterator[Request]:
        """Yield loans, newest first, a page at a time."""
        after: RequestId | None = None
        while True:
            with self._store.reading() as conn:
                page = history.page(conn, since=since, until=until, after=after, limit=_PAGE)
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1].id


def simulate_lines(source: Source, simulation: Simulation) -> Iterator[Left]:
    """Count the loans of JSON lines ``{"id", "input"}`` and yield those that cannot be.

    Memory does not grow with the number or the length of lines.
    """
    number = 0
    for lines in batches(source):
        for line in lines:
            number += 1
            left = _counted(line, number, simulation)
            if left is not None:
                yield left


def _counted(line: bytes, number: int, simulation: Simulation) -> Left | None:
    if not line.strip():
        return None
    asked = _asked(line)
    if asked is None:
        return Left(number, "", "line_too_long" if len(line) > MAX_LINE else "bad_line")
    if asked.get("kind", "loan") != "loan":
        return Left(number, _id(asked), "not_a_loan")
    code = simulation.add(_reader(asked["input"], simulation.as_of))
    return None if code is None else Left(number, _id(asked), code)


def _asked(line: bytes) -> Mapping[str, Any] | None:
    """Return what a line says, None if it says nothing that could be a case."""
    if len(line) > MAX_LINE:
        return None
    try:
        asked = DECODER.decode(line.decode())
    except (ValueError, RecursionError):
        return None
    return asked if isinstance(asked, dict) and isinstance(asked.get("input"), dict) else None


def _reader(case: Mapping[str, Any], as_of: datetime) -> Reader:
    read = of_case(case, as_of)

    def careful(book: PolicyBook) -> LoanCase:
        try:
            return read(book)
        except (RecursionError, UnicodeEncodeError) as error:
            # nested too deeply, or half a character
            raise InvalidCase("bad_input") from error

    return careful


def _id(asked: Mapping[str, Any]) -> str:
    """Return the id of a line as it may be told again: in one line, and not too long."""
    named = asked.get("id")
    return json.dumps(str(named))[1:-1][:_SHOWN] if isinstance(named, str | int) else ""
