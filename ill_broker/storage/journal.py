"""Patrons' accounts: postings are added, never changed, by one transaction at a time for each account."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, insert, select, update

from ill_broker.storage.account_rows import PROPOSAL, accounts, postings
from ill_broker.storage.records import from_json, to_json
from ill_broker.storage.statements import inserting
from workflows.accounts.account import Account, Book, Key, Kind, PlacedPosting, Posting
from workflows.actors import Actor, Role
from workflows.ids import LibraryCode, PatronId, PostingId
from workflows.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """An entry and the account it stands in."""

    lender: LibraryCode
    entry: PlacedPosting


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAccount:
    """What somebody owes a lender in the end."""

    patron: PatronId
    lender: LibraryCode
    balance: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenProposal:
    """A proposal that the lender has not answered, and whose charge it is about."""

    patron: PatronId
    posted: Posted


@dataclass(frozen=True, slots=True, kw_only=True)
class Balances:
    """What each book of an account holds; money that came in is above zero."""

    lender: LibraryCode
    currency: str
    books: dict[Book, Money]

    def of(self, *books: Book) -> Money:
        return sum(
            (self.books.get(book, Money.zero(self.currency)) for book in books), Money.zero(self.currency)
        )


def hold(conn: Connection, key: Key) -> Account:
    """Return an account, opened if there is none; nobody else posts to it before this transaction ends."""
    held = inserting(conn, accounts).values(asdict(key) | {"version": 0, "balance": 0})
    conn.execute(
        held.on_conflict_do_update(
            index_elements=["patron", "lender", "currency"], set_={"version": accounts.c.version + 1}
        )
    )
    return look(conn, key)


def look(conn: Connection, key: Key) -> Account:
    """Return an account as it is, empty if there is none."""
    rows = conn.execute(_OF_ACCOUNT, {f"of_{name}": value for name, value in asdict(key).items()})
    entries = tuple((PostingId(row.id), from_json(Posting, row.body)) for row in rows)
    return Account(key=key, entries=entries)


def post(conn: Connection, account: Account, entries: Sequence[PlacedPosting]) -> None:
    """Add entries to an account that this transaction holds."""
    if not entries:
        return
    key = asdict(account.key)
    conn.execute(_POST, [key | _columns(entry) for entry in entries])
    conn.execute(
        update(accounts).where(*_at(account.key)),
        {"balance": entries[-1].balance.minor},
    )


def page(
    conn: Connection,
    patron: PatronId,
    *,
    lender: LibraryCode | None = None,
    after: PostingId | None,
    limit: int,
) -> list[Posted]:
    """Return a page of what was posted to the patron's accounts, newest first, from behind *after* on.

    :param lender: the one whose postings are meant, None for all
    """
    found = select(postings).where(postings.c.patron == patron)
    if lender is not None:
        found = found.where(postings.c.lender == lender)
    if after is not None:
        start = select(postings.c.position).where(postings.c.id == after, postings.c.patron == patron)
        found = found.where(postings.c.position < start.scalar_subquery())
    return [_read(row) for row in conn.execute(found.order_by(postings.c.position.desc()).limit(limit))]


def find(conn: Connection, patron: PatronId, posting_id: PostingId) -> Posted | None:
    """Return an entry of one of the patron's accounts."""
    found = select(postings).where(postings.c.id == posting_id, postings.c.patron == patron)
    row = conn.execute(found).one_or_none()
    return None if row is None else _read(row)


def reversal_of(conn: Connection, posting_id: PostingId) -> PostingId | None:
    """Return what has taken a posting back."""
    found = conn.execute(select(postings.c.id).where(postings.c.reverses == posting_id)).scalar_one_or_none()
    return None if found is None else PostingId(found)


def has(conn: Connection, key: Key) -> bool:
    """Tell whether there is such an account."""
    return conn.execute(select(accounts.c.version).where(*_at(key))).one_or_none() is not None


def standings(conn: Connection, patron: PatronId) -> list[Balances]:
    """Return what each book of each of the patron's accounts holds, added up from the postings."""
    found: dict[tuple[str, str], dict[Book, Money]] = {}
    for row in conn.execute(_BY_SIDES, {"of_patron": patron}):
        books = found.setdefault((row.lender, row.currency), {})
        for side, minor in ((row.debit, int(row.total)), (row.credit, -int(row.total))):
            book = Book(side)
            books[book] = books.get(book, Money.zero(row.currency)) + Money(row.currency, minor)
    return [
        Balances(lender=LibraryCode(lender), currency=currency, books=books)
        for (lender, currency), books in found.items()
    ]


