"""What a library says of how it is reached, by every protocol, read whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from connectors.iso18626.mapping import IsoProfile
from connectors.iso18626.profile import read_profile as read_iso
from connectors.koha.mapping import IllModule, KohaProfile
from connectors.koha.mapping import Login as KohaLogin
from connectors.mail.partner import MailProfile
from connectors.ncip.mapping import NcipProfile
from connectors.oaipmh.client import OaiProfile
from connectors.profile_forms import CONNECTORS, check
from connectors.sip2.mapping import Login as Sip2Login
from connectors.sip2.mapping import Sip2Profile
from connectors.sru.mapping import ALMA, BATH, K10PLUS, Indexes
from connectors.transport import Limits
from connectors.z3950.mapping import Habits, Z3950Profile
from connectors.z3950.messages import Credentials, Syntax
from workflows.policies.document import Fault
from workflows.policies.item_types import Kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from connectors.addresses import Reach

#: The secret by which we sign what we say to a library; the one kind that has no name in a profile.
OUTBOUND = "outbound"
#: Members whose null means none, not the usual.
_NULLS: Mapping[str, Collection[str]] = {"sru": ("schema",), "z3950": ("element_set",)}
_INDEXES = {"bath": BATH, "alma": ALMA, "k10plus": K10PLUS}


@dataclass(frozen=True, slots=True)
class SruProfile:
    url: str
    indexes: Indexes = BATH
    version: str = "1.2"
    schema: str | None = "marcxml"
    #: the schema that tells the copies, where the records do not
    holdings_schema: str | None = None


@dataclass(frozen=True, slots=True)
class WebhookProfile:
    base_url: str
    secret: str = field(repr=False)


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
