"""Folding the identifiers of rows that were stored before there was a folded form beside the typed one."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Table, null, select, update

from ill_broker.storage.rows import loan_cards, patrons, requests, staff
from workflows.identifiers import fold
from workflows.ids import LibraryCode
from workflows.requests.lifecycle import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """An identifier that is, folded, somebody else's already: nothing is found by it."""

    #: card_number, login or barcode
    what: str
    #: whose card number it is
    library: LibraryCode | None
    #: as it was typed
    identifier: str
    #: the patron, the member of staff or the loan card that has it
    id: str
    #: whose it is folded; None if nobody's
    holder: str | None


#: table, what it calls the identifier, and its folded form
_FOLDED = (
    (patrons, "card_number", "card_folded"),
    (staff, "login", "login_folded"),
    (loan_cards, "barcode", "barcode_folded"),
)


def fold_all(conn: Connection) -> None:
    """Fold what is not folded yet, the oldest first; what would clash stays as it is."""
    for clash, table, folded in _unfolded(conn):
        if clash.holder is None:
            mine = update(table).where(table.c.id == clash.id)
            conn.execute(mine.values({folded: fold(clash.identifier)}))
    found = select(requests.c.id, requests.c.item_barcode).where(
        requests.c.item_barcode.is_not(None), requests.c.status != Status.CLOSED
    )
    for row in conn.execute(found).all():
        barcode = fold(row.item_barcode)
        if barcode != row.item_barcode:
            conn.execute(update(requests).where(requests.c.id == row.id).values(item_barcode=barcode))


def clashes(conn: Connection) -> list[Clash]:
    """Return what could not be folded, or was not yet."""
    return [clash for clash, _, _ in _unfolded(conn)]


def _unfolded(conn: Connection) -> Iterator[tuple[Clash, Table, str]]:
    for table, name, folded in _FOLDED:
        home = table.c.home if table is patrons else null()
        found = select(table.c.id, table.c[name], home.label("home")).where(table.c[folded].is_(None))
        for clashing, identifier, library in conn.execute(found.order_by(table.c.id)).all():
            holder = select(table.c.id).where(table.c[folded] == fold(identifier))
            if library is not None:
                holder = holder.where(home == library)
            whose = conn.execute(holder).scalar_one_or_none()
            clash = Clash(what=name, library=library, identifier=identifier, id=clashing, holder=whose)
            yield clash, table, folded
