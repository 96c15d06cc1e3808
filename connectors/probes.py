"""Trying out, harmlessly, whether a library's connectors work: one question each that changes nothing."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from connectors.failures import Garbled, PartnerFailure, Refused
from connectors.ports import Outcome, StatusQuestion, Trial
from connectors.profiles import CONNECTORS
from connectors.registry import Kit
from connectors.sru.mapping import chosen
from workflows.citation import Query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from connectors.addresses import Reach
    from connectors.ports import Finder, PatronDirectory
    from connectors.profiles import Profile

#: An ISBN that no book has: prefix 978-0-00 belongs to a publisher, the rest to nothing it ever printed.
_NO_BOOK = "9780000000002"
_NOBODY = "ill-broker-test"
_SECONDS = 10.0


def try_out(profile: Profile, *, now: Callable[[], datetime], reach: Reach) -> Iterator[Trial]:
    """Try each connector of a profile, one after the other.

    Clients are made for the trial alone, so that none waits behind those at work.
    """
    probes = Probes(Kit(profile, now=now, reach=reach), now)
    for name in CONNECTORS:
        if name in profile.waiting:
            detail = f"the secret {profile.waiting[name]} is not stored"
            yield Trial(connector=name, outcome=Outcome.NOT_TRIED, detail=detail)
        elif getattr(profile, name) is not None:
            yield _tried(name, getattr(probes, name))


def _tried(name: str, probe: Callable[[], str | None]) -> Trial:
    began = time.monotonic()
    try:
        told, outcome = probe(), Outcome.OK
    except PartnerFailure as failure:
        told, outcome = failure.detail, Outcome.FAILED
    took = round((time.monotonic() - began) * 1000)
    if told is None:
        return Trial(
            connector=name, outcome=Outcome.NOT_TRIED, detail="nothing can be tried without sending a letter"
        )
    return Trial(connector=name, outcome=outcome, milliseconds=took, detail=told)


class Probes:
    """One question for each connector; each returns in words what the library said.

    They raise PartnerFailure where it does not work.
    """

    def __init__(self, kit: Kit, now: Callable[[], datetime]) -> None:
        self._kit = kit
        self._now = now

    def sru(self) -> str:
        finder = self._kit.sru()
        try:
            told = asyncio.run(finder.explain(deadline=_SECONDS))
        except (Refused, Garbled):
            # Not every server explains itself; what counts is whether it finds.
            return _finds(self._kit.sru())
        offered = chosen(told)
        return f"explains itself: {offered.text}, {offered.title}, {offered.author}, {offered.isbn}"

    def z3950(self) -> str:
        return _finds(self._kit.z3950())

    def oai(self) -> str:
        self._kit.harvester().identity()
        return "identifies itself"

    def iso18626(self) -> str:
        """Ask where a request stands that the partner cannot know: that it says so shows that it listens."""
        try:
            self._kit.iso18626().tell(self._question())
        except Refused as refusal:
            if refusal.detail.startswith(("HTTP", "not an address")) or " is not called " in refusal.detail:
                raise
            return f"answers, and does not know a request that there is not: {refusal.detail}"
        return "answers"

    def webhook(self) -> str:
        self._kit.webhook().did_you_get(self._question().message_id)
        return "takes what we sign"

    def koha(self) -> str:
        return _looks_up(self._kit.koha)

    def email(self) -> None:
        return None

    def sip2(self) -> str:
        system = self._kit.sip2
        try:
            system.greet()
        finally:
            system.close()
        return "lets us in, and says what it can do"

    def ncip(self) -> str:
        return _looks_up(self._kit.ncip)

    def _question(self) -> StatusQuestion:
        now = self._now()
        name = f"ill-broker-test-{now:%Y%m%d%H%M%S%f}"
        return StatusQuestion(message_id=name, request_id=name, at=now)


def _looks_up(directory: PatronDirectory) -> str:
    found = directory.look_up(_NOBODY)
    return "looks up patrons" if found is None else f"knows a patron with the card {_NOBODY}"


def _finds(finder: Finder) -> str:
    found = asyncio.run(finder.find(Query(isbn=_NO_BOOK), deadline=_SECONDS))
    return f"searches; {found.total} records for a book that there is not"
