"""What lenders are owed by whom, and what they are asked to let off."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from ill_broker.storage import journal
from ill_broker.storage.journal import OpenAccount, OpenProposal
from ill_broker.storage.store import Store
from workflows.actors import Actor, Role
from workflows.ids import LibraryCode, PatronId, PostingId
from workflows.refusals import NotAllowed

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Page(Generic[_T]):
    """A part of a list, and where the next one begins."""

    items: list[_T]
    next: str | None


class LenderAccounts:
    """Shows lenders what concerns their money; patrons by their ids alone."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def accounts(
        self, actor: Actor, *, lender: LibraryCode | None = None, limit: int, after: str | None = None
    ) -> Page[OpenAccount]:
        """Return the accounts that are not even, of *limit* patrons.

        :raises NotAllowed: if they are another library's
        """
        whose, start = _whose(actor, lender), PatronId(after) if after else None
        with self._store.reading() as conn:
            found = journal.uneven(conn, whose, after=start, limit=limit + 1)
        patrons = list(dict.fromkeys(one.patron for one in found))
        if len(patrons) <= limit:
            return Page(found, None)
        return Page([one for one in found if one.patron != patrons[limit]], patrons[limit - 1])

    def proposals(
        self, actor: Actor, *, lender: LibraryCode | None = None, limit: int, after: str | None = None
    ) -> Page[OpenProposal]:
        """Return the proposals that wait for the lender's answer, the oldest first.

        :raises NotAllowed: if they are made to another library
        """
        whose, start = _whose(actor, lender), PostingId(after) if after else None
        with self._store.reading() as conn:
            found = journal.proposals(conn, whose, after=start, limit=limit + 1)
        return Page(found[:limit], found[limit - 1].posted.entry.id if len(found) > limit else None)


def _whose(actor: Actor, lender: LibraryCode | None) -> LibraryCode | None:
    if actor.role is Role.OFFICE:
        return lender
    if lender not in {None, actor.library}:
        raise NotAllowed("only the lender and the office see this")
    return actor.library
