"""Trying out, harmlessly, whether a library's connectors work: one question each that changes nothing."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from connectors.failures import PartnerFailure
from connectors.members import line_to
from connectors.registry import CONNECTORS
from connectors.trials import Answer, Outcome, Trial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from connectors.addresses import Reach
    from connectors.profiles import Profile


def try_out(profile: Profile, *, now: Callable[[], datetime], reach: Reach) -> Iterator[Trial]:
    """Try each connector of a profile, one after the other.

    Clients are made for the trial alone, so that none waits behind those at work.
    """
    line = line_to(profile, now=now, reach=reach)
    for connector in CONNECTORS:
        name = connector.name
        if name in profile.waiting:
            detail = f"the secret {profile.waiting[name]} is not stored"
            yield Trial(connector=name, outcome=Outcome.NOT_TRIED, detail=detail)
        elif name in profile.connectors:
            yield _tried(name, partial(connector.probe, profile.connectors[name], line))


def _tried(name: str, probe: Callable[[], Answer | str | None]) -> Trial:
    began = time.monotonic()
    told: Answer | str | None
    try:
        told, outcome = probe(), Outcome.OK
    except PartnerFailure as failure:
        told, outcome = failure.detail, Outcome.FAILED
    took = round((time.monotonic() - began) * 1000)
    if told is None:
        return Trial(
            connector=name, outcome=Outcome.NOT_TRIED, detail="nothing can be tried without sending a letter"
        )
    answer = told if isinstance(told, Answer) else Answer(told)
    refused = tuple(replace(each, field=f"{name}.{each.field}") for each in answer.refused)
    if refused:
        outcome = Outcome.FAILED
    return Trial(connector=name, outcome=outcome, milliseconds=took, detail=answer.detail, refused=refused)
