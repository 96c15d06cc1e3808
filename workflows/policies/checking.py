"""What is wrong with a policy or calendar file: every fault, by path and code."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflows.policies.calendar_file import CALENDAR
from workflows.policies.conditions import Known
from workflows.policies.document import Fault, Place
from workflows.policies.policy import POLICY

#: what stands in every file, in one that inherits nothing, and in that of a library that inherits nothing
EVERYWHERE = POLICY.required
WITHOUT_PARENT = ("categories", "default_category")
LENDING = ("clock", "lendability", "loan_rules", "fine", "hold_shelf")


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What a policy file may refer to: the other policies as written, and the calendars."""

    policies: Mapping[str, Mapping[str, Any]]
    calendars: frozenset[str]

    def chain(self, document: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
        """Return a file and those it inherits from, None if one is missing or they run in a circle."""
        chain = [document]
        seen = {str(document.get("id"))}
        while (parent := chain[-1].get("inherits")) is not None:
            if not isinstance(parent, str) or parent in seen or parent not in self.policies:
                return None
            seen.add(parent)
            chain.append(self.policies[parent])
        return chain


def check_policy(document: object, neighbours: Neighbours) -> list[Fault]:
    """Return every fault of a policy file as written, sorted by path and code."""
    place = Place(document)
    if not isinstance(document, Mapping):
        return [Fault("", "bad_type")]
    if document.get("inherits") is None:
        place.require(*WITHOUT_PARENT, *(LENDING if document.get("kind") == "library" else ()))
    chain = neighbours.chain(document)
    if chain is None:
        place["inherits"].refuse("bad_reference")
    categories = _categories(chain)
    own = {document["id"]} if isinstance(document.get("id"), str) else set()
    policies = frozenset(neighbours.policies) | own
    known = Known(categories=categories, policies=policies, calendars=neighbours.calendars)
    POLICY.check(place, known)
    _check_default(place, categories, chain)
    return sorted(set(place.faults))


def check_calendar(document: object) -> list[Fault]:
    """Return every fault of a calendar file, sorted by path and code."""
    place = Place(document)
    if not isinstance(document, Mapping):
        return [Fault("", "bad_type")]
    CALENDAR.check(place, None)
    return sorted(set(place.faults))


def _categories(chain: list[Mapping[str, Any]] | None) -> frozenset[str] | None:
    """Return the categories in force, None if they are not known."""
    for document in chain or ():
        if document.get("categories") is not None:
            found = document["categories"]
            return frozenset(map(str, found)) if isinstance(found, Mapping) else None
    return None


def _check_default(
    place: Place, categories: frozenset[str] | None, chain: list[Mapping[str, Any]] | None
) -> None:
    named = (document.get("default_category") for document in chain or ())
    inherited = next((name for name in named if name is not None), None)
    if categories is not None and inherited is not None:
        Place(inherited, "default_category", place.faults).refers_to(categories)
