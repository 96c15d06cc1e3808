"""Asks the system of a patron's own library whether the card is good there."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from connectors import ports
from connectors.failures import PartnerFailure
from ill_broker.services.members.directory import Directory
from ill_broker.services.places import Crowded, Places
from ill_broker.services.refusals import Unknown
from ill_broker.storage import people
from ill_broker.storage.store import Store
from workflows.actors import Actor, Role
from workflows.home_cards import HomeCard, home_card
from workflows.ids import LibraryCode, PatronId
from workflows.patrons import Patron

#: how long a system that did not answer is left alone, so that nobody else waits for it
_SILENCE = timedelta(minutes=1)
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeCardReport:
    """What the home library said, and when it was asked."""

    library: LibraryCode
    card_number: str
    state: HomeCard
    checked_at: datetime
    #: what the library knows of whoever has the card; None where nobody has it, or it did not answer
    holder: ports.LocalPatron | None = None


class HomeCards:
    """Looks patrons up at their own libraries; where that cannot be done the desk's word counts."""

    def __init__(
        self, store: Store, directory: Directory, registry: ports.Registry, places: Places | None = None
    ) -> None:
        self._store = store
        self._directory = directory
        self._registry = registry
        self._places = places or Places()
        self._silent_until: dict[LibraryCode, datetime] = {}

    def check(self, patron: Patron, *, now: datetime, password: str | None = None) -> HomeCardReport | None:
        """Return what the patron's own library says now; None if it has no system that can be asked.

        A system that does not answer, or not clearly, leaves the card unchecked.
        """
        patrons = self._registry.connectors(patron.home).patrons
        if patrons is None:
            return None
        state, holder = HomeCard.NOT_CHECKED, None
        if self._may_ask(patron.home, now):
            try:
                with self._places.waiting(patron.home):
                    holder = patrons.look_up(patron.card_number, password=password)
                state = self._state(patron, holder, now)
                self._silent_until.pop(patron.home, None)
            except (PartnerFailure, Crowded) as failure:
                _log.warning("home card not checked", library=patron.home, failure=str(failure))
                if isinstance(failure, PartnerFailure) and failure.again:
                    self._silent_until[patron.home] = now + _SILENCE
        return HomeCardReport(
            library=patron.home,
            card_number=patron.card_number,
            state=state,
            checked_at=now,
            holder=holder,
        )

    def state(self, patron: Patron, *, now: datetime) -> HomeCard | None:
        """Return what is to be said of the patron's card; None if nobody can be asked."""
        report = self.check(patron, now=now)
        return None if report is None else report.state

    def of(self, patron_id: PatronId, actor: Actor, *, now: datetime) -> HomeCardReport:
        """Return what the home library of a patron says now, for its desk or the office.

        :raises Unknown: if there is no such patron for *actor*, or nobody who can be asked
        """
        with self._store.reading() as conn:
            known = people.enrolment(conn, patron_id)
        if known is None or known.erased_at is not None:
            raise Unknown
        if actor.role is not Role.OFFICE and actor.library != known.patron.home:
            raise Unknown
        report = self.check(known.patron, now=now)
        if report is None:
            raise Unknown
        return report

    def _may_ask(self, library: LibraryCode, now: datetime) -> bool:
        """Say whether a library's system may be asked; of one that was silent, one caller finds out."""
        until = self._silent_until.get(library)
        if until is None:
            return True
        if now < until:
            return False
        self._silent_until[library] = now + _SILENCE
        return True

    def _state(self, patron: Patron, holder: ports.LocalPatron | None, now: datetime) -> HomeCard:
        if holder is None:
            return HomeCard.UNKNOWN
        self._directory.libraries(now)
        return home_card(
            today=self._directory.book.calendar(patron.home).local_day(now),
            valid_until=holder.valid_until,
            blocks=holder.blocks,
            password_is_right=holder.password_is_right,
        )
