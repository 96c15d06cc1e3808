"""What the templates of loan cards at the desk are given: words, days and amounts, never records."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from ill_broker.pages.frame import me
from ill_broker.pages.libraries import library_name
from ill_broker.services.cards.overview import SeenCard
from ill_broker.storage.cards import StockCount
from ill_broker.texts.catalogue import say
from ill_broker.texts.days_and_amounts import said_amount, said_day
from ill_broker.web.language import page_language
from workflows.cards.card import CardStatus, CardStep, card_actions


def shown_stock(counts: Iterable[StockCount]) -> list[tuple[str, ...]]:
    """Return how many cards of each library the desk keeps or owns, by where they are."""
    found: dict[tuple[str, str], dict[CardStatus, int]] = {}
    for each in counts:
        found.setdefault((each.library, each.desk), {})[each.status] = each.cards
    return [
        (library_name(library), library_name(desk), *(str(of.get(status, 0)) for status in CardStatus))
        for (library, desk), of in found.items()
    ]


def shown_cards(seen: Iterable[SeenCard]) -> list[dict[str, Any]]:
    """Return cards as lines."""
    return [shown_card(each) for each in seen]


def shown_by_day(seen: Iterable[SeenCard], today: date) -> list[dict[str, Any]]:
    """Return cards that are out by the day on which they are to come back, the longest over first."""
    by_day: dict[date, list[SeenCard]] = {}
    for each in seen:
        if each.card.loan is not None:
            by_day.setdefault(each.card.loan.due, []).append(each)
    return [
        {
            "day": said_day(day, page_language(), weekday=True),
            "is_over": day < today,
            "is_today": day == today,
            "cards": [_with_button(each) for each in cards],
        }
        for day, cards in sorted(by_day.items())
    ]


def _with_button(seen: SeenCard) -> dict[str, Any]:
    """Return a card with whom to call, and whether this desk takes it back: nobody may keep it longer."""
    return shown_card(seen) | {
        "mobile": seen.patron.mobile if seen.patron else "",
        "can_take_back": CardStep.TAKE_BACK in card_actions(me(), seen.card),
    }


def shown_card_page(seen: SeenCard) -> dict[str, Any]:
    """Return a card with what whoever looks may do with it; what brings it back comes first."""
    steps = [step.value for step in card_actions(me(), seen.card) if step not in _ELSEWHERE]
    return {
        "card": shown_card(seen),
        "desk": library_name(seen.card.desk),
        "can_issue": CardStep.ISSUE in card_actions(me(), seen.card),
        "steps": steps,
        "first": next((step for step in steps if step in _BACK), ""),
    }


#: with the reader before one, and by the clock
_ELSEWHERE = {CardStep.ISSUE, CardStep.REMIND}
_BACK = {CardStep.TAKE_BACK, CardStep.RECORD_FOUND}


def shown_card(seen: SeenCard) -> dict[str, Any]:
    """Return a loan card: where it admits to, until when, what it costs so far."""
    card, spoken = seen.card, page_language()
    is_late = bool(seen.fine and seen.fine.overdue_days)
    moods = {CardStatus.LOST: "bad", CardStatus.ISSUED: "bad" if is_late else "good"}
    return {
        "id": card.id,
        "barcode": card.barcode,
        "library": library_name(card.library),
        "status": say(f"desk_cards.{card.status}", spoken),
        "mood": moods.get(card.status, "quiet"),
        "due": said_day(card.loan.due, spoken) if card.loan else "",
        "is_late": is_late,
        "holder": seen.patron.id if seen.patron else "",
        "holder_name": seen.patron.name if seen.patron else "",
        "fine": said_amount(seen.fine.amount, spoken) if seen.fine and seen.fine.amount and is_late else "",
    }
