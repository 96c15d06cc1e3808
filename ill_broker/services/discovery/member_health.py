"""What searches learn of members' finders, and who is left alone for it."""

from collections.abc import Iterable
from datetime import datetime

from connectors.ports import Registry
from ill_broker.services.discovery.fan_out import Member, MemberState
from ill_broker.services.members.connector_health import Call, PartnerHealth

#: what an end of a member's part shows of its system; a search that is over waits no longer to know
_LIVES = {
    MemberState.ANSWERED: True,
    MemberState.REFUSED: True,
    MemberState.GARBLED: True,
    MemberState.UNREACHABLE: False,
    MemberState.SLOW: None,
}


class SearchHealth:
    """Keeps searches off finders that rest, and tells how the others did."""

    def __init__(self, health: PartnerHealth | None, registry: Registry) -> None:
        self._health = health
        self._registry = registry

    def resting(self, libraries: Iterable[str], now: datetime) -> frozenset[str]:
        """Return those whose finder is not to be asked now."""
        if self._health is None:
            return frozenset()
        return frozenset(self._health.resting({each: self._finder(each) for each in libraries}, now))

    def note(self, members: Iterable[Member], now: datetime) -> None:
        """Tell how each member's part of a search ended; who was not asked showed nothing."""
        if self._health is not None:
            self._health.note((self._call(each) for each in members if each.state in _LIVES), now=now)

    def _call(self, part: Member) -> Call:
        failure = None if part.state is MemberState.ANSWERED else part.detail or part.state
        return Call(
            library=part.library,
            connector=self._finder(part.library),
            failure=failure,
            lives=_LIVES[part.state],
            milliseconds=part.milliseconds,
        )

    def _finder(self, library: str) -> str:
        return self._registry.connectors(library).served_by.get("find", "find")
