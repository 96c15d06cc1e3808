"""What a library says of how it is reached, by every protocol, read whole or not at all."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors import forms
from connectors.iso18626 import profile as iso18626
from connectors.iso18626.mapping import IsoProfile
from connectors.koha import profile as koha
from connectors.koha.mapping import KohaProfile
from connectors.mail import profile as mail
from connectors.mail.partner import MailProfile
from connectors.ncip import profile as ncip
from connectors.ncip.mapping import NcipProfile
from connectors.oaipmh import profile as oaipmh
from connectors.oaipmh.client import OaiProfile
from connectors.profile_secrets import NoSecret, Secrets
from connectors.sip2 import profile as sip2
from connectors.sip2.mapping import Sip2Profile
from connectors.sru import profile as sru
from connectors.sru.profile import SruProfile
from connectors.transport import Limits
from connectors.webhook import profile as webhook
from connectors.webhook.profile import WebhookProfile
from connectors.z3950 import profile as z3950
from connectors.z3950.mapping import Z3950Profile
from workflows.policies.document import Fault, Place
from workflows.policies.item_types import FLAGS, Kinds
from workflows.policies.rule_checks import TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connectors.addresses import Reach

#: How connectors are called, in the order in which they are thought of.
CONNECTORS = ("sru", "z3950", "oai", "iso18626", "webhook", "koha", "email", "sip2", "ncip")
BY_HAND = "by_hand"
#: Which connectors can serve a need, the first choice first; by hand is always possible.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "find": ("sru", "z3950", "koha"),
    "harvest": ("oai",),
    "ask": ("iso18626", "webhook", "koha", "email", BY_HAND),
    "patrons": ("sip2", "ncip", "koha"),
    "hold_shelf": ("ncip", "koha"),
    "circulation": ("sip2", "ncip"),
    "temporary_items": ("ncip",),
}
_COLLECTION = re.compile(r"[a-z][a-z0-9_]{0,39}")
_MOST_FAULTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How one library can be reached; None where it cannot."""

    library: str
    sru: SruProfile | None = None
    z3950: Z3950Profile | None = None
    oai: OaiProfile | None = None
    iso18626: IsoProfile | None = None
    webhook: WebhookProfile | None = None
    koha: KohaProfile | None = None
    #: asked by letter, where nothing of the library's can be asked by machine
    email: MailProfile | None = None
    sip2: Sip2Profile | None = None
    ncip: NcipProfile | None = None
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
    _FORM(place, reach)
    _check_choices(place)
    return tuple(sorted(set(place.faults)))[:_MOST_FAULTS]


_MEANINGS = forms.words(forms.one_of((*TYPES, *FLAGS)))
_ITEMS = forms.form(
    (),
    item_types=_MEANINGS,
    labels=_MEANINGS,
    call_numbers=_MEANINGS,
    places=_MEANINGS,
    collections=forms.words(forms.shaped(_COLLECTION)),
)
_FORM = forms.form(
    (),
    sru=sru.FORM,
    z3950=z3950.FORM,
    oai=oaipmh.FORM,
    iso18626=iso18626.FORM,
    webhook=webhook.FORM,
    koha=koha.FORM,
    email=mail.FORM,
    sip2=sip2.FORM,
    ncip=ncip.FORM,
    items=_ITEMS,
    serves=forms.form((), **{need: forms.one_of(able) for need, able in NEEDS.items()}),
    limits=forms.form(
        (), connect=forms.whole(1, 20), total=forms.whole(1, 30), size=forms.whole(1_000, 50_000_000)
    ),
)


def _check_choices(place: Place) -> None:
    """Refuse a choice of a connector that the profile does not have."""
    if place["serves"].is_absent or not isinstance(place["serves"].value, dict):
        return
    for need, chosen in place["serves"].fields():
        is_had = chosen.value == BY_HAND or not place[str(chosen.value)].is_absent
        if need in NEEDS and not chosen.is_absent and chosen.value in NEEDS[need] and not is_had:
            chosen.refuse("bad_reference")


# ---------------------------------------------------------------- reading


_READ: Mapping[str, Callable[[Mapping[str, Any], Secrets], Any]] = {
    "sru": sru.read,
    "z3950": z3950.read,
    "oai": oaipmh.read,
    "iso18626": iso18626.read,
    "webhook": webhook.read,
    "koha": koha.read,
    "email": mail.read,
    "sip2": sip2.read,
    "ncip": ncip.read,
}


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
    for name in filter(told.get, _READ):
        try:
            read[name] = _READ[name](told[name], known)
        except NoSecret as error:
            waiting[name] = str(error)
        except ValueError as error:
            # what a protocol's own profile knows and the forms do not
            raise FaultyProfile((Fault(name, "bad_value"),)) from error
    return Profile(
        library=library,
        **{name: profile for name, profile in read.items() if profile is not None},
        serves=dict(told.get("serves") or {}),
        kinds=_kinds(forms.present(told["items"])) if told.get("items") else None,
        limits=Limits(**forms.present(told["limits"])) if told.get("limits") else None,
        secrets=known.within(told),
        waiting=waiting,
    )


def _kinds(told: Mapping[str, Mapping[Any, str]]) -> Kinds:
    return Kinds(**{sign: {str(word): kind for word, kind in words.items()} for sign, words in told.items()})
