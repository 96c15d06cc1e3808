"""Looks again, night by night, for what readers wait for."""

import time
from collections.abc import Callable
from datetime import datetime

import structlog

from ill_broker.services.discovery.wish_rounds import WishRounds
from ill_broker.services.places import Crowded
from ill_broker.storage.failures import StorageFailure

#: seconds in which one run goes on taking up works; a search that has begun is finished
BUDGET_SECONDS = 20.0
_log = structlog.get_logger()


def look_again(
    rounds: WishRounds,
    now: datetime,
    *,
    seconds: float = BUDGET_SECONDS,
    timer: Callable[[], float] = time.monotonic,
) -> int:
    """Look for one work after the other, for some seconds, and return for how many readers that ended.

    One that fails waits for the next night and keeps no other waiting.
    """
    until, ended = timer() + seconds, 0
    for same in rounds.due(now):
        if timer() >= until:
            break
        try:
            ended += rounds.look(same, now)
        except (Crowded, StorageFailure):
            break
        except Exception:  # noqa: BLE001 - the job runner's edge
            _log.exception("a wish could not be looked at", wish=same[0].id)
            rounds.put_off(same, now)
    return ended
