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
    CompoundSelect,
    Connection,
    Text,
    bindparam,
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
_NUMBERED_AT_ONCE = 1_000
_COLUMNS = (
    column("id", BigInteger),
    column("library", Text),
    column("work", BigInteger),
    column("unnumbered", BigInteger),
)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a record has to have besides, and what it must not have."""

    #: one of them, where there are any
    one_of: tuple[str, ...] = ()
    #: not all of any of these
    never: tuple[tuple[str, ...], ...] = ()


ALL_OF_THEM = Narrowing()


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
    are_new = False
    while number_some(conn):
        are_new = True
    if are_new:
        conn.execute(text("ANALYZE catalogue_records"))


def number_some(conn: Connection) -> int:
    """Tell some records of an earlier release of which work they are, and return how many; 0 at the end."""
    rows = conn.execute(_UNNUMBERED).all()
    told = [(row.id, numbers(from_json(Hit, row.hit).citation)) for row in rows]
    if told:
        conn.execute(
            _NUMBERED,
            [{"of_id": of_id, **{f"of_{name}": one for name, one in of.items()}} for of_id, of in told],
        )
    return len(told)


def fitting(
    conn: Connection, terms: Sequence[str], *, now: datetime, most: int, narrowing: Narrowing = ALL_OF_THEM
) -> list[int]:
    """Return the numbers of works that have a record with all the terms, of a current library."""
    if not terms:
        return []
    if conn.dialect.name == "sqlite":
        wanted = {"wanted": _expression([terms], narrowing), "now": now, "most": most}
        return list(conn.execute(_FITTING_SQLITE, wanted).scalars())
    found = _matches([terms], now, narrowing)
    first = (
        select(found.c.work)
        .where(found.c.work.is_not(None))
        .group_by(found.c.work)
        .order_by(func.min(found.c.id))
    )
    return list(conn.execute(first.limit(most)).scalars())


def tally(
    conn: Connection,
    choices: Collection[Sequence[str]],
    *,
    now: datetime,
    narrowing: Narrowing = ALL_OF_THEM,
) -> Tally:
    """Return how many works and records have all the terms of any of the choices."""
    if conn.dialect.name == "sqlite":
        told = conn.execute(_TALLY_SQLITE, {"wanted": _expression(choices, narrowing), "now": now}).all()
    else:
        told = conn.execute(_tally_of(_matches(choices, now, narrowing))).all()
    by_library = {LibraryCode(library): count for library, count in told if library is not None}
    return Tally(next(count for library, count in told if library is None), by_library)


def held(conn: Connection, works: Iterable[int], *, now: datetime) -> tuple[list[Hit], bool]:
    """Return all that current libraries have of these works, work by work, and whether no work was left out.

    Works are left out rather than a library that has one: those at the end, if there are too many records.
    """
    groups = _groups(conn, list(works), now)
    every = {work for group in groups for work in group}
    of_work = {row[0]: row[1] for row in conn.execute(_ALIKE, {"works": every, "now": now})}
    taken = _taken(groups, Counter(of_work.values()))
    shown = [of_id for of_id, work in of_work.items() if work in taken]
    told = {row[0]: row[1] for row in conn.execute(_HITS, {"ids": shown})}
    ranked = sorted(told, key=lambda of_id: (taken[of_work[of_id]], of_id))
    return [from_json(Hit, told[of_id]) for of_id in ranked], len(taken) == len(every)


def known(conn: Connection, works: Collection[int], *, now: datetime) -> frozenset[int]:
    """Return those of the works of which a current library has a record."""
    return frozenset(conn.execute(_KNOWN, {"works": works, "now": now}).scalars())


def _groups(conn: Connection, works: list[int], now: datetime) -> list[set[int]]:
    """Return the works, each with the unnumbered one that is the same: it has the title of no other."""
    sole = _sole(conn, works, now)
    # An unnumbered record leads to a numbered work, and that to the titles that other libraries gave it.
    if new := set(sole.values()).difference(works):
        sole |= _sole(conn, new, now)
    groups: defaultdict[int, set[int]] = defaultdict(set)
    for work in works:
        groups[sole.get(work, work)].add(work)
    for plain, numbered in sole.items():
        if numbered in groups:
            groups[numbered] |= {plain, numbered}
    return list(groups.values())


def _sole(conn: Connection, works: Collection[int], now: datetime) -> dict[int, int]:
    """Return the only numbered work by the unnumbered one, for all that one of the works may be."""
    return {row[0]: row[1] for row in conn.execute(_SOLE, {"works": works, "now": now})}


def _taken(groups: list[set[int]], size: Mapping[int, int]) -> dict[int, int]:
    """Return the works of the first groups that have few enough records together, with the groups' places."""
    taken: dict[int, int] = {}
    total = 0
    for place, group in enumerate(groups):
        total += sum(size[work] for work in group)
        if taken and total > MOST_RECORDS:
            break
        taken |= dict.fromkeys(group, place)
    return taken


def _tally_of(found: CTE) -> CompoundSelect[str | None, int]:
    counted = select(found.c.library, func.count().label("number")).group_by(found.c.library)
    return union_all(counted, select(null(), _works_of(found)))


