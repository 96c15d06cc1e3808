"""All policies and calendars in force, read once and looked up by id."""

import copy
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from workflows.calendars import Almanac, LibraryCalendar
from workflows.errors import FaultyPolicy, InvalidCase
from workflows.libraries import Library
from workflows.policies.checking import EVERYWHERE, Neighbours, check_calendar, check_policy
from workflows.policies.document import Fault
from workflows.policies.merge_patch import patched
from workflows.policies.policy import Policy
from workflows.policies.reading import almanac, policy

Document = Mapping[str, Any]

#: how many patched policies are remembered
REMEMBERED = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A policy with everything it inherits, and its calendar, as a loan keeps them."""

    policy: str
    edition: str
    document: Document
    calendar: Document
    kept_at: datetime


class PolicyBook:
    """The policies in force. A book never changes; a new version of a file makes a new book."""

    def __init__(
        self,
        documents: Mapping[str, Document],
        almanacs: Mapping[str, Almanac],
        calendars: Mapping[str, Document],
        members: Iterable[Library] = (),
    ) -> None:
        """Take files that are known to be faultless; :meth:`load` checks them."""
        self.members = tuple(members)
        self._followers = _followers(documents, self.members)
        documents = {**documents, **self._followers}
        self._documents = documents
        self._almanacs = almanacs
        self._calendars = calendars
        self._former: Former = {}
        self._neighbours = Neighbours(documents, frozenset(almanacs))
        self._policies = {key: self._read(self.resolved(key)) for key in documents}
        self._patched: dict[tuple[str, str], Policy] = {}

    @classmethod
    def load(
        cls, policies: Mapping[str, Any], calendars: Mapping[str, Any], members: Iterable[Library] = ()
    ) -> Self:
        """Read parsed files, each under the name it is known by.

        :param members: those that lend by another's file have its terms under their own code, so that
            whatever goes by a policy's id goes by the library
        :raises FaultyPolicy: with every fault of every file; nothing is loaded then
        """
        faults = {f"calendars/{name}": check_calendar(doc) for name, doc in calendars.items()}
        almanac_docs = [doc for name, doc in calendars.items() if not faults[f"calendars/{name}"]]
        almanacs = {doc["id"]: almanac(doc) for doc in almanac_docs}
        by_id = {str(doc.get("id", name)): doc for name, doc in policies.items() if isinstance(doc, dict)}
        members = tuple(members)
        neighbours = Neighbours({**by_id, **_followers(by_id, members)}, frozenset(almanacs))
        faults |= {f"policies/{name}": check_policy(doc, neighbours) for name, doc in policies.items()}
        found = {name: [(f.path, f.code) for f in listed] for name, listed in faults.items() if listed}
        if found:
            raise FaultyPolicy(str(found), faults=found)
        return cls(by_id, almanacs, {doc["id"]: doc for doc in almanac_docs}, members)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self._policies)

    @property
    def written(self) -> tuple[str, ...]:
        """The ids that have a file of their own."""
        return tuple(key for key in self._policies if key not in self._followers)

    @property
    def calendar_ids(self) -> tuple[str, ...]:
        return tuple(self._calendars)

    def with_former(self, former: "Former") -> "PolicyBook":
        """Return the same with the versions that loans keep, by policy and edition.

        Whoever hands *former* over may add to it; what is there never changes.
        """
        book = copy.copy(self)
        book._former = former  # noqa: SLF001 - a copy of ours
        return book

    def knows(self, policy_id: str, edition: str) -> bool:
        """Tell whether :meth:`at` finds this version."""
        return self.policy(policy_id).edition == edition or (policy_id, edition) in self._former

    def at(self, policy_id: str, edition: str | None) -> Policy:
        """Return the version of a policy that a loan keeps; the one in force for a loan that keeps none.

        :raises InvalidCase: ``unknown_policy``, ``unknown_version``
        """
        policy = self.policy(policy_id)
        if edition is None or edition == policy.edition:
            return policy
        found = self._former.get((policy_id, edition))
        if found is None:
            raise InvalidCase("unknown_version", policy=policy_id, version=edition)
        return found

    def policy(self, policy_id: object, patch: Document | None = None) -> Policy:
        """Return a policy, or what it would be with a JSON merge patch laid over it.

        :raises InvalidCase: ``unknown_policy``; ``invalid_policy`` if the patch makes it faulty
        """
        found = self._policies.get(policy_id) if isinstance(policy_id, str) else None
        if found is None:
            raise InvalidCase("unknown_policy", policy=repr(policy_id))
        return found if patch is None else self._with_patch(found.id, patch)

    def calendar(self, policy_id: str) -> LibraryCalendar:
        """Return the days of the library whose policy this is."""
        return self.policy(policy_id).calendar

    def document(self, policy_id: str) -> Document:
        """Return a policy file as written; for a library without one, the file that would say the same."""
        self.policy(policy_id)
        found = self._documents[policy_id]
        if policy_id not in self._followers:
            return found
        return {key: self.resolved(policy_id)[key] for key in EVERYWHERE} | dict(found)

    def calendar_document(self, calendar_id: str) -> Document:
        """Return a calendar file as written.

        :raises InvalidCase: ``unknown_calendar``
        """
        if calendar_id not in self._calendars:
            raise InvalidCase("unknown_calendar", calendar=calendar_id)
        return self._calendars[calendar_id]

    def resolved(self, policy_id: str) -> dict[str, Any]:
        """Return a policy file with every section that it inherits."""
        chain = self._neighbours.chain(self._documents[policy_id]) or []
        # a null says nothing, so that it takes nothing away either
        stated = [(key, value) for doc in reversed(chain) for key, value in doc.items() if value is not None]
        return dict(stated)

    def edition(self, policy_id: str, now: datetime) -> Edition:
        """Return the version in force, as a loan that begins now keeps it."""
        found = self.policy(policy_id)
        return Edition(
            policy=found.id,
            edition=found.edition,
            document=self.resolved(policy_id),
            calendar=self.calendar_document(found.calendar.almanac.id),
            kept_at=now,
        )

    def faults(self, policy_id: object, patch: object) -> list[Fault]:
        """Return what would be wrong with a file as written if the patch were applied to it.

        :raises InvalidCase: ``unknown_policy``
        """
        return check_policy(patched(self.document(self.policy(policy_id).id), patch), self._neighbours)

    def _with_patch(self, policy_id: str, patch: Document) -> Policy:
        key = (policy_id, json.dumps(patch, sort_keys=True, default=str))
        if key not in self._patched:
            document = patched(self.resolved(policy_id), patch)
            # resolved, so that what the patch takes away is not inherited again
            whole = {name: value for name, value in document.items() if name != "inherits"}
            faults = check_policy(whole, self._neighbours)
            if faults:
                raise InvalidCase("invalid_policy", faults=[(fault.path, fault.code) for fault in faults])
            if len(self._patched) >= REMEMBERED:
                self._patched.clear()
            self._patched[key] = self._read(document)
        return self._patched[key]

    def _read(self, document: Document) -> Policy:
        return policy(document, self._almanacs[document["calendar"]])


def _followers(documents: Mapping[str, Document], members: Iterable[Library]) -> dict[str, Document]:
    """Return a file for each member that has none and lends by another's."""
    return {
        member.code: {"id": member.code, "name": member.name, "kind": "library", "inherits": member.policy}
        for member in members
        if member.policy in documents and member.code not in documents
    }


#: versions that are no longer in force, by policy and edition
Former = Mapping[tuple[str, str], Policy]


def former_policy(document: Document, calendar: Document) -> Policy:
    """Read a version that was in force once: a policy with everything it inherited, and its calendar."""
    return policy(document, almanac(calendar))
