"""From what a library says of itself to the connectors it is reached by."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar

from connectors.addresses import Reach
from connectors.iso18626.client import IsoPartner, IsoRequester
from connectors.koha.calls import KohaCalls
from connectors.koha.client import KohaFinder, KohaSystem
from connectors.koha.keeper import Keeper
from connectors.koha.supplier import KohaSupplier
from connectors.manual import ByHand
from connectors.ncip.client import NcipSystem
from connectors.oaipmh.client import LIMITS as HARVEST_LIMITS
from connectors.oaipmh.client import OaiHarvester
from connectors.ports import Connectors
from connectors.profiles import BY_HAND, NEEDS
from connectors.sip2.client import LIMITS as SIP2_LIMITS
from connectors.sip2.client import Sip2System
from connectors.sru.client import SruFinder
from connectors.transport import AsyncTarget, Limits, Target
from connectors.webhook.client import WebhookPartner
from connectors.z3950.client import Z3950Finder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from connectors.mail.partner import MailProfile
    from connectors.ports import Finder, HoldShelf, PatronDirectory, Supplier
    from connectors.profiles import Profile

    ByMail = Callable[[str, MailProfile], Supplier]

T = TypeVar("T")


def nobody_writes(library: str, _profile: MailProfile) -> Supplier:
    """Return who asks by letter in a process that sends none."""
    return ByHand(library)


class ProfileRegistry:
    """Keeps the connectors of every library, built once: a connection is dear."""

    def __init__(
        self,
        profiles: Mapping[str, Profile],
        *,
        now: Callable[[], datetime],
        limits: Limits | None = None,
        reach: Reach | None = None,
        by_mail: ByMail = nobody_writes,
    ) -> None:
        """Build what is needed to reach the libraries of *profiles*.

        :param reach: where they may be called; the public addresses if None
        """
        self._build = partial(Kit, now=now, limits=limits, reach=reach or Reach(), by_mail=by_mail)
        self._known: dict[str, tuple[Profile, Connectors]] = {}
        self.change(profiles)

    def change(self, profiles: Mapping[str, Profile]) -> None:
        """Reach libraries as *profiles* say; one whose profile is the same keeps its connections."""
        self._known = {
            code: kept if (kept := self._known.get(code)) and kept[0] == profile else self._new(profile)
            for code, profile in profiles.items()
        }

    def connectors(self, library: str) -> Connectors:
        """Return the connectors of *library*; one that is not known is asked by hand."""
        known = self._known.get(library)
        return known[1] if known else Connectors(library, supplier=ByHand(library))

    def _new(self, profile: Profile) -> tuple[Profile, Connectors]:
        return profile, self._build(profile).connectors()


class Kit:
    """Builds the clients of one library, each once."""

    def __init__(
        self,
        profile: Profile,
        *,
        now: Callable[[], datetime],
        limits: Limits | None = None,
        reach: Reach,
        by_mail: ByMail = nobody_writes,
    ) -> None:
        self.profile = profile
        self._now = now
        self._limits = profile.limits or limits
        self._reach = reach
        self._by_mail = by_mail

    def connectors(self) -> Connectors:
        """Return the connectors, each need being served as the profile says or by the first that can."""
        by = {need: self._chosen(need) for need in NEEDS}
        supplier = self.supplier(by["ask"])
        patrons: Mapping[str | None, PatronDirectory] = self._systems("sip2", "ncip", "koha")
        shelves: Mapping[str | None, HoldShelf] = self._systems("ncip", "koha")
        return Connectors(
            self.profile.library,
            finder=self.finder(by["find"]),
            supplier=supplier,
            witness=supplier if isinstance(supplier, WebhookPartner | KohaSupplier) else None,
            patrons=patrons.get(by["patrons"]),
            hold_shelf=shelves.get(by["hold_shelf"]),
            circulation=self._systems("sip2", "ncip").get(by["circulation"]),
            temporary_items=self._systems("ncip").get(by["temporary_items"]),
            harvester=self.harvester() if by["harvest"] else None,
            kinds=self.profile.kinds,
            requester=IsoRequester(self._target(), iso) if (iso := self.profile.iso18626) else None,
            served_by={need: name for need, name in by.items() if name},
        )

    def _systems(self, *names: str) -> dict[str | None, Any]:
        return {name: getattr(self, name) for name in names if getattr(self.profile, name) is not None}

    def _chosen(self, need: str) -> str | None:
        able = [name for name in NEEDS[need] if name == BY_HAND or self._has(name, need)]
        if need not in self.profile.serves:
            return next(iter(able), None)
        wanted = self.profile.serves[need]
        return wanted if wanted in able else self._fallback(need)

    def _fallback(self, need: str) -> str | None:
        return BY_HAND if need == "ask" else None

    def _has(self, name: str, need: str) -> bool:
        if name == "koha" and need == "ask":
            return self.profile.koha is not None and self.profile.koha.ill is not None
        return getattr(self.profile, name) is not None

    # ------------------------------------------------------------ finding

    def finder(self, name: str | None) -> Finder | None:
        """Return what finds by the connector of this name; None where it is no name of one."""
        finders: Mapping[str | None, Callable[[], Finder]] = {
            "sru": self.sru,
            "z3950": self.z3950,
            "koha": self.koha_finder,
        }
        return finders[name]() if name in finders else None

    def sru(self) -> SruFinder:
        told = _had(self.profile.sru)
        return SruFinder(
            self._async_target(),
            told.url,
            indexes=told.indexes,
            version=told.version,
            schema=told.schema,
            holdings_schema=told.holdings_schema,
        )

    def z3950(self) -> Z3950Finder:
        return Z3950Finder(
            self.profile.library, _had(self.profile.z3950), limits=self._limits or Limits(), reach=self._reach
        )

    def koha_finder(self) -> KohaFinder:
        return KohaFinder(self._async_target(), self._keeper)

    def harvester(self) -> OaiHarvester:
        limits = self.profile.limits or HARVEST_LIMITS
        return OaiHarvester(Target(self.profile.library, limits, self._reach), _had(self.profile.oai))

    # ------------------------------------------------------------ asking

    def supplier(self, name: str | None) -> Supplier:
        """Return what asks by the connector of this name; by hand where it is no name of one."""
        suppliers: Mapping[str | None, Callable[[], Supplier]] = {
            "iso18626": self.iso18626,
            "webhook": self.webhook,
            "koha": self._koha_supplier,
            "email": self._correspondent,
        }
        return suppliers[name]() if name in suppliers else ByHand(self.profile.library)

    def iso18626(self) -> IsoPartner:
        return IsoPartner(self._target(), _had(self.profile.iso18626))

    def webhook(self) -> WebhookPartner:
        told = _had(self.profile.webhook)
        return WebhookPartner(self._target(), told.base_url, told.secret, self._now)

    def _koha_supplier(self) -> KohaSupplier:
        module = _had(_had(self.profile.koha).ill)
        return KohaSupplier(self._koha_calls, module, self._correspondent())

    def _correspondent(self) -> Supplier:
        email = self.profile.email
        return self._by_mail(self.profile.library, email) if email else ByHand(self.profile.library)

    # ------------------------------------------------------------ a library's own system

    @cached_property
    def sip2(self) -> Sip2System:
        return Sip2System(
            self.profile.library,
            _had(self.profile.sip2),
            secrets=self.profile.secrets.__getitem__,
            now=self._now,
            limits=self.profile.limits or SIP2_LIMITS,
            reach=self._reach,
        )

    @cached_property
    def ncip(self) -> NcipSystem:
        return NcipSystem(self._target(), _had(self.profile.ncip), self._now)

    @cached_property
    def koha(self) -> KohaSystem:
        return KohaSystem(self._koha_calls)

    @cached_property
    def _koha_calls(self) -> KohaCalls:
        return KohaCalls(self._target(), self._keeper)

    @cached_property
    def _keeper(self) -> Keeper:
        return Keeper(self.profile.library, _had(self.profile.koha), self.profile.secrets.__getitem__)

    def _target(self) -> Target:
        return Target(self.profile.library, self._limits or Limits(), self._reach)

    def _async_target(self) -> AsyncTarget:
        return AsyncTarget(self.profile.library, self._limits or Limits(), self._reach)


def _had(told: T | None) -> T:
    """Return what the profile says, which whoever asks has made sure of."""
    if told is None:
        raise LookupError("not in the profile")
    return told
