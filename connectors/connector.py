"""What a protocol brings, so that a library's profile can name it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from connectors.transport import AsyncTarget, Limits, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from connectors.addresses import Reach
    from connectors.ports import Connectors, Supplier
    from connectors.profile_secrets import Secrets
    from connectors.trials import Answer
    from workflows.policies.forms import Kind

    #: Who writes to a library, as the e-mail connector's part of its profile says.
    ByMail = Callable[[str, Any], Supplier]

P = TypeVar("P")

#: What a library may be needed for, and the port that serves it.
NEEDS: Mapping[str, str] = {
    "find": "finder",
    "harvest": "harvester",
    "ask": "supplier",
    "patrons": "patrons",
    "hold_shelf": "hold_shelf",
    "circulation": "circulation",
    "temporary_items": "temporary_items",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """With what the clients of one library are made."""

    library: str
    secrets: Secrets
    now: Callable[[], datetime]
    #: None where the library leaves them to us.
    limits: Limits | None
    #: Where it may be called.
    reach: Reach
    by_mail: ByMail
    #: The next choice for asking: says what the connector at hand has no words for.
    otherwise: Supplier

    def target(self, usual: Limits | None = None) -> Target:
        return Target(self.library, self.limits or usual or Limits(), self.reach)

    def async_target(self) -> AsyncTarget:
        return AsyncTarget(self.library, self.limits or Limits(), self.reach)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector(Generic[P]):
    """One protocol, as profiles see it; *P* is what its part of a profile is read into."""

    #: What a profile calls it.
    name: str
    #: The needs that it can serve, if the library's system does.
    serves: tuple[str, ...]
    #: How its part of a profile is checked and read.
    form: Kind
    #: Nothing is called yet.
    connect: Callable[[P, Line], Connectors]
    #: Puts questions that change nothing, and tells what came; None where there are no such ones.
    #:
    #: :raises PartnerFailure: if it does not work
    probe: Callable[[P, Line], Answer | str | None]

    def read(self, told: Mapping[str, Any], secrets: Secrets) -> P | None:
        """Return what a profile says of it; None where that gives nothing to call.

        :raises NoSecret: if it cannot be used without one that is not stored
        """
        said: P | None = self.form.read(told, secrets)
        return said
