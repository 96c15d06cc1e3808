"""What every decision shares, whatever it is about: one transaction, taken anew if another one was faster."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from ill_broker.services.refusals import Outdated
from ill_broker.storage.failures import Busy, LimitHit, Stale
from ill_broker.storage.store import Store

#: how often a decision is taken anew because another one was saved first
_TRIES = 8
_T = TypeVar("_T")


def decided(store: Store, work: Callable[[Connection], _T]) -> _T:
    """Do *work* in one transaction; anew, if another decision was saved meanwhile.

    :raises Busy: if that never ends
    """
    for _ in range(_TRIES):
        try:
            with store.writing() as conn:
                return work(conn)
        except (Stale, LimitHit):
            continue
    raise Busy("others keep changing the same")


def insist(version: int, expected: Callable[[int], None]) -> None:
    """Go on only if the version at hand is the one that is meant.

    :raises Outdated: if it is not
    """
    try:
        expected(version)
    except Stale as error:
        raise Outdated(version=version) from error
