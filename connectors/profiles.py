"""What a library says of how it is reached, by every protocol, read whole or not at all."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from connectors import forms
from connectors.iso18626 import profile as iso18626
from connectors.iso18626.mapping import IsoProfile
from connectors.iso18626.profile import read_profile as read_iso
from connectors.koha import profile as koha
from connectors.koha.mapping import IllModule, KohaProfile
from connectors.koha.mapping import Login as KohaLogin
from connectors.mail import profile as mail
from connectors.mail.partner import MailProfile
from connectors.ncip import profile as ncip
from connectors.ncip.mapping import NcipProfile
from connectors.oaipmh import profile as oaipmh
from connectors.oaipmh.client import OaiProfile
from connectors.sip2 import profile as sip2
from connectors.sip2.mapping import Login as Sip2Login
from connectors.sip2.mapping import Sip2Profile
from connectors.sru import profile as sru
from connectors.sru.mapping import ALMA, BATH, K10PLUS, Indexes
from connectors.sru.profile import SruProfile
from connectors.transport import Limits
from connectors.webhook import profile as webhook
from connectors.webhook.profile import WebhookProfile
from connectors.z3950 import profile as z3950
from connectors.z3950.mapping import Habits, Z3950Profile
from connectors.z3950.messages import Credentials, Syntax
from workflows.policies.document import Fault, Place
from workflows.policies.item_types import FLAGS, Kinds
from workflows.policies.rule_checks import TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from connectors.addresses import Reach

#: The secret by which we sign what we say to a library; the one kind that has no name in a profile.
OUTBOUND = "outbound"
#: Members whose null means none, not the usual.
_NULLS: Mapping[str, Collection[str]] = {"sru": ("schema",), "z3950": ("element_set",)}
_INDEXES = {"bath": BATH, "alma": ALMA, "k10plus": K10PLUS}


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


class NoSecret(LookupError):
    """A secret that a profile names is not stored."""


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
    for name in filter(told.get, _BUILDERS):
        said = _present(told[name], but=_NULLS.get(name, ()))
        try:
            read[name] = _BUILDERS[name](said, partial(_secret, secrets))
        except NoSecret as error:
            waiting[name] = str(error)
        except ValueError as error:
            # what a protocol's own profile knows and the forms do not
            raise FaultyProfile((Fault(name, "bad_value"),)) from error
    return Profile(
        library=library,
        **{name: profile for name, profile in read.items() if profile is not None},
        serves=dict(told.get("serves") or {}),
        kinds=_kinds(_present(told["items"])) if told.get("items") else None,
        limits=Limits(**_present(told["limits"])) if told.get("limits") else None,
        secrets={name: secrets[name] for name in _named(told) if name in secrets},
        waiting=waiting,
    )


def _kinds(told: Mapping[str, Mapping[Any, str]]) -> Kinds:
    return Kinds(**{sign: {str(word): kind for word, kind in words.items()} for sign, words in told.items()})


def _secret(secrets: Mapping[str, str], name: str) -> str:
    if name not in secrets:
        raise NoSecret(name)
    return secrets[name]


def _present(told: Mapping[str, Any], *, but: Collection[str] = ()) -> dict[str, Any]:
    """Return the members that say something; null says nothing, except where *but* names them."""
    return {name: value for name, value in told.items() if value is not None or name in but}


def _named(told: object) -> set[str]:
    """Return the names of all secrets that a document refers to."""
    match told:
        case {"ref": str(name), **others} if not others:
            return {name}
        case dict():
            return {name for inside in told.values() for name in _named(inside)}
    return set()


# ---------------------------------------------------------------- one protocol each


if TYPE_CHECKING:
    _Secret = Callable[[str], str]
    _Build = Callable[[dict[str, Any], _Secret], Any]


def _sru(told: dict[str, Any], _secret: _Secret) -> SruProfile:
    indexes = told.pop("indexes", "bath")
    return SruProfile(
        indexes=_INDEXES[indexes] if isinstance(indexes, str) else Indexes(**_present(indexes)), **told
    )


def _z3950(told: dict[str, Any], secret: _Secret) -> Z3950Profile:
    if "syntaxes" in told:
        told["syntaxes"] = tuple(Syntax[name] for name in told["syntaxes"])
    if "habits" in told:
        # here null says something: the attribute is left out
        told["habits"] = Habits(**told["habits"])
    if "credentials" in told:
        said = _present(told["credentials"])
        password = secret(said.pop("secret")["ref"]) if "secret" in said else ""
        told["credentials"] = Credentials(password=password, **said)
    return Z3950Profile(**told)


def _koha(told: dict[str, Any], secret: _Secret) -> KohaProfile:
    login = _present(told.pop("login"))
    ill = told.pop("ill", None)
    return KohaProfile(
        login=KohaLogin(**{**login, "secret": _known(login["secret"], secret)}),
        ill=IllModule(**_present(ill)) if ill else None,
        **told,
    )


def _sip2(told: dict[str, Any], secret: _Secret) -> Sip2Profile:
    login, terminal = told.pop("login", None), told.pop("terminal_secret", None)
    if login is not None:
        login = _present(login)
        login = Sip2Login(**{**login, "secret": _known(login["secret"], secret)})
    return Sip2Profile(
        login=login, terminal_secret=_known(terminal, secret) if terminal is not None else None, **told
    )


def _known(reference: Mapping[str, str], secret: _Secret) -> str:
    """Return the name of a secret, once it is sure that there is one."""
    secret(reference["ref"])
    return reference["ref"]


def _iso18626(told: dict[str, Any], secret: _Secret) -> IsoProfile | None:
    """Return how the partner is asked; None for one that only writes to us."""
    if "url" not in told:
        return None
    values = {
        name: secret(told.pop(name)["ref"]) if name in told else None for name in ("token", "security_code")
    }
    told.pop("proof", None)
    return read_iso(told, **values)


_BUILDERS: Mapping[str, _Build] = {
    "sru": _sru,
    "z3950": _z3950,
    "oai": lambda told, _: OaiProfile(**told),
    "iso18626": _iso18626,
    "webhook": lambda told, secret: WebhookProfile(told["base_url"], secret(OUTBOUND)),
    "koha": _koha,
    "email": lambda told, _: MailProfile(**told),
    "sip2": _sip2,
    "ncip": lambda told, _: NcipProfile(**told),
}
if tuple(_BUILDERS) != CONNECTORS:  # pragma: no cover - seen at the first import
    raise AssertionError(CONNECTORS)
