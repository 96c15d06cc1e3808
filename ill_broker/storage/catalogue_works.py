"""Works of the union catalogue: which of them fit, and every record that any library has of them."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    ColumnElement,
    Connection,
    Text,
    bindparam,
    case,
    column,
    func,
    literal,
    null,
    select,
    text,
    union,
    union_all,
    update,
)

from ill_broker.storage.catalogue_rows import catalogue_lists
from ill_broker.storage.catalogue_rows import catalogue_records as records
from ill_broker.storage.columns import UTCDateTime
from ill_broker.storage.records import from_json
from workflows.citation import Citation, Hit, work_key
from workflows.ids import LibraryCode

#: with more records than this no further work is shown; of one work and library no more than that are read
MOST_RECORDS, MOST_ALIKE = 2_000, 50
#: a numbered work may be told of by an unnumbered record, and that by the title that another library gave
_STEPS = 2
_NUMBERED_AT_ONCE = 5_000
_COLUMNS = (
    column("id", BigInteger),
    column("library", Text),
    column("work", BigInteger),
    column("unnumbered", BigInteger),
)


@dataclass(frozen=True, slots=True)
class Tally:
    """How much of the catalogue fits, shown or not."""

    works: int
    records: Mapping[LibraryCode, int]


def numbers(citation: Citation) -> dict[str, int]:
    """Return the numbers of a record's work, and of what it would be without its ISBN."""
    return {"work": number(citation), "unnumbered": number(replace(citation, isbn=None))}


def number(citation: Citation) -> int:
    """Return the number of a work; that two works have one is not to be expected."""
    digest = sha256(work_key(citation).encode(errors="surrogatepass")).digest()
    return int.from_bytes(digest[:8]) >> 1


def number_all(conn: Connection) -> None:
    """Tell the records that were stored before there were numbers of which work they are."""
    unknown = select(records.c.id, records.c.hit).where(records.c.work.is_(None)).limit(_NUMBERED_AT_ONCE)
    numbered = (
        update(records)
        .where(records.c.id == bindparam("of_id"))
        .values(work=bindparam("of_work"), unnumbered=bindparam("of_unnumbered"))
    )
    are_new = False
    while rows := conn.execute(unknown).all():
        told = [(row.id, numbers(from_json(Hit, row.hit).citation)) for row in rows]
        conn.execute(
            numbered,
            [{"of_id": of_id, **{f"of_{name}": one for name, one in of.items()}} for of_id, of in told],
        )
        are_new = True
    if are_new:
        conn.execute(text("ANALYZE catalogue_records"))


def fitting(conn: Connection, terms: Sequence[str], *, now: datetime, most: int) -> list[int]:
    """Return the numbers of works that have a record with all the terms, of a current library."""
    if not terms:
        return []
    if conn.dialect.name == "sqlite":
        wanted = {"wanted": _expression([terms]), "now": now, "most": most}
        return list(conn.execute(_FITTING_SQLITE, wanted).scalars())
    found = _matches(conn, [terms], now)
    first = select(found.c.work).group_by(found.c.work).order_by(func.min(found.c.id))
    return list(conn.execute(first.limit(most)).scalars())


def tally(conn: Connection, choices: Collection[Sequence[str]], *, now: datetime) -> Tally:
    """Return how many works and records have all the terms of any of the choices."""
    found = _matches(conn, choices, now)
    counted = select(found.c.library, func.count().label("number")).group_by(found.c.library)
    told = conn.execute(union_all(counted, select(null(), _works_of(found)))).all()
    by_library = {LibraryCode(library): count for library, count in told if library is not None}
    return Tally(next(count for library, count in told if library is None), by_library)


def held(conn: Connection, works: Iterable[int], *, now: datetime) -> tuple[list[Hit], bool]:
    """Return all that current libraries have of these works, work by work, and whether no work was left out.

    Works are left out rather than a library that has one: those at the end, if there are too many records.
    """
    groups = _groups(conn, list(works), now)
    taken = _taken(conn, groups, now)
    mine = records.c.work.in_(taken) & _is_current(now)
    nth = func.row_number().over(partition_by=(records.c.work, records.c.library), order_by=records.c.id)
    counted = select(records.c.id, nth.label("nth")).where(mine).subquery()
    few = select(counted.c.id).where(counted.c.nth <= MOST_ALIKE)
    rows = conn.execute(select(records.c.id, records.c.work, records.c.hit).where(records.c.id.in_(few)))
    ranked = sorted(rows, key=lambda row: (taken[row.work], row.id))
    return [from_json(Hit, row.hit) for row in ranked], len(taken) == sum(map(len, groups))


