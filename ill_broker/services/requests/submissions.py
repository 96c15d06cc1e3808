"""From what a patron submits to a request: what is asked for, who holds it, and for whom it is."""

from dataclasses import dataclass, replace
from datetime import datetime

from ill_broker import mint
from ill_broker.services.discovery.search import Discovery
from ill_broker.services.members.directory import Directory
from ill_broker.services.people.home_cards import HomeCards
from ill_broker.services.refusals import Unknown, UnknownDesk
from ill_broker.services.requests.carrying_out import Also
from ill_broker.services.requests.door import Requests
from ill_broker.storage import people
from ill_broker.storage.failures import NumberTaken
from ill_broker.storage.store import Store
from workflows.actors import Actor
from workflows.citation import Citation, Holding
from workflows.decisions import pickups
from workflows.ids import LibraryCode, PatronId, RequestId
from workflows.patrons import Patron
from workflows.requests.request import Instants, Pickup, Request

_DRAWS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a patron asks for: a work that a search has found, or a citation typed by hand."""

    #: a search of the patron's, and a work in it
    search: str | None = None
    work: str | None = None
    citation: Citation | None = None
    #: where it is to be fetched; the patron's own library if not said
    desk: LibraryCode | None = None
    #: one of the desk's pick-up sites (R-SZUTL-11)
    pickup_site: str | None = None
    new_book: bool = False
    part_of_set: bool = False


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

        :raises Unknown: if the search or the work in it is not there any more
        :raises NotEligible: with every reason
        """
        with self._store.reading() as conn:
            patron = people.patron(conn, PatronId(actor.id))
        if patron is None:
            raise Unknown
        new = self._new(wanted, patron, actor, now)
        card = self._home_cards.state(patron, now=now) if self._home_cards else None
        for _ in range(_DRAWS - 1):
            try:
                return self._requests.submit(new, patron, actor, now=now, home_card=card, also=also)
            except NumberTaken:
                new = replace(new, number=mint.desk_number())
        return self._requests.submit(new, patron, actor, now=now, home_card=card, also=also)

    def _new(self, wanted: Submission, patron: Patron, actor: Actor, now: datetime) -> Request:
        desk = wanted.desk or patron.home
        if desk not in self._directory.libraries(now):
            raise UnknownDesk(library=desk)
        policy = self._directory.book.policy(desk)
        if wanted.pickup_site is not None:
            pickups.known(policy, wanted.pickup_site)
        citation, holdings, searched = self._found(wanted, actor, now)
        return Request(
            id=RequestId(mint.new_id("req", now)),
            number=mint.desk_number(),
            patron=patron.id,
            home=patron.home,
            desk=desk,
            citation=citation,
            holdings=holdings,
            pickup_sites=tuple(sorted(policy.pickup)),
            pickup=Pickup(site=wanted.pickup_site, applied=now) if wanted.pickup_site else None,
            new_book=wanted.new_book,
            part_of_set=wanted.part_of_set,
            instants=Instants(registered=patron.verified_at, searched=searched, submitted=now),
        )

    def _found(
        self, wanted: Submission, actor: Actor, now: datetime
    ) -> tuple[Citation, tuple[Holding, ...], datetime]:
        """Return the work, its copies and when it was looked for; a typed citation is looked for now."""
        if wanted.citation is not None:
            return wanted.citation, self._discovery.holdings_of(wanted.citation, now=now), now
        found = self._discovery.found_work(wanted.search or "", wanted.work or "", actor, now=now)
        return found.work.citation, found.work.holdings, found.searched_at
