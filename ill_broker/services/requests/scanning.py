"""What a desk means by what it scans and enters."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ill_broker.services.refusals import Unknown
from ill_broker.storage import requests as request_rows
from ill_broker.storage.store import Store
from workflows.actors import Actor
from workflows.errors import WorkflowError
from workflows.ids import LibraryCode, RequestId
from workflows.refusals import NotAllowed, WrongState
from workflows.requests.commands import Arrive, Report, ReportedStatus
from workflows.requests.lifecycle import Step, may
from workflows.requests.permissions import actions, relations
from workflows.requests.request import Request


class Ambiguous(WorkflowError):
    """Two books with one barcode are on their way to this desk: the request's number tells them apart."""

    code = "ambiguous_barcode"
    title = "More than one request waits for a book with this barcode"


class AlreadyHere(WrongState):
    """What was scanned has arrived before; ``facts`` say which request it is and what can be done next."""

    code = "already_arrived"
    title = "No arrival is to be recorded for this book"


class Desk:
    """Finds the request behind a scan."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def arrival_of(self, code: str, condition: str | None, actor: Actor) -> tuple[RequestId, Arrive]:
        """Return the request that a scan at its desk speaks of, and the command.

        :raises Unknown: if nothing that this desk waits for has this barcode or number
        :raises Ambiguous: if several have
        :raises AlreadyHere: if its arrival is behind it
        """
        desk = LibraryCode(actor.library or "")
        with self._store.reading() as conn:
            by_barcode = request_rows.by_barcode(conn, desk, code)
            numbered = request_rows.by_number(conn, code)
        if numbered is not None and relations(actor, numbered):
            return _awaited(numbered, actor), Arrive(condition=condition)
        expected = [one for one in by_barcode if may(one.status, Step.ARRIVE)] or by_barcode
        if not expected:
            raise Unknown
        if len(expected) > 1:
            raise Ambiguous(requests=[request.number for request in expected])
        return _awaited(expected[0], actor), Arrive(barcode=code, condition=condition)

    def refuse_twice(self, request_id: RequestId, actor: Actor) -> None:
        """Say so if the book came in while its arrival was on the way: another desk was quicker.

        :raises AlreadyHere: if its arrival is behind it
        """
        with self._store.reading() as conn:
            request = request_rows.load(conn, request_id)
        if request is not None and relations(actor, request):
            _awaited(request, actor)

    def report_of(
        self, request_id: RequestId, actor: Actor, said: Mapping[str, Any], *, now: datetime
    ) -> Report:
        """Return the lender's report that staff enter; the office speaks for the lender of the moment.

        :raises Unknown: if the request does not exist for *actor*
        :raises NotAllowed: if *actor* does not speak for a lender of it
        """
        with self._store.reading() as conn:
            request = request_rows.load(conn, request_id)
        if request is None or not relations(actor, request):
            raise Unknown
        return Report(
            lender=_speaks_for(actor, request),
            status=ReportedStatus(said["status"]),
            occurred_at=min(said.get("occurred_at") or now, now),
            item_barcode=said.get("item_barcode"),
            lender_due_date=said.get("lender_due_date"),
            tracking=said.get("tracking"),
            reason=said.get("reason"),
            note=said.get("note"),
        )


def _awaited(request: Request, actor: Actor) -> RequestId:
    if request.instants.arrived is not None and not may(request.status, Step.ARRIVE):
        raise AlreadyHere(
            request=request.id,
            number=request.number,
            status=request.status,
            actions=list(actions(actor, request)),
        )
    return request.id


def _speaks_for(actor: Actor, request: Request) -> LibraryCode:
    lender = actor.library or request.lender
    if lender is None or request.entry(lender) is None:
        raise NotAllowed("only the lender answers")
    return lender
