"""Patrons' accounts as they are shown, and what is done at them: payments, waivers, disputes, reversals."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from ill_broker.services.accounts import rights
from ill_broker.services.members.directory import Directory
from ill_broker.services.privileges.patron_view import visible_patron
from ill_broker.services.refusals import Unknown
from ill_broker.services.requests import posting as bookkeeping
from ill_broker.storage import journal, people
from ill_broker.storage import requests as request_rows
from ill_broker.storage.journal import Posted
from ill_broker.storage.store import Store
from workflows.accounts import account as accounts
from workflows.accounts.account import CHARGED, Account, Book, Key, Kind, Posting
from workflows.actors import Actor
from workflows.decisions import charges
from workflows.errors import InvalidCase, WorkflowError
from workflows.ids import LibraryCode, PatronId, PostingId, StaffId
from workflows.loan_clock.case import Fine, LoanAnswer
from workflows.money import Money
from workflows.patrons import Patron
from workflows.requests import loan_terms, pieces
from workflows.requests.lifecycle import Status
from workflows.requests.request import Request

#: more books than any policy lends to one patron
_ALL = 200
#: statuses in which a book that was handed over costs, or may have cost, a fine
_LENT = (Status.ON_LOAN, Status.RETURNED, Status.RETURNING)

#: what else belongs into the transaction that posts
Also = Callable[[Connection, "Receipt"], None]


class UnknownLender(WorkflowError):
    """No library and no consortium of this code lends."""

    code = "unknown_library"
    title = "There is no such member library"
    #: what of the input it is about
    pointer = "/lender"


class NoSuchPosting(WorkflowError):
    """The patron's accounts have no posting of this id."""

    code = "no_such_posting"
    title = "There is no such posting in this patron's accounts"

    def __init__(self, member: str) -> None:
        super().__init__()
        self.pointer = f"/{member}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """One account in four sums: what was charged less what was paid and let off is what is owed."""

    lender: LibraryCode
    currency: str
    charged: Money
    paid: Money
    waived: Money
    balance: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Accruing:
    """Lateness that is not in the account: the book is still out, or its lender states no rate."""

    request: Request
    overdue_days: int
    #: what is not posted of it; its amount is None where the lender states no rate
    fine: Fine
    is_running: bool
    #: the numbers of the pieces that did not come back with the book
    pieces_out: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Everything of a patron's money."""

    patron: Patron
    as_of: datetime
    accounts: tuple[Balance, ...]
    accruing: tuple[Accruing, ...]
    postings: tuple[Posted, ...]
    #: where the next page of postings begins
    next: PostingId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What was posted, for whom, and whether it was taken back since."""

    patron: Patron
    posted: Posted
    reversed_by: PostingId | None = None


class Accounts:
    """Shows accounts and posts to them."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    def show(
        self, patron_id: PatronId, actor: Actor, *, now: datetime, limit: int, after: str | None = None
    ) -> Shown:
        """Return a patron's balances, a page of postings, and what is accruing now; a lender sees its own.

        :raises Unknown: if the patron does not exist for *actor*
        """
        with self._store.reading() as conn:
            patron = visible_patron(conn, patron_id, actor)
            only = rights.only_of(actor, patron)
            standings = journal.standings(conn, patron_id)
            start = PostingId(after) if after else None
            posted = journal.page(conn, patron_id, lender=only, after=start, limit=limit + 1)
            lent = request_rows.of_patron(conn, patron_id, statuses=_LENT, limit=_ALL)
            lent = [request for request in lent if only in {None, request.lender}]
            self._directory.book_for(conn, *lent)
        return Shown(
            patron=patron,
            as_of=now,
            accounts=tuple(_balance(each) for each in standings if only in {None, each.lender}),
            accruing=tuple(self._accruing(lent, now)),
            postings=tuple(posted[:limit]),
            next=posted[limit - 1].entry.id if len(posted) > limit else None,
        )

    def receipt(self, patron_id: PatronId, posting_id: PostingId, actor: Actor) -> Receipt:
        """Return the receipt of a payment.

        :raises Unknown: if there is none of this id for *actor*
        """
        with self._store.reading() as conn:
            patron = visible_patron(conn, patron_id, actor)
            posted = journal.find(conn, patron_id, posting_id)
            is_till = rights.only_of(actor, patron) is None
            if not is_till or posted is None or posted.entry.posting.kind is not Kind.PAYMENT:
                raise Unknown
            reversed_by = journal.reversal_of(conn, posting_id)
        return Receipt(patron=patron, posted=posted, reversed_by=reversed_by)

    def pay(
        self,
        patron_id: PatronId,
        actor: Actor,
        *,
        lender: LibraryCode,
        currency: str,
        amount: str,
        method: str,
        text: str | None,
        now: datetime,
        also: Also,
    ) -> Receipt:
        """Take money of a patron; of two who take the same at once one is told that nothing is owed.

        :raises Unknown: if the patron does not exist for *actor*
        :raises NotAllowed: if *actor* is of the lender
        :raises WrongCurrency: if the lender is not owed in this currency
        :raises BadAmount: if it is no amount
        :raises Overpayment: if it is more than is owed
        """
        key = Key(patron_id, lender, currency)

        def work(conn: Connection) -> Receipt:
            patron = visible_patron(conn, patron_id, actor)
            rights.keeps_till(actor, patron)
            self._owed_in(conn, key)

            def wanted(account: Account) -> tuple[Posting, ...]:
                return (accounts.pay(account, amount, at=now, method=method, text=text),)

            return _posted(conn, patron, key, wanted, actor, now=now, also=also)

        return self._store.write(work)

    def waive(
        self,
        patron_id: PatronId,
        actor: Actor,
        *,
        charge: PostingId,
        amount: str | None = None,
        reason: str,
        now: datetime,
        also: Also,
    ) -> Receipt:
        """Let the patron off a charge, or off a part of it.

        :raises NoSuchPosting: if there is no such charge
        :raises LenderDecides: if it is more than *actor* may
        :raises WorkflowError: if the account does not allow it
        """
        members = self._directory.libraries(now)

        def wanted(account: Account) -> tuple[Posting, ...]:
            made = accounts.waive(account, charge, amount, at=now, reason=reason)
            lender = members.get(account.key.lender)
            rights.may_waive(actor, account.plus(*made), charge, lender, self._directory.book)
            return made

        return self._upon(patron_id, actor, ("charge", charge), wanted, now=now, also=also)

    def propose_waiver(
        self,
        patron_id: PatronId,
        actor: Actor,
        *,
        charge: PostingId,
        amount: str | None = None,
        reason: str,
        now: datetime,
        also: Also,
    ) -> Receipt:
        """Ask the lender to let the patron off a charge, or off a part of it.

        :raises NoSuchPosting: if there is no such charge
        :raises NotAllowed: if *actor* is of the lender
        :raises WorkflowError: if the account does not allow it
        """
        return self._upon(
            patron_id,
            actor,
            ("charge", charge),
            lambda account: (accounts.propose_waiver(account, charge, amount, at=now, reason=reason),),
            check=lambda patron, _: rights.keeps_till(actor, patron),
            now=now,
            also=also,
        )

    def dispute(
        self,
        patron_id: PatronId,
        actor: Actor,
        *,
        charge: PostingId,
        reason: str,
        now: datetime,
        also: Also,
    ) -> Receipt:
        """Note that a charge is disputed.

        :raises NoSuchPosting: if there is no such charge
        :raises WorkflowError: if the account does not allow it
        """
        return self._upon(
            patron_id,
            actor,
            ("charge", charge),
            lambda account: (accounts.dispute(account, charge, at=now, reason=reason),),
            check=lambda patron, _: rights.keeps_till(actor, patron),
            now=now,
            also=also,
        )

    def reverse(
        self,
        patron_id: PatronId,
        actor: Actor,
        *,
        posting: PostingId,
        reason: str,
        now: datetime,
        also: Also,
    ) -> Receipt:
        """Take a posting back by another one.

        :raises NoSuchPosting: if there is none
        :raises LenderDecides: if it is the lender's to take back
        :raises NotReversible: if it was taken back before
        """
        return self._upon(
            patron_id,
            actor,
            ("posting", posting),
            lambda account: accounts.reverse(account, posting, at=now, reason=reason),
            check=lambda patron, posted: rights.may_reverse(actor, patron, posted),
            now=now,
            also=also,
        )

    def _upon(
        self,
        patron_id: PatronId,
        actor: Actor,
        named: tuple[str, PostingId],
        wanted: Callable[[Account], tuple[Posting, ...]],
        *,
        check: Callable[[Patron, Posted], None] = lambda *_: None,
        now: datetime,
        also: Also,
    ) -> Receipt:
        """Post what is wanted upon a posting that the input names, by which member of it."""
        member, posting_id = named

        def work(conn: Connection) -> Receipt:
            patron = visible_patron(conn, patron_id, actor)
            found = journal.find(conn, patron_id, posting_id)
            if found is None or rights.only_of(actor, patron) not in {None, found.lender}:
                raise NoSuchPosting(member)
            check(patron, found)
            key = Key(patron_id, found.lender, found.entry.balance.currency)
            return _posted(conn, patron, key, wanted, actor, now=now, also=also)

        return self._store.write(work)

    def _owed_in(self, conn: Connection, key: Key) -> None:
        """Refuse a currency that the lender does not use, and never has."""
        try:
            used = self._directory.book.policy(key.lender).currency
        except InvalidCase as error:
            raise UnknownLender(library=key.lender) from error
        if key.currency != used and not journal.has(conn, key):
            raise accounts.WrongCurrency(ours=used, theirs=key.currency)

    def _accruing(self, lent: list[Request], now: datetime) -> Iterator[Accruing]:
        for request in lent:
            if request.lender is None or request.instants.handover is None:
                continue
            answer = self._judged(request, now)
            if answer is None:
                continue
            is_running = answer.ended_at is None
            if request.instants.returned is not None and pieces.out(request.pieces):
                yield self._of_pieces(request, answer, now)
            elif answer.overdue_days and (is_running or answer.fine.amount is None):
                yield Accruing(
                    request=request,
                    overdue_days=answer.overdue_days,
                    fine=answer.fine,
                    is_running=is_running,
                )

    def _of_pieces(self, request: Request, answer: LoanAnswer, now: datetime) -> Accruing:
        """Return what pieces cost that are still out: all of the loan less what was posted at the return."""
        posted = charges.assessed(request, self._directory.book, now=now)
        amount = answer.fine.amount
        late = answer.due and self._directory.book.calendar(request.lender or "").local_day(now) - answer.due
        return Accruing(
            request=request,
            overdue_days=max(0, late.days) if late else 0,
            fine=replace(answer.fine, amount=amount - posted.raw if amount and posted else amount),
            is_running=True,
            pieces_out=tuple(piece.number for piece in pieces.out(request.pieces)),
        )

    def _judged(self, request: Request, now: datetime) -> LoanAnswer | None:
        """Return what the loan clock says, None of a loan it cannot judge; the others are still shown."""
        try:
            return loan_terms.loan_answer(request, self._directory.book, as_of=now)
        except InvalidCase:
            return None


def _posted(
    conn: Connection,
    patron: Patron,
    key: Key,
    wanted: Callable[[Account], tuple[Posting, ...]],
    actor: Actor,
    *,
    now: datetime,
    also: Also,
) -> Receipt:
    """Post what is wanted and return the last of it, which is what was asked for."""
    member = people.staff_member(conn, StaffId(actor.id))
    name = None if member is None else member.name
    entries = bookkeeping.post(conn, key, wanted, actor, now=now, name=name)
    receipt = Receipt(patron=patron, posted=Posted(lender=key.lender, entry=entries[-1]))
    also(conn, receipt)
    return receipt


def _balance(standing: journal.Balances) -> Balance:
    return Balance(
        lender=standing.lender,
        currency=standing.currency,
        charged=-standing.of(*CHARGED),
        paid=standing.of(Book.CASH),
        waived=standing.of(Book.WAIVED),
        balance=standing.of(Book.PATRON),
    )
