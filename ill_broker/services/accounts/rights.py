"""Who decides what of a patron's money: a charge is the lender's affair, the till is the home desk's."""

from ill_broker.services.privileges.patron_view import decides_for, knows_by_name
from ill_broker.storage.journal import Posted
from workflows.accounts.account import CHARGES, Account, Kind
from workflows.actors import Actor, Role
from workflows.errors import WorkflowError
from workflows.ids import LibraryCode, PostingId
from workflows.libraries import Library
from workflows.money import Money
from workflows.patrons import Patron
from workflows.policies.book import PolicyBook
from workflows.refusals import NotAllowed


class LenderDecides(WorkflowError):
    """The money is another library's; ``facts["limit"]`` is what may be let off a charge without asking."""

    code = "lender_decides"
    title = "The library that owns the book decides this"


def only_of(actor: Actor, patron: Patron) -> LibraryCode | None:
    """Return the one lender whose account with the patron *actor* may see, None for all of them."""
    return None if knows_by_name(actor, patron) else actor.library


def keeps_till(actor: Actor, patron: Patron) -> None:
    """Leave what is between a patron and their own desk to them and to the office.

    :raises NotAllowed: if *actor* is of the lender only
    """
    if not knows_by_name(actor, patron):
        raise NotAllowed("the reader's home desk does this, or the office")


def may_waive(
    actor: Actor, account: Account, charge: PostingId, lender: Library | None, book: PolicyBook
) -> None:
    """Leave a charge to the lender, but for what its profile leaves to the readers' home desks.

    :param account: as it would be
    :param lender: None for a consortium, whose office decides
    :raises LenderDecides: if it lets off more of the charge than *actor* may
    """
    if decides_for(actor, account.key.lender):
        return
    limit = Money.zero(account.currency)
    if lender is not None:
        limit = lender.home_desk_may_waive(account.currency, own=book.policy(lender.code).currency)
    if account.waived(charge) > limit:
        raise LenderDecides(
            "propose it to the lender",
            lender=account.key.lender,
            limit=limit.amount,
            currency=account.currency,
        )


def may_reverse(actor: Actor, patron: Patron, posted: Posted) -> None:
    """Leave charges to the lender, payments and disputes to the home desk, the rest to whoever made it, too.

    :raises LenderDecides: if it is the lender's to take back
    :raises NotAllowed: if it is the home desk's
    """
    kind = posted.entry.posting.kind
    if actor.role is Role.OFFICE:
        return
    if kind in {Kind.PAYMENT, Kind.DISPUTE}:
        keeps_till(actor, patron)
        return
    made_here = kind not in CHARGES and posted.entry.actor.library == actor.library
    if not made_here and not decides_for(actor, posted.lender):
        raise LenderDecides(lender=posted.lender)
