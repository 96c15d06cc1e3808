"""A decision in the making: what has happened so far, what follows outside, and the request by now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from workflows.eligibility.eligibility import Standing
from workflows.eligibility.privileges import Privileges
from workflows.home_cards import HomeCard
from workflows.ids import LibraryCode, MessageId
from workflows.libraries import Library
from workflows.loan_clock.amendments import Amendment
from workflows.policies.book import PolicyBook
from workflows.policies.policy import Policy
from workflows.requests.effects import Effect, Locally, Notice, SendNotice
from workflows.requests.events import Because, Event
from workflows.requests.evolve import evolve
from workflows.requests.notices import channels
from workflows.requests.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that a decision may look at."""

    now: datetime
    book: PolicyBook
    libraries: Mapping[LibraryCode, Library]
    #: the patron's other open requests
    open_total: int = 0
    #: the patron's standing at each lender that may be asked
    standings: Mapping[LibraryCode, Standing] = field(default_factory=dict)
    #: what libraries have recorded of the patron
    privileges: Privileges = field(default_factory=Privileges)
    #: the patron's card at the home library; None where it does not matter
    card_number: str | None = None
    #: what the system of each library can be told about borrowed books; nothing where it has none
    local_systems: Mapping[LibraryCode, frozenset[Locally]] = field(default_factory=dict)
    #: the patron's card at the home library; None where no system can be asked about it
    home_card: HomeCard | None = None
    #: what is laid over the terms of loans that begin now
    amendments: tuple[Amendment, ...] = ()
    #: the system that made the request moves it now
    by_requester: bool = False
    #: it is that system that has asked for the cancellation before now
    requester_cancels: bool = False


class Draft:
    """A decision in the making; each event is applied at once, so that the next rule sees it."""

    def __init__(self, request: Request, known: Known) -> None:
        self.before = self.request = request
        self.known = known
        self.events: list[Event] = []
        self.effects: list[Effect] = []

    @property
    def now(self) -> datetime:
        return self.known.now

    def happened(self, event: Event) -> None:
        self.events.append(event)
        self.request = evolve(self.request, event)

    def then(self, effect: Effect) -> None:
        self.effects.append(effect)

    def notify(self, notice: Notice) -> None:
        """Tell the patron on every channel that the desk's policy and the home library have for it."""
        calls = self.policy(self.request.desk).calls_patrons
        by_sms = self.library(self.request.home).by_sms
        ways = channels(notice, calls=calls, by_sms=by_sms)
        self.then(SendNotice(notice=notice, message=self.message(notice), channels=ways))

    def message(self, what: str) -> MessageId:
        """Name a message: the same decision on the same request gives it the same name.

        Only a message that follows an event of its decision has a name of its own.
        """
        return MessageId(f"{self.request.id}.{self.request.version}.{what}")

    def policy(self, library: LibraryCode | None = None) -> Policy:
        """Return the policy of a library; where none is named, the lender's, as this loan keeps it."""
        if library is not None or self.request.lender is None:
            return self.known.book.policy(library or self.request.home)
        return self.known.book.at(self.request.lender, self.request.terms)

    def library(self, code: LibraryCode) -> Library:
        return self.known.libraries[code]

    def because(self, rule: str | None = None, message: MessageId | None = None) -> Because:
        """Say what rests on the lender's policy, as this loan keeps it."""
        policy = self.policy()
        almanac = policy.calendar.almanac
        return Because(
            rule=rule,
            policy=f"{policy.id}@{policy.version}",
            calendar=f"{almanac.id}@{almanac.version}",
            message=message,
        )
