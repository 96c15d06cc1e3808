"""Writes to the holders of loan cards before the due date and after it."""

from datetime import datetime

import structlog

from ill_broker.services.loan_cards import LoanCards
from ill_broker.storage import cards as card_rows
from ill_broker.storage.store import Store
from workflows.actors import SYSTEM
from workflows.ids import CardId
from workflows.loan_cards import RemindHolder

_BATCH = 200
_log = structlog.get_logger()


def remind_holders(store: Store, cards: LoanCards, now: datetime) -> int:
    """Remind every holder whose time has come and return how many; only what is due that day is looked at."""
    reminded = 0
    failed: set[CardId] = set()
    while True:
        with store.reading() as conn:
            due = card_rows.to_remind(conn, now, _BATCH + len(failed))
        fresh = [card_id for card_id in due if card_id not in failed]
        if not fresh:
            return reminded
        failed |= {card_id for card_id in fresh if not _remind(cards, card_id, now)}
        reminded += len(set(fresh) - failed)


def _remind(cards: LoanCards, card_id: CardId, now: datetime) -> bool:
    """Remind one holder; false if it is still to be done, so that it is left for the next time."""
    try:
        again = cards.handle(card_id, RemindHolder(), SYSTEM, now=now).remind_at
    except Exception:  # noqa: BLE001 - a holder who cannot be reminded keeps no other from it
        _log.exception("a holder could not be reminded", card=card_id)
        return False
    return again is None or again > now
