"""What waits at a desk: each list in the order of its work, each row with what is to be done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection

from ill_broker.services.members.directory import Directory
from ill_broker.storage import desk_lists, events, inbox, outbox, people, typed_requests
from ill_broker.storage.desk_lists import Place, Sought
from ill_broker.storage.store import Store
from workflows.actors import Actor
from workflows.calendars import LibraryCalendar
from workflows.ids import LibraryCode, RequestId
from workflows.patrons import Patron
from workflows.requests.desk_lists import DeskList, What, midnight, next_step, what_matters
from workflows.requests.events import Noted
from workflows.requests.lifecycle import Status, Step
from workflows.requests.permissions import actions
from workflows.requests.request import Request

#: how a place in a list is written, so that the next page begins behind it whatever has become of its request
MARK = r"[0-9]{1,18}-req_[0-9a-z]{8,40}"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_LAST_TICK = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _TICK
_DAY = timedelta(days=1)
#: lists by a day that is the same everywhere; the others are by an instant
_BY_DAY = {DeskList.ON_SHELF, DeskList.OVERDUE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """What is looked for in a list; days are the desk's, and both are included."""

    reader: str | None = None
    title: str | None = None
    lender: LibraryCode | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """Another system's, or another library's, own words."""

    library: LibraryCode
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRow:
    """A request as a list shows it."""

    request: Request
    reader: Patron | None
    call_number: str | None
    #: the day that matters, at the desk, and what it is; None where there is none
    day: date | None
    day_is: What
    #: since when it is where it is
    waiting_since: datetime
    days_overdue: int
    #: what others said of it, of what is to be looked at
    said: tuple[Said, ...]
    next_step: Step | None
    actions: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class DeskPage:
    """Rows of a list, and the mark behind which the next page begins."""

    rows: tuple[DeskRow, ...]
    next: str | None


class DeskLists:
    """Shows a desk what waits there."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    def counts(self, actor: Actor, *, now: datetime) -> dict[str, int]:
        """Count what waits at the desk of *actor*'s library, what others ask of it, and what went astray."""
        library, calendar = self._at(actor, now)
        with self._store.reading() as conn:
            return desk_lists.counts(conn, library, today=calendar.local_day(now)) | {
                "typed": typed_requests.count_waiting(conn, library),
                "set_aside": inbox.count_set_aside(conn, concerns=library),
                "dead_letters": outbox.count_dead_letters(conn, concerns=library),
            }

    def page(
        self,
        wanted: DeskList,
        narrowed: Narrowed,
        actor: Actor,
        *,
        after: str | None = None,
        limit: int,
        now: datetime,
    ) -> DeskPage:
        """Return a page of a list of *actor*'s desk, from behind the mark *after* on."""
        library, calendar = self._at(actor, now)
        today = calendar.local_day(now)
        sought = _sought(narrowed, calendar, by_day=wanted in _BY_DAY)
        with self._store.reading() as conn:
            behind = _place(after) if after else None
            found = desk_lists.page(conn, library, wanted, sought, today=today, after=behind, limit=limit + 1)
            rows = self._rows(conn, [request for _, request in found[:limit]], wanted, actor, now)
        return DeskPage(rows, _mark(found[limit - 1][0]) if len(found) > limit else None)

    def row(self, request: Request, actor: Actor, *, now: datetime) -> DeskRow:
        """Return a request that stands alone as a list shows it."""
        with self._store.reading() as conn:
            return self._rows(conn, [request], None, actor, now)[0]

    def _rows(
        self,
        conn: Connection,
        requests: Sequence[Request],
        wanted: DeskList | None,
        actor: Actor,
        now: datetime,
    ) -> tuple[DeskRow, ...]:
        calendar = self._at(actor, now)[1]
        today = calendar.local_day(now)
        patrons = people.patrons_of(conn, {each.patron for each in requests}) if requests else {}
        said = _said(conn, [each for each in requests if each.attention])
        rows = []
        for each in requests:
            what, day = _day(each, calendar)
            copy, possible = each.copy_at(each.lender) if each.lender else None, actions(actor, each)
            row = DeskRow(
                request=each,
                reader=patrons.get(each.patron),
                call_number=copy.call_number if copy else None,
                day=day,
                day_is=what,
                waiting_since=_since(each),
                days_overdue=max((today - day).days, 0) if what is What.DUE and day else 0,
                said=said.get(each.id, ()),
                next_step=next_step(each, possible, wanted),
                actions=possible,
            )
            rows.append(row)
        return tuple(rows)

    def _at(self, actor: Actor, now: datetime) -> tuple[LibraryCode, LibraryCalendar]:
        library = LibraryCode(actor.library or "")
        return library, self._directory.in_force(now).calendar(library)


def _mark(place: Place) -> str:
    return f"{(place.at - _EPOCH) // _TICK}-{place.id}"


def _place(mark: str) -> Place:
    ticks, _, request_id = mark.partition("-")
    return Place(_EPOCH + min(int(ticks), _LAST_TICK) * _TICK, RequestId(request_id))


def _sought(narrowed: Narrowed, calendar: LibraryCalendar, *, by_day: bool) -> Sought:
    def begins(day: date) -> datetime:
        return midnight(day) if by_day else datetime.combine(day, time.min, calendar.zone)

    return Sought(
        reader=narrowed.reader,
        title=narrowed.title,
        lender=narrowed.lender,
        since=begins(narrowed.since) if narrowed.since else None,
        until=begins(narrowed.until + _DAY) if narrowed.until and narrowed.until < date.max else None,
    )


def _day(request: Request, calendar: LibraryCalendar) -> tuple[What, date | None]:
    what, at = what_matters(request)
    day = calendar.local_day(at) if isinstance(at, datetime) else at
    return what, None if day == date.max else day


#: the instant at which a request came to be where it is
_BEGAN = {
    Status.ACCEPTED: "accepted",
    Status.IN_TRANSIT: "shipped",
    Status.ARRIVED: "arrived",
    Status.NOTIFIED: "notified",
    Status.ON_LOAN: "handover",
    Status.RETURNED: "returned",
    Status.RETURNING: "shipped_back",
    Status.CLOSED: "closed",
}


def _since(request: Request) -> datetime:
    instants = request.instants
    began: datetime | None = getattr(instants, _BEGAN.get(request.status, "submitted"))
    return began or instants.arrived or instants.submitted


def _said(conn: Connection, requests: Iterable[Request]) -> Mapping[RequestId, tuple[Said, ...]]:
    """Return by request what lenders noted, what went wrong when others were told, what was set aside."""
    ids = [request.id for request in requests]
    if not ids:
        return {}
    found: dict[RequestId, list[Said]] = {}
    for request_id, event in events.of_type(conn, ids, Noted):
        if event.note:
            found.setdefault(request_id, []).append(Said(event.lender, event.note))
    for entry in outbox.dead_letters_of(conn, ids):
        if entry.request_id and entry.library and entry.last_failure:
            found.setdefault(entry.request_id, []).append(Said(entry.library, entry.last_failure))
    for message in inbox.listed(conn, about=ids, limit=len(ids) * 4):
        if message.request_id and message.reason:
            found.setdefault(message.request_id, []).append(Said(message.library, message.reason))
    return {request_id: tuple(dict.fromkeys(said)) for request_id, said in found.items()}