def uneven(
    conn: Connection, lender: LibraryCode | None, *, after: PatronId | None, limit: int
) -> list[OpenAccount]:
    """Return what is owed to a lender, or to all of them, by the next *limit* patrons behind *after*."""
    wanted = [accounts.c.balance != 0]
    if lender is not None:
        wanted.append(accounts.c.lender == lender)
    if after is not None:
        wanted.append(accounts.c.patron > after)
    patrons = select(accounts.c.patron).where(*wanted).distinct().order_by(accounts.c.patron).limit(limit)
    found = select(accounts).where(*wanted, accounts.c.patron.in_(patrons))
    rows = conn.execute(found.order_by(accounts.c.patron, accounts.c.lender, accounts.c.currency))
    return [
        OpenAccount(
            patron=PatronId(row.patron),
            lender=LibraryCode(row.lender),
            balance=Money(row.currency, row.balance),
        )
        for row in rows
    ]


def owed_to(conn: Connection, lender: LibraryCode) -> list[Money]:
    """Return what readers owe a lender together, by currency; below zero, the lender owes."""
    total = func.sum(accounts.c.balance)
    found = select(accounts.c.currency, total).where(accounts.c.lender == lender, accounts.c.balance != 0)
    by_currency = found.group_by(accounts.c.currency).order_by(accounts.c.currency)
    return [Money(currency, int(owed)) for currency, owed in conn.execute(by_currency)]


def proposals(
    conn: Connection, lender: LibraryCode | None, *, after: PostingId | None, limit: int
) -> list[OpenProposal]:
    """Return proposals that a lender, or any, has not answered: the oldest first, from behind *after* on."""
    back = postings.alias()
    answered = select(back.c.id).where(back.c.reverses == postings.c.id).exists()
    found = select(postings).where(PROPOSAL, ~answered)
    if lender is not None:
        found = found.where(postings.c.lender == lender)
    if after is not None:
        start = select(back.c.position).where(back.c.id == after)
        found = found.where(postings.c.position > start.scalar_subquery())
    rows = conn.execute(found.order_by(postings.c.position).limit(limit))
    return [OpenProposal(patron=PatronId(row.patron), posted=_read(row)) for row in rows]


def _at(key: Key) -> tuple[ColumnElement[bool], ...]:
    return tuple(accounts.c[name] == value for name, value in asdict(key).items())


def _columns(entry: PlacedPosting) -> dict[str, Any]:
    posting = entry.posting
    return {
        "id": entry.id,
        "seq": entry.seq,
        "kind": posting.kind.value,
        "debit": posting.debit.value,
        "credit": posting.credit.value,
        "minor": posting.amount.minor,
        "balance": entry.balance.minor,
        "reverses": posting.concerns if posting.kind is Kind.REVERSAL else None,
        "posted_at": entry.posted_at,
        "actor_role": entry.actor.role.value,
        "actor_id": entry.actor.id,
        "actor_library": entry.actor.library,
        "actor_name": entry.name,
        "body": to_json(posting),
    }


def _read(row: Row[Any]) -> Posted:
    library = None if row.actor_library is None else LibraryCode(row.actor_library)
    entry = PlacedPosting(
        id=PostingId(row.id),
        seq=row.seq,
        posting=from_json(Posting, row.body),
        posted_at=row.posted_at,
        actor=Actor(Role(row.actor_role), row.actor_id, library),
        name=row.actor_name,
        balance=Money(row.currency, row.balance),
    )
    return Posted(lender=LibraryCode(row.lender), entry=entry)


_POST = insert(postings)
_OF_ACCOUNT = (
    select(postings.c.id, postings.c.body)
    .where(
        postings.c.patron == bindparam("of_patron"),
        postings.c.lender == bindparam("of_lender"),
        postings.c.currency == bindparam("of_currency"),
    )
    .order_by(postings.c.seq)
)
_BY_SIDES = (
    select(
        postings.c.lender,
        postings.c.currency,
        postings.c.debit,
        postings.c.credit,
        func.sum(postings.c.minor).label("total"),
    )
    .where(postings.c.patron == bindparam("of_patron"))
    .group_by(postings.c.lender, postings.c.currency, postings.c.debit, postings.c.credit)
    .order_by(postings.c.lender, postings.c.currency)
)