def _works_of(found: CTE) -> ColumnElement[int]:
    """Return how many works there are, a numbered one and the unnumbered that is the same as one."""
    is_plain = found.c.work == found.c.unnumbered
    joined = (
        select(found.c.unnumbered)
        .where(~is_plain, found.c.unnumbered.in_(select(found.c.work).where(is_plain)))
        .group_by(found.c.unnumbered)
        .having(func.min(found.c.work) == func.max(found.c.work))
        .subquery()
    )
    every = select(func.count(found.c.work.distinct())).scalar_subquery()
    return every - select(func.count()).select_from(joined).scalar_subquery()


def _matches(choices: Collection[Sequence[str]], now: datetime, narrowing: Narrowing) -> CTE:
    """Return what has all the terms of any of the choices, on PostgreSQL."""
    at = literal(now, UTCDateTime)
    parts = [select(func.catalogue_matches(_array(terms), at).table_valued(*_COLUMNS)) for terms in choices]
    found = (union(*parts) if len(parts) > 1 else parts[0]).cte("found")
    if narrowing == ALL_OF_THEM:
        return found
    narrow = [~records.c.terms.bool_op("@>")(_array(terms)) for terms in narrowing.never]
    if narrowing.one_of:
        narrow.append(records.c.terms.bool_op("&&")(_array(narrowing.one_of)))
    return select(found).join(records, records.c.id == found.c.id).where(*narrow).cte("narrow")


def _array(terms: Iterable[str]) -> ColumnElement[Sequence[str]]:
    return literal(list(terms), ARRAY(Text))


def _expression(choices: Iterable[Sequence[str]], narrowing: Narrowing) -> str:
    """Return choices of terms as SQLite's full-text index wants them."""
    found = " OR ".join(map(_all, choices))
    if narrowing.one_of:
        found = f"({found}) AND ({' OR '.join(map(_quoted, narrowing.one_of))})"
    return f"({found})" + "".join(f" NOT {_all(terms)}" for terms in narrowing.never)


def _all(terms: Iterable[str]) -> str:
    return "(" + " AND ".join(map(_quoted, terms)) + ")"


def _quoted(term: str) -> str:
    return f'"{term}"'


# ---------------------------------------------------------------- statements, built once

#: An earlier release, still at work beside this one, changes a record and its round but not its numbers.
_UNNUMBERED = (
    select(records.c.id, records.c.hit)
    .where(records.c.work.is_(None) | (records.c.numbered_round != records.c.round))
    .limit(_NUMBERED_AT_ONCE)
    .with_for_update(skip_locked=True)
)
_NUMBERED = (
    update(records)
    .where(records.c.id == bindparam("of_id"))
    .values(
        work=bindparam("of_work"),
        unnumbered=bindparam("of_unnumbered"),
        numbered_round=records.c.round,
    )
)
_NOW = bindparam("now", type_=UTCDateTime)
_THESE = records.c.work.in_(bindparam("works", expanding=True))
_IS_CURRENT = records.c.library.in_(
    select(catalogue_lists.c.library).where(catalogue_lists.c.current_until > _NOW)
)
_KNOWN = select(records.c.work).where(_THESE, _IS_CURRENT).distinct()
_LOWEST, _HIGHEST = func.min(records.c.work), func.max(records.c.work)
_SOLE = (
    select(records.c.unnumbered, _LOWEST)
    .where(
        records.c.work != records.c.unnumbered,
        records.c.unnumbered.in_(select(records.c.unnumbered).where(_THESE)),
        _IS_CURRENT,
    )
    .group_by(records.c.unnumbered)
    .having(_LOWEST == _HIGHEST)
)
_NTH = func.row_number().over(partition_by=(records.c.work, records.c.library), order_by=records.c.id)
_COUNTED = select(records.c.id, records.c.work, _NTH.label("nth")).where(_THESE, _IS_CURRENT).subquery()
_ALIKE = select(_COUNTED.c.id, _COUNTED.c.work).where(_COUNTED.c.nth <= MOST_ALIKE)
_HITS = select(records.c.id, records.c.hit).where(records.c.id.in_(bindparam("ids", expanding=True)))
#: A cross join is SQLite's way to be told where to begin. Without the plus it seeks each record once for each
#: current library.
_FOUND_SQLITE = """ FROM catalogue_words w
    CROSS JOIN catalogue_records r INDEXED BY ix_catalogue_records_found ON r.id = w.rowid
    WHERE w.catalogue_words MATCH :wanted
    AND +r.library IN (SELECT library FROM catalogue_lists WHERE current_until > :now)"""
_MATCHES_SQLITE = text("SELECT r.id, r.library, r.work, r.unnumbered" + _FOUND_SQLITE).bindparams(_NOW)
_TALLY_SQLITE = _tally_of(_MATCHES_SQLITE.columns(*_COLUMNS).cte("found"))
#: It goes through the records in their order and stops when there are enough.
_FITTING_SQLITE = text(
    "SELECT DISTINCT r.work" + _FOUND_SQLITE + " AND r.work IS NOT NULL LIMIT :most"
).bindparams(_NOW)
