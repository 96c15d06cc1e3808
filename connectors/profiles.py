"""What a library says of how it is reached, by every protocol, read whole or not at all."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors import forms
from connectors.connector import NEEDS
from connectors.ports import MOST_RECORDS
from connectors.profile_secrets import NoSecret, Secrets
from connectors.registry import CONNECTORS
from connectors.transport import Limits
from workflows.policies.conditions import TYPES
from workflows.policies.document import Fault, Place
from workflows.policies.item_types import FLAGS, Kinds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.addresses import Reach

#: How asking is called that needs no connector.
BY_HAND = "by_hand"
#: From a need to what can serve it, the first choice first.
_ABLE: Mapping[str, tuple[str, ...]] = {
    need: (*(each.name for each in CONNECTORS if need in each.serves), *((BY_HAND,) if need == "ask" else ()))
    for need in NEEDS
}
_COLLECTION = re.compile(r"[a-z][a-z0-9_]{0,39}")
_MOST_FAULTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How one library can be reached."""

    library: str
    #: what is said of each, by its name
    connectors: Mapping[str, Any] = field(default_factory=dict)
    #: which connector serves a need, where it is not the first that can; None: none does
    serves: Mapping[str, str | None] = field(default_factory=dict)
    #: the library's words for kinds of copies
    kinds: Kinds | None = None
    limits: Limits | None = None
    #: by the names that the profile gives them
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: connectors that cannot be used before the secret of this name is stored
    waiting: Mapping[str, str] = field(default_factory=dict)


class FaultyProfile(ValueError):
    """What a library says of its connectors has faults, each with its path and its code."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(f"{fault.path}: {fault.code}" for fault in faults))
        self.faults = faults


# ---------------------------------------------------------------- the form


def check(told: object, *, reach: Reach | None = None) -> tuple[Fault, ...]:
    """Return everything that is wrong with a profile.

    :param reach: looks at every address, too; without it only their form is looked at
    """
    place = Place(told)
    if place.is_absent:
        place.refuse("bad_type")
    _FORM.check(place, reach)
    _check_choices(place)
    return tuple(sorted(set(place.faults)))[:_MOST_FAULTS]


_MEANINGS = forms.words(forms.one_of(*TYPES, *FLAGS))
_ITEMS = forms.form(
    Kinds,
    (),
    item_types=_MEANINGS,
    labels=_MEANINGS,
    call_numbers=_MEANINGS,
    places=_MEANINGS,
    collections=forms.words(forms.shaped(_COLLECTION)),
)
_LIMITS = forms.form(
    Limits,
    (),
    connect=forms.whole(1, 20),
    total=forms.whole(1, 30),
    size=forms.whole(1_000, 50_000_000),
    records=forms.whole(1, MOST_RECORDS),
)
_FORM = forms.form(
    dict,
    (),
    **{each.name: each.form for each in CONNECTORS},
    items=_ITEMS,
    serves=forms.form(dict, (), **{need: forms.one_of(*able) for need, able in _ABLE.items()}),
    limits=_LIMITS,
)


def _check_choices(place: Place) -> None:
    """Refuse a choice of a connector that the profile does not have."""
    if place["serves"].is_absent or not isinstance(place["serves"].value, dict):
        return
    for need, chosen in place["serves"].fields():
        is_had = chosen.value == BY_HAND or not place[str(chosen.value)].is_absent
        if chosen.value in _ABLE.get(need, ()) and not is_had:
            chosen.refuse("bad_reference")


# ---------------------------------------------------------------- reading


def read_profile(
    library: str, told: object, secrets: Mapping[str, str], *, reach: Reach | None = None
) -> Profile:
    """Return the profile in a stored document; secrets stand beside it, by name.

    :param reach: looks at every address, too: where a profile is saved
    :raises FaultyProfile: with every fault
    """
    faults = check(told, reach=reach)
    if faults or not isinstance(told, dict):
        raise FaultyProfile(faults)
    read: dict[str, Any] = {}
    waiting: dict[str, str] = {}
    known = Secrets(secrets)
    for connector in (each for each in CONNECTORS if told.get(each.name)):
        try:
            read[connector.name] = connector.read(told[connector.name], known)
        except NoSecret as error:
            waiting[connector.name] = str(error)
        except ValueError as error:
            # what a protocol alone knows and the forms do not
            raise FaultyProfile((Fault(connector.name, "bad_value"),)) from error
    return Profile(
        library=library,
        connectors={name: said for name, said in read.items() if said is not None},
        serves=dict(told.get("serves") or {}),
        kinds=_ITEMS.read(told["items"], known) if told.get("items") else None,
        limits=_LIMITS.read(told["limits"], known) if told.get("limits") else None,
        secrets=known.within(told),
        waiting=waiting,
    )
