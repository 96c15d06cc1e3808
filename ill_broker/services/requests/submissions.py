"""From what a patron submits to a request: what is asked for, who holds it, and for whom it is."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from ill_broker import mint
from ill_broker.services.audit import record
from ill_broker.services.discovery.search import Discovery
from ill_broker.services.members.directory import Directory
from ill_broker.services.people.home_cards import HomeCards
from ill_broker.services.refusals import Unknown, UnknownDesk, UnknownLender
from ill_broker.services.requests.carrying_out import Also
from ill_broker.services.requests.door import Requests
from ill_broker.services.requests.gathering import gather
from ill_broker.storage import people
from ill_broker.storage.audit import Action, Subject
from ill_broker.storage.failures import NumberTaken
from ill_broker.storage.store import Store
from workflows.actors import Actor, Role
from workflows.citation import Citation, Holding
from workflows.decisions import pickups, submission
from workflows.ids import LibraryCode, PatronId, RequestId
from workflows.patrons import Patron
from workflows.requests.request import Instants, Pickup, Request

_DRAWS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What is asked for: a work that a search has found, or a citation typed by hand."""

    #: a search of whoever submits it, and a work in it
    search: str | None = None
    work: str | None = None
    citation: Citation | None = None
    #: where it is to be fetched; the patron's own library if not said
    desk: LibraryCode | None = None
    #: one of the desk's pick-up sites (R-SZUTL-11)
    pickup_site: str | None = None
    new_book: bool = False
    part_of_set: bool = False
    #: for whom, where the reader's desk asks on their behalf
    patron: PatronId | None = None
    #: the number that the reader knows it by already
    number: str | None = None
    #: whom the desk has chosen to be asked first; of a citation, whom alone, whatever a search would find
    lender: LibraryCode | None = None


class Submissions:
    """Takes what patrons submit."""

    def __init__(
        self,
        store: Store,
        requests: Requests,
        discovery: Discovery,
        directory: Directory,
        home_cards: HomeCards | None = None,
    ) -> None:
        self._store = store
        self._requests = requests
        self._discovery = discovery
        self._directory = directory
        self._home_cards = home_cards

    def submit(self, wanted: Submission, actor: Actor, *, now: datetime, also: Also | None = None) -> Request:
        """Return the request that comes of what was submitted, or the open one for the same work.

        :raises Unknown: if the search or the work in it is not there any more, or the reader not for *actor*
        :raises NotEligible: with every reason
        """
        with self._store.reading() as conn:
            patron = _reader(conn, wanted.patron, actor)
        new = self._new(wanted, patron, actor, now)
        card = self._home_cards.state(patron, now=now) if self._home_cards else None

        def saved(conn: Connection, request: Request) -> None:
            if actor.id != patron.id and request.id == new.id:
                named = (Subject.REQUEST, str(request.id))
                record(conn, Action.REQUESTED_FOR_READER, named, now=now, library=patron.home)
            if also is not None:
                also(conn, request)

        submit = partial(self._requests.submit, now=now, home_card=card, chosen=wanted.lender, also=saved)
        for _ in range(_DRAWS - 1):
            try:
                return submit(new, patron, actor)
            except NumberTaken:
                new = replace(new, number=mint.desk_number())
        return submit(new, patron, actor)

    def hindrances(self, patron: Patron, citation: Citation, *, now: datetime) -> tuple[str, ...]:
        """Return why a request of the patron's would be refused now, whichever library had the work.

        What the card's own library says of it is asked for only with the request itself.
        """
        self._directory.libraries(now)
        new = self._for(patron, patron.home, citation, now)
        with self._store.reading() as conn:
            known = gather(conn, new, self._directory, now=now, asks=True)
        return submission.hindrances(new, patron, known)

    def _new(self, wanted: Submission, patron: Patron, actor: Actor, now: datetime) -> Request:
        desk = wanted.desk or patron.home
        if desk not in self._directory.libraries(now):
            raise UnknownDesk(library=desk)
        policy = self._directory.book.policy(desk)
        if wanted.pickup_site is not None:
            pickups.known(policy, wanted.pickup_site)
        citation, holdings, searched = self._found(wanted, actor, now)
        new = self._for(patron, desk, citation, now)
        return replace(
            new,
            number=wanted.number or new.number,
            holdings=holdings,
            pickup=Pickup(site=wanted.pickup_site, applied=now) if wanted.pickup_site else None,
            new_book=wanted.new_book,
            part_of_set=wanted.part_of_set,
            instants=replace(new.instants, searched=searched),
        )

    def _for(self, patron: Patron, desk: LibraryCode, citation: Citation, now: datetime) -> Request:
        """Return a new request of which nothing is said beside the work."""
        return Request(
            id=RequestId(mint.new_id("req", now)),
            number=mint.desk_number(),
            patron=patron.id,
            home=patron.home,
            desk=desk,
            citation=citation,
            holdings=(),
            pickup_sites=tuple(sorted(self._directory.book.policy(desk).pickup)),
            instants=Instants(registered=patron.verified_at, submitted=now),
        )

    def _found(
        self, wanted: Submission, actor: Actor, now: datetime
    ) -> tuple[Citation, tuple[Holding, ...], datetime]:
        """Return the work, its copies and when it was looked for; a typed citation is looked for now."""
        if wanted.citation is not None and wanted.lender is not None:
            if wanted.lender not in self._directory.libraries(now):
                raise UnknownLender(library=wanted.lender)
            return wanted.citation, (Holding(library=wanted.lender, record_id=""),), now
        if wanted.citation is not None:
            return wanted.citation, self._discovery.holdings_of(wanted.citation, now=now), now
        found = self._discovery.found_work(wanted.search or "", wanted.work or "", actor, now=now)
        return found.work.citation, found.work.holdings, found.searched_at


def _reader(conn: Connection, patron_id: PatronId | None, actor: Actor) -> Patron:
    """Return who asks, or for whom: a desk asks for readers of its own library.

    :raises Unknown: if there is nobody of that name for *actor*
    """
    patron = people.patron(conn, patron_id or PatronId(actor.id))
    is_own_desk = actor.role is Role.STAFF and patron is not None and actor.library == patron.home
    if patron is None or not (patron.id == actor.id or is_own_desk):
        raise Unknown
    return patron
