"""Rings what has come due: a request that waits longer than it may, a card whose holder is to be told."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

import structlog
from sqlalchemy import Connection

from ill_broker.services.cards.loan_cards import LoanCards
from ill_broker.services.requests.door import Requests
from ill_broker.storage import cards as card_rows
from ill_broker.storage import requests as request_rows
from ill_broker.storage.store import Store
from workflows.actors import SYSTEM
from workflows.cards.card import RemindHolder
from workflows.ids import CardId, RequestId
from workflows.requests.commands import Ring

_BATCH = 200
_log = structlog.get_logger()
_Id = TypeVar("_Id", RequestId, CardId)


def ring_alarms(store: Store, requests: Requests, now: datetime) -> int:
    """Ring every alarm of a request that has come, and return how many."""

    def ring(request_id: RequestId) -> datetime | None:
        alarm = requests.handle(request_id, Ring(), SYSTEM, now=now).alarm
        return None if alarm is None else alarm.at

    return _ring_all(store, lambda conn, n: request_rows.with_alarm_before(conn, now, n), ring, now)


def remind_holders(store: Store, cards: LoanCards, now: datetime) -> int:
    """Remind every holder of a loan card whose time has come, and return how many."""

    def remind(card_id: CardId) -> datetime | None:
        return cards.handle(card_id, RemindHolder(), SYSTEM, now=now).remind_at

    return _ring_all(store, lambda conn, n: card_rows.to_remind(conn, now, n), remind, now)


def _ring_all(
    store: Store,
    due: Callable[[Connection, int], Sequence[_Id]],
    ring: Callable[[_Id], datetime | None],
    now: datetime,
) -> int:
    """Ring all that is due, only that, and return how many; one that fails keeps no other waiting.

    :param due: what is due, the longest waiting first, at most so many
    :param ring: rings one and returns when it rings again
    """
    rung = 0
    failed: set[_Id] = set()
    while True:
        with store.reading() as conn:
            found = due(conn, _BATCH + len(failed))
        fresh = [one for one in found if one not in failed]
        if not fresh:
            return rung
        failed |= {one for one in fresh if not _is_rung(ring, one, now)}
        rung += len(set(fresh) - failed)


def _is_rung(ring: Callable[[_Id], datetime | None], one: _Id, now: datetime) -> bool:
    """Ring one; false if it still rings, so that it is left for the next time."""
    try:
        again = ring(one)
    except Exception:  # noqa: BLE001 - the job runner's edge
        _log.exception("what was due could not be rung", what=one)
        return False
    return again is None or again > now
