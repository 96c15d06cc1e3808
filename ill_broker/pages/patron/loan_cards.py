"""Loan cards: which libraries they admit the reader to, what they allow there, and until when."""

from __future__ import annotations

from typing import Any

from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.pages.libraries import library_name
from ill_broker.services.cards.overview import CardOverview, SeenCard
from ill_broker.texts.days_and_amounts import said_amount, said_day
from ill_broker.texts.policy_values import translated
from ill_broker.web.context import now, service
from ill_broker.web.language import page_language
from workflows.actors import Role
from workflows.cards.card import CardStatus

blueprint = room("own_cards", __name__)
#: more cards than any policy lends to one patron
_MOST = 100


@blueprint.get("/loan-cards")
@seen_by(Role.PATRON)
def show_all() -> Any:
    """Show the cards that the reader has."""
    held = service(CardOverview).page(me(), now=now(), limit=_MOST, role="desk").items
    return page("patron/loan_cards.html", cards=[_shown(each) for each in held])


def _shown(seen: SeenCard) -> dict[str, Any]:
    card, spoken = seen.card, page_language()
    fine = seen.fine.amount if seen.fine else None
    return {
        "number": card.barcode,
        "library": library_name(card.library),
        "desk": library_name(card.desk),
        "rights": [translated(right, spoken) for right in seen.rights],
        "due": said_day(card.loan.due, spoken) if card.loan else "",
        "is_lost": card.status is CardStatus.LOST,
        "is_late": bool(seen.fine and seen.fine.overdue_days),
        "fine": said_amount(fine, spoken) if fine else "",
        "book_due": said_day(seen.book_due, spoken) if seen.book_due else "",
    }
