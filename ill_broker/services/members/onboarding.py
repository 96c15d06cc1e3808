"""What a member needs before it takes part, and how much of it is there."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from ill_broker.services.members.directory import Directory
from ill_broker.services.refusals import Unknown
from ill_broker.storage import health, libraries, people
from ill_broker.storage.store import Store
from workflows.ids import LibraryCode
from workflows.libraries import Library
from workflows.policies.book import PolicyBook


class Step(StrEnum):
    """What the office sees to, in the order in which it does so."""

    #: the policy file it lends by; nobody is lent to without one
    POLICY = "policy"
    #: opening hours and holidays of its own, not a sample
    CALENDAR = "calendar"
    #: telephone or address, which readers see
    CONTACTS = "contacts"
    #: how its system is reached; without, it is asked by hand
    CONNECTOR = "connector"
    #: what its system and we sign with
    SECRET = "secret"  # noqa: S105 - the name of a step
    #: somebody at its desk can log in
    STAFF = "staff"
    #: its system was examined before it is let loose on others; done elsewhere, and not kept here
    SANDBOX = "sandbox"
    #: its connectors were called and one answered
    ANSWERED = "answered"
    #: it is asked for books
    LENDING = "lending"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepState:
    """A step, and whether it is done."""

    step: Step
    #: None: nothing here says so
    done: bool | None
    #: the policy or calendar that holds for the member; None of other steps
    by: str | None = None


class Onboarding:
    """Looks how far a member is."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    def steps(self, code: LibraryCode, *, now: datetime) -> list[StepState]:
        """Return every step with its state.

        :raises Unknown: if there is no such library
        """
        library, book = self._directory.libraries(now).get(code), self._directory.in_force(now)
        if library is None:
            raise Unknown
        with self._store.reading() as conn:
            return [*_of_rules(book, library), *_of_reaching(conn, library, now)]


def _of_rules(book: PolicyBook, library: Library) -> list[StepState]:
    if library.code not in book.ids:
        return [StepState(step=step, done=False) for step in (Step.POLICY, Step.CALENDAR, Step.CONTACTS)]
    calendar = book.calendar(library.code).almanac.id
    contacts = book.resolved(library.code).get("contacts") or {}
    has_own = library.code in book.written
    return [
        StepState(
            step=Step.POLICY, done=has_own, by=library.code if has_own else library.policy or library.code
        ),
        StepState(step=Step.CALENDAR, done=not book.calendar_document(calendar).get("sample"), by=calendar),
        StepState(step=Step.CONTACTS, done=bool(contacts.get("phone") or contacts.get("address"))),
    ]


def _of_reaching(conn: Connection, library: Library, now: datetime) -> list[StepState]:
    code = library.code
    connectors, secrets = libraries.all_connectors(conn).get(code), libraries.all_secrets(conn, now=now)
    works_there = any(one.library == code and one.disabled_at is None for one in people.all_staff(conn))
    has_answered = any(one.library == code and one.last_success for one in health.all_of(conn))
    return [
        StepState(step=Step.CONNECTOR, done=bool(connectors)),
        StepState(step=Step.SECRET, done=bool(secrets.get(code))),
        StepState(step=Step.STAFF, done=works_there),
        StepState(step=Step.SANDBOX, done=None),
        StepState(step=Step.ANSWERED, done=has_answered),
        StepState(step=Step.LENDING, done=library.lends),
    ]
