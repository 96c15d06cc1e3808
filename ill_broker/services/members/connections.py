"""How members are reached, as the office sees to it: profiles, trials, and how the connectors are doing."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.addresses import HOST_NOT_LOOKED_UP, UNKNOWN_HOST
from connectors.trials import Trial
from ill_broker.services.audit import record
from ill_broker.services.members.connector_health import ConnectorHealth, PartnerHealth
from ill_broker.services.members.health_days import ConnectorDay
from ill_broker.services.places import Places
from ill_broker.services.refusals import Outdated, Unknown
from ill_broker.storage import libraries
from ill_broker.storage.audit import Action, Subject
from ill_broker.storage.failures import Stale
from ill_broker.storage.store import Store
from workflows.errors import WorkflowError
from workflows.ids import LibraryCode
from workflows.libraries import Library
from workflows.policies.document import Fault

#: from a profile to everything that is wrong with it
Check = Callable[[object], tuple[Fault, ...]]
#: from a library, its profile and its secrets by name to what came of trying each connector
TryOut = Callable[[str, Mapping[str, Any], Mapping[str, str]], Iterable[Trial]]


class FaultyConnectors(WorkflowError):
    """A profile has faults; ``facts["faults"]`` lists each by path and code."""

    code = "faulty_connectors"
    title = "The connectors have faults"
    #: what the profile is called among the facts
    document = "connectors"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member library with how it is reached; secrets are named, never told."""

    library: Library
    connectors: Mapping[str, Any]
    version: int


class Connections:
    """Shows, changes and tries how member libraries are reached."""

    def __init__(
        self,
        store: Store,
        health: PartnerHealth,
        places: Places,
        *,
        check: Check,
        try_out: TryOut,
    ) -> None:
        self._store = store
        self._health = health
        self._places = places
        self._check = check
        self._try_out = try_out

    def all(self) -> list[Member]:
        """Return every member library, by its code."""
        with self._store.reading() as conn:
            stored = libraries.all_of(conn)
            connectors = libraries.all_connectors(conn)
            versions = libraries.versions(conn)
        return [
            Member(library=each, connectors=connectors[each.code], version=versions[each.code])
            for each in stored
        ]

    def one(self, code: LibraryCode) -> Member:
        """Return one member library.

        :raises Unknown: if there is none of this code
        """
        found = next((each for each in self.all() if each.library.code == code), None)
        if found is None:
            raise Unknown
        return found

    def faults(self, document: object) -> tuple[Fault, ...]:
        """Return everything that is wrong with a profile."""
        return self._check(document)

    def refuse_faults(self, document: object, *, but: Collection[str] = ()) -> None:
        """Go on only with a profile that can be used.

        :param but: codes of faults that are none here
        :raises FaultyConnectors: with every fault
        """
        faults = [fault for fault in self.faults(document) if fault.code not in but]
        if faults:
            listed = [(fault.path, fault.code) for fault in faults]
            raise FaultyConnectors(faults={FaultyConnectors.document: listed})

    def change(
        self,
        code: LibraryCode,
        document: Mapping[str, Any],
        *,
        expected: Callable[[int], None],
        now: datetime,
    ) -> Member:
        """Reach a library as *document* says from now on.

        :param expected: raises if the version at hand is not the one that is meant
        :raises Unknown: if there is no such library
        :raises FaultyConnectors: with every fault
        """
        self.refuse_faults(document)
        with self._store.writing() as conn:
            version = libraries.versions(conn).get(code)
            if version is None:
                raise Unknown
            try:
                expected(version)
            except Stale as error:
                raise Outdated(version=version) from error
            libraries.set_connectors(conn, code, document)
            library, facts = (Subject.LIBRARY, code), {"names": sorted(document)}
            record(conn, Action.CONNECTORS_CHANGED, library, now=now, library=code, facts=facts)
        return self.one(code)

    def test(self, code: LibraryCode, *, machine_now: datetime) -> list[Trial]:
        """Try each connector of a library, harmlessly, and return what came of it.

        :param machine_now: what secrets are dated by
        :raises Unknown: if there is no such library
        :raises FaultyConnectors: if what is stored cannot be used
        :raises Crowded: while it is tried already, or too many wait for members
        """
        told = self.one(code).connectors
        # What is tried says by itself that a name has no address.
        self.refuse_faults(told, but=(UNKNOWN_HOST, HOST_NOT_LOOKED_UP))
        with self._store.reading() as conn:
            secrets = libraries.all_secrets(conn, now=machine_now).get(code, {})
        with self._places.waiting(f"trial of {code}", at_once=1):
            return list(self._try_out(code, told, secrets))

    def days(self, code: LibraryCode, *, now: datetime) -> list[ConnectorDay]:
        """Return how the connectors of a library did on each of the last thirty days.

        :raises Unknown: if there is no such library
        """
        self.one(code)
        return self._health.days.of(code, now)

    def health(self, code: LibraryCode, *, now: datetime) -> list[ConnectorHealth]:
        """Return how the connectors of a library are doing.

        :raises Unknown: if there is no such library
        """
        self.one(code)
        return self._health.of(code, now)
