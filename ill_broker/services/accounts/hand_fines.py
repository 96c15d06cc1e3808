"""Fines that a lender's staff set, where its policy states no rate."""

from datetime import datetime

from sqlalchemy import Connection

from ill_broker.services.accounts.account import Also, Receipt
from ill_broker.services.accounts.rights import LenderDecides
from ill_broker.services.members.directory import Directory
from ill_broker.services.privileges.patron_view import decides_for, visible_patron
from ill_broker.services.refusals import Unknown
from ill_broker.services.requests import posting
from ill_broker.storage import people
from ill_broker.storage import requests as request_rows
from ill_broker.storage.journal import Posted
from ill_broker.storage.store import Store
from workflows.accounts import account as accounts
from workflows.accounts.account import Account, Key, Kind, Posting
from workflows.actors import Actor
from workflows.decisions.charges import Owed, Owing, owing, postings, standing_fines
from workflows.errors import WorkflowError
from workflows.ids import PatronId, RequestId, StaffId
from workflows.reasons import Refusal
from workflows.refusals import WrongState
from workflows.requests import loan_terms
from workflows.requests.permissions import relations


class FineStated(WorkflowError):
    """The lender's policy states the rate, so that the fine is computed."""

    code = "fine_stated"
    title = "The lender's rules compute this fine"


class AlreadyFined(WorkflowError):
    """A fine of this loan stands already; it is reversed before another is set."""

    code = "already_fined"
    title = "This loan has been fined"


class HandFines:
    """Posts fines that no rule computes ("decided by the library who owns the book")."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    def fine(
        self,
        patron_id: PatronId,
        actor: Actor,
        *,
        request: RequestId,
        amount: str,
        reason: str,
        now: datetime,
        also: Also,
    ) -> Receipt:
        """Charge what the lender has decided for a loan that came back late.

        :raises Unknown: if the patron or the request does not exist for *actor*
        :raises LenderDecides: if it is another library's money
        :raises FineStated: if the policy states a rate
        :raises AlreadyFined: if a fine of the loan stands
        :raises WrongState: if the loan was not late, or goes on
        :raises BadAmount: if it is no amount above zero
        """

        def work(conn: Connection) -> Receipt:
            patron = visible_patron(conn, patron_id, actor)
            owed = self._owing(conn, patron_id, request, actor, now)
            key = Key(patron_id, owed.lender, owed.currency)

            def wanted(account: Account) -> tuple[Posting, ...]:
                if standing_fines(account, request):
                    raise AlreadyFined
                set_ = accounts.chosen(account, amount)
                return postings(account, Owed(owed, Kind.FINE, set_, now, reason))

            member = people.staff_member(conn, StaffId(actor.id))
            name = None if member is None else member.name
            (entry,) = posting.post(conn, key, wanted, actor, now=now, name=name)
            receipt = Receipt(patron=patron, posted=Posted(lender=key.lender, entry=entry))
            also(conn, receipt)
            return receipt

        self._directory.libraries(now)
        return self._store.write(work)

    def _owing(
        self, conn: Connection, patron: PatronId, request_id: RequestId, actor: Actor, now: datetime
    ) -> Owing:
        """Return who owes whom, once it is sure that this is *actor*'s to decide."""
        request = request_rows.load(conn, request_id)
        if request is None or request.patron != patron or not relations(actor, request):
            raise Unknown
        if request.lender is None or request.instants.handover is None:
            raise WrongState(reasons=[Refusal.NOT_LATE], status=request.status)
        if not decides_for(actor, request.lender):
            raise LenderDecides(lender=request.lender)
        book = self._directory.book_for(conn, request)
        answer = loan_terms.loan_answer(request, book, as_of=now)
        if answer.fine.amount is not None:
            raise FineStated(amount=answer.fine.amount.amount, currency=answer.fine.currency)
        if answer.ended_at is None or not answer.overdue_days:
            raise WrongState(reasons=[Refusal.NOT_LATE], status=request.status)
        return owing(request, request.lender, book)
