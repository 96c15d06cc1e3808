"""Records of the union catalogue whose terms and numbers were made by earlier rules: made anew in batches."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Connection, bindparam, select, update

from ill_broker.storage.catalogue_rows import catalogue_records as records
from ill_broker.storage.catalogue_works import numbers
from ill_broker.storage.records import from_json
from workflows.citation import Hit


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as it was read, and of which list it was then."""

    id: int
    round: int
    hit: Hit


def outdated(conn: Connection, edition: int, *, most: int) -> list[Stored]:
    """Return some records that were made by the rules of another release; none at the end."""
    rows = conn.execute(_CHANGED_BY_ANOTHER, {"most": most}).all()
    rows = rows or conn.execute(_OF_EARLIER_RULES, {"most": most, "edition": edition}).all()
    return [Stored(row.id, row.round, from_json(Hit, row.hit)) for row in rows]


def remake(conn: Connection, made: Iterable[tuple[Stored, Sequence[str]]], edition: int) -> None:
    """Store terms and numbers by the rules of *edition*, unless the record was told anew meanwhile."""
    told = [
        {
            "of_id": stored.id,
            "of_round": stored.round,
            "terms": terms,
            **numbers(stored.hit.citation),
            "numbered_round": stored.round,
            "edition": edition,
        }
        for stored, terms in made
    ]
    if told:
        conn.execute(_REMADE, told)


_FOUND = select(records.c.id, records.c.round, records.c.hit).limit(bindparam("most"))
#: A release that knows no numbers, still at work beside this one, changes a record and its round only.
_CHANGED_BY_ANOTHER = _FOUND.where(records.c.work.is_(None) | (records.c.numbered_round != records.c.round))
_OF_EARLIER_RULES = _FOUND.where(records.c.edition < bindparam("edition"))
_REMADE = (
    update(records)
    .where(records.c.id == bindparam("of_id"), records.c.round == bindparam("of_round", type_=BigInteger))
    .values({name: bindparam(name) for name in ("terms", "work", "unnumbered", "numbered_round", "edition")})
)
