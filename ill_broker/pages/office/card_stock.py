"""Loan cards across the libraries: how many each desk keeps, has given out, has lost."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import Response

from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.pages.libraries import library_name
from ill_broker.services.cards.overview import CardOverview
from ill_broker.web.context import service
from workflows.actors import Role
from workflows.cards.card import CardStatus

blueprint = room("card_stock", __name__)
#: a bar is as wide as a hundred
_WHOLE = 100


@blueprint.get("/office/cards")
@seen_by(Role.OFFICE)
def show() -> Response:
    """Show how many cards there are, by the desk that keeps them and the library they admit to."""
    return page("office/card_stock.html", **_stock())


def _stock() -> dict[str, Any]:
    counts: dict[tuple[str, str], Counter[CardStatus]] = {}
    for one in service(CardOverview).stock(me()):
        counts.setdefault((one.desk, one.library), Counter())[one.status] += one.cards
    rows = [
        {
            "desk": library_name(desk),
            "library": library_name(library),
            "counts": [found[status] for status in CardStatus],
            "total": found.total(),
            "out": _WHOLE * found[CardStatus.ISSUED] // max(found.total(), 1),
        }
        for (desk, library), found in sorted(counts.items())
    ]
    every = sum(counts.values(), Counter())
    return {"rows": rows, "totals": [every[status] for status in CardStatus], "total": every.total()}