def known(conn: Connection, works: Collection[int], *, now: datetime) -> frozenset[int]:
    """Return those of the works of which a current library has a record."""
    found = select(records.c.work).where(records.c.work.in_(works), _is_current(now)).distinct()
    return frozenset(conn.execute(found).scalars())


def _groups(conn: Connection, works: list[int], now: datetime) -> list[set[int]]:
    """Return the works, each with the unnumbered one that is the same: it has the title of no other."""
    sole: dict[int, int] = {}
    for _ in range(_STEPS):
        sole |= _sole(conn, {*works, *sole, *sole.values()}, now)
    groups: defaultdict[int, set[int]] = defaultdict(set)
    for work in works:
        groups[sole.get(work, work)].add(work)
    for plain, numbered in sole.items():
        if numbered in groups:
            groups[numbered] |= {plain, numbered}
    return list(groups.values())


def _sole(conn: Connection, works: Collection[int], now: datetime) -> dict[int, int]:
    """Return the only numbered work by the unnumbered one, for all that one of the works may be."""
    titles = select(records.c.unnumbered).where(records.c.work.in_(works))
    lowest, highest = func.min(records.c.work), func.max(records.c.work)
    found = (
        select(records.c.unnumbered, lowest)
        .where(records.c.work != records.c.unnumbered, records.c.unnumbered.in_(titles), _is_current(now))
        .group_by(records.c.unnumbered)
        .having(lowest == highest)
    )
    return {row[0]: row[1] for row in conn.execute(found)}


def _taken(conn: Connection, groups: list[set[int]], now: datetime) -> dict[int, int]:
    """Return the works of the first groups that have few enough records together, with the groups' places."""
    every = {work for group in groups for work in group}
    size: Counter[int] = Counter()
    alike = select(records.c.work, func.count()).where(records.c.work.in_(every), _is_current(now))
    for work, count in conn.execute(alike.group_by(records.c.work, records.c.library)):
        size[work] += min(count, MOST_ALIKE)
    taken: dict[int, int] = {}
    total = 0
    for place, group in enumerate(groups):
        total += sum(size[work] for work in group)
        if taken and total > MOST_RECORDS:
            break
        taken |= dict.fromkeys(group, place)
    return taken


def _is_current(now: datetime) -> ColumnElement[bool]:
    current = select(catalogue_lists.c.library).where(catalogue_lists.c.current_until > now)
    return records.c.library.in_(current)


def _works_of(found: CTE) -> ColumnElement[int]:
    """Return how many works there are, a numbered one and the unnumbered that is the same as one."""
    numbered = case((found.c.work != found.c.unnumbered, found.c.work))
    has_plain = func.max(case((found.c.work == found.c.unnumbered, 1), else_=0)) == 1
    joined = (
        select(found.c.unnumbered)
        .group_by(found.c.unnumbered)
        .having(has_plain, func.min(numbered) == func.max(numbered))
        .subquery()
    )
    every = select(func.count(found.c.work.distinct())).scalar_subquery()
    return every - select(func.count()).select_from(joined).scalar_subquery()


def _matches(conn: Connection, choices: Collection[Sequence[str]], now: datetime) -> CTE:
    if conn.dialect.name == "sqlite":
        wanted = _MATCHES_SQLITE.bindparams(wanted=_expression(choices), now=now)
        return wanted.columns(*_COLUMNS).cte("found")
    at = literal(now, UTCDateTime)
    parts = [
        select(func.catalogue_matches(literal(list(terms), ARRAY(Text)), at).table_valued(*_COLUMNS))
        for terms in choices
    ]
    return (union(*parts) if len(parts) > 1 else parts[0]).cte("found")


def _expression(choices: Iterable[Sequence[str]]) -> str:
    """Return choices of terms as SQLite's full-text index wants them."""
    return " OR ".join("(" + " AND ".join(f'"{term}"' for term in terms) + ")" for terms in choices)


#: A cross join is SQLite's way to be told where to begin.
_FOUND_SQLITE = """ FROM catalogue_words w
    CROSS JOIN catalogue_records r INDEXED BY ix_catalogue_records_found ON r.id = w.rowid
    WHERE w.catalogue_words MATCH :wanted
    AND r.library IN (SELECT library FROM catalogue_lists WHERE current_until > :now)"""
_NOW = bindparam("now", type_=UTCDateTime)
_MATCHES_SQLITE = text("SELECT r.id, r.library, r.work, r.unnumbered" + _FOUND_SQLITE).bindparams(_NOW)
#: It goes through the records in their order and stops when there are enough.
_FITTING_SQLITE = text("SELECT DISTINCT r.work" + _FOUND_SQLITE + " LIMIT :most").bindparams(_NOW)
