"""From what a library says of itself to the connectors it is reached by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors.manual import ByHand
from connectors.ports import Connectors
from connectors.sru.client import SruFinder
from connectors.sru.mapping import BATH
from connectors.transport import AsyncTarget, Limits, Target, anywhere
from connectors.webhook.client import WebhookPartner

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from connectors.sru.mapping import Indexes
    from connectors.transport import AddressCheck


@dataclass(frozen=True, slots=True)
class SruProfile:
    url: str
    indexes: Indexes = BATH
    version: str = "1.2"
    schema: str | None = "marcxml"


@dataclass(frozen=True, slots=True)
class WebhookProfile:
    base_url: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How one library can be reached; None where it cannot."""

    library: str
    sru: SruProfile | None = None
    webhook: WebhookProfile | None = None


class ProfileRegistry:
    """Keeps the connectors of every library, built once: a connection is dear."""

    def __init__(
        self,
        profiles: Mapping[str, Profile],
        *,
        now: Callable[[], datetime],
        limits: Limits | None = None,
        check: AddressCheck = anywhere,
    ) -> None:
        self._now = now
        self._limits = limits or Limits()
        self._check = check
        self._known = {code: self._built(profile) for code, profile in profiles.items()}

    def connectors(self, library: str) -> Connectors:
        """Return the connectors of *library*; one that is not known is asked by hand."""
        return self._known.get(library) or Connectors(library, supplier=ByHand(library))

    def _built(self, profile: Profile) -> Connectors:
        partner = self._partner(profile)
        return Connectors(
            profile.library,
            finder=self._finder(profile),
            supplier=partner or ByHand(profile.library),
            witness=partner,
        )

    def _finder(self, profile: Profile) -> SruFinder | None:
        if profile.sru is None:
            return None
        target = AsyncTarget(profile.library, self._limits, self._check)
        sru = profile.sru
        return SruFinder(target, sru.url, indexes=sru.indexes, version=sru.version, schema=sru.schema)

    def _partner(self, profile: Profile) -> WebhookPartner | None:
        if profile.webhook is None:
            return None
        target = Target(profile.library, self._limits, self._check)
        return WebhookPartner(target, profile.webhook.base_url, profile.webhook.secret, self._now)
