"""For whom a patron exists, and who decides for which library about them."""

from sqlalchemy import Connection

from ill_broker.services.audit import looked_at
from ill_broker.services.refusals import Unknown
from ill_broker.storage import people
from ill_broker.storage import requests as request_rows
from workflows.actors import Actor, Role
from workflows.ids import LibraryCode, PatronId
from workflows.patrons import Patron


def visible_patron(conn: Connection, patron_id: PatronId, actor: Actor) -> Patron:
    """Return the patron: to themselves, their own desk, the office, and a lender that is asked for them.

    :raises Unknown: if the patron does not exist for *actor*
    """
    patron = people.patron(conn, patron_id)
    if patron is None or not (_is_near(actor, patron) or _lends_to(conn, actor, patron)):
        raise Unknown
    looked_at(patron)
    return patron


def sees(actor: Actor, patron: Patron, library: LibraryCode) -> bool:
    """Tell whether somebody for whom the patron exists learns what this library says of them."""
    return _is_near(actor, patron) or actor.library == library


def decides_for(actor: Actor, library: LibraryCode) -> bool:
    """Tell whether this is the library's staff, or the office: for libraries where nobody logs in."""
    return actor.role is Role.OFFICE or (actor.role is Role.STAFF and actor.library == library)


def knows_by_name(actor: Actor, patron: Patron) -> bool:
    """Tell whether *actor* may be told who the patron is."""
    return _is_near(actor, patron)


def _is_near(actor: Actor, patron: Patron) -> bool:
    match actor.role:
        case Role.PATRON:
            return actor.id == patron.id
        case Role.STAFF:
            return actor.library == patron.home
        case _:
            return actor.role is Role.OFFICE


def _lends_to(conn: Connection, actor: Actor, patron: Patron) -> bool:
    lender = actor.library
    return actor.role is Role.STAFF and lender is not None and request_rows.knows(conn, lender, patron.id)
