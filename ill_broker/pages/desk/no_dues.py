"""What stands open with a reader, each with the way to end it; when nothing does, the paper that says so."""

from __future__ import annotations

from typing import Any

from flask import url_for

from ill_broker.pages.desk.reader_presenters import shown_reader
from ill_broker.pages.desk.readers import READER, known
from ill_broker.pages.frame import local_day, me, page, room, seen_by, zone
from ill_broker.pages.libraries import library_name
from ill_broker.services.privileges.no_dues import Due, NoDues, OpenMatters
from ill_broker.services.privileges.patron_view import knows_by_name
from ill_broker.texts.catalogue import say
from ill_broker.texts.days_and_amounts import said_amount, said_day
from ill_broker.web.context import now, service
from ill_broker.web.language import page_language
from workflows.actors import Role
from workflows.languages import TAGS
from workflows.patrons import Patron

blueprint = room("no_dues", __name__)


@blueprint.get(f"{READER}/no-dues")
@seen_by(Role.STAFF)
def show(patron_id: str) -> Any:
    """Show what stands open; if nothing does, the certificate in the reader's language."""
    reader = known(patron_id)
    found = service(NoDues).answer(reader.id, None, me(), now=now())
    return page(
        "desk/no_dues.html",
        reader=shown_reader(reader),
        library=library_name(found.library),
        dues=[_shown(one, reader) for one in found.open],
        paper=_certificate(found, reader) if found.clear else None,
    )


def _shown(due: Due, reader: Patron) -> dict[str, Any]:
    """Return an open thing as a line; only the reader's own desk is led to where it ends."""
    return {
        "kind": say(f"desk.dues.kind.{due.kind}", page_language()),
        "title": due.title or "",
        "number": due.number or "",
        "library": library_name(due.library),
        "amount": said_amount(due.amount, page_language()) if due.amount else "",
        "address": _ends(due, reader) if knows_by_name(me(), reader) else "",
    }


def _ends(due: Due, reader: Patron) -> str:
    """Return the page on which an open thing is ended."""
    if due.card:
        return url_for("pages.cards.show", card_id=due.card)
    if due.typed_request:
        return url_for("pages.desk_typed.show", typed_id=due.typed_request)
    if due.request:
        return url_for("pages.desk_requests.show", request_id=due.request)
    money = due.amount
    currency = money.currency if money else ""
    return url_for("pages.money.ask_payment", patron_id=reader.id, lender=due.library, currency=currency)


def _certificate(found: OpenMatters, reader: Patron) -> dict[str, Any]:
    """Return the paper: who has nothing open with whom, who says so, and when."""
    spoken, at = reader.language, found.as_of.astimezone(zone())
    is_known = knows_by_name(me(), reader)
    facts = {
        "reader": reader.name if is_known else "",
        "card": reader.card_number,
        "home": library_name(reader.home, spoken),
        "with": library_name(found.library, spoken),
        "day": said_day(local_day(found.as_of), spoken),
        "time": f"{at:%H:%M}",
    }
    one, any_ = say("desk.dues.paper.one", spoken, facts), say("desk.dues.paper.any", spoken, facts)
    return {
        "tag": TAGS[spoken],
        "heading": say("desk.dues.paper.heading", spoken),
        "desk": library_name(me().library, spoken),
        "text": any_ if found.library is None else one,
        "facts": [
            (say("desk.dues.paper.by", spoken), found.by or ""),
            (say("desk.dues.paper.on", spoken), f"{facts['day']} {facts['time']}"),
        ],
        "seal": say("desk.dues.paper.seal", spoken),
    }
