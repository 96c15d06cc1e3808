"""From what a library says of itself to the connectors it is reached by."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from connectors.addresses import Reach
from connectors.connector import NEEDS, Line
from connectors.manual import ByHand
from connectors.ports import Connectors
from connectors.profile_secrets import Secrets
from connectors.profiles import BY_HAND
from connectors.registry import CONNECTORS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from connectors.connector import ByMail
    from connectors.ports import Supplier
    from connectors.profiles import Profile


def nobody_writes(library: str, _profile: Any) -> Supplier:
    """Return who asks by letter in a process that sends none."""
    return ByHand(library)


class ProfileRegistry:
    """Keeps the connectors of every library, built once: a connection is dear."""

    def __init__(
        self,
        profiles: Mapping[str, Profile],
        *,
        now: Callable[[], datetime],
        reach: Reach | None = None,
        by_mail: ByMail = nobody_writes,
    ) -> None:
        """Build what is needed to reach the libraries of *profiles*.

        :param reach: where they may be called; the public addresses if None
        """
        self._line = partial(line_to, now=now, reach=reach or Reach(), by_mail=by_mail)
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
        return profile, _connected(profile, self._line(profile))


def line_to(
    profile: Profile, *, now: Callable[[], datetime], reach: Reach, by_mail: ByMail = nobody_writes
) -> Line:
    """Return with what the clients of a library are made, where nothing is asked but by hand."""
    return Line(
        library=profile.library,
        secrets=Secrets(profile.secrets),
        now=now,
        limits=profile.limits,
        reach=reach,
        by_mail=by_mail,
        otherwise=ByHand(profile.library),
    )


def _connected(profile: Profile, line: Line) -> Connectors:
    """Return the connectors, each need being served as the profile says or by the first that can."""
    had = _each(profile, line)
    served_by = {need: name for need in NEEDS if (name := _chosen(need, had, profile.serves))}
    ports = {NEEDS[need]: getattr(had[name], NEEDS[need]) for need, name in served_by.items()}
    return Connectors(
        profile.library,
        **ports,
        witness=had[served_by["ask"]].witness,
        requester=next((each.requester for each in had.values() if each.requester), None),
        kinds=profile.kinds,
        served_by=served_by,
    )


def _each(profile: Profile, line: Line) -> dict[str, Connectors]:
    """Return what each connector offers by itself, the first choice first; asking by hand is the last."""
    found = {BY_HAND: Connectors(profile.library, supplier=line.otherwise)}
    for connector in reversed(CONNECTORS):
        if connector.name in profile.connectors:
            offered = connector.connect(profile.connectors[connector.name], line)
            line = replace(line, otherwise=offered.supplier or line.otherwise)
            found[connector.name] = offered
    return dict(reversed(found.items()))


def _chosen(need: str, had: Mapping[str, Connectors], serves: Mapping[str, str | None]) -> str | None:
    able = [name for name, offered in had.items() if getattr(offered, NEEDS[need]) is not None]
    if need not in serves:
        return next(iter(able), None)
    if serves[need] in able:
        return serves[need]
    # who is chosen and cannot leaves the need to the desk
    return BY_HAND if BY_HAND in able else None
