"""Amendments: a new due date for many loans at once, with its exceptions (R-BALIS-2, R-BALIS-3)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from workflows.ids import AmendmentId, LibraryCode
from workflows.policies import BulkExtension, Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """A notice of the office: loans made then, of those lenders, are due on that day at the earliest."""

    id: AmendmentId
    new_due: date
    #: exclusive, as "after 4 January" is read
    issued_after: date | None = None
    #: inclusive
    issued_from: date | None = None
    issued_until: date | None = None
    #: none named: every lender
    lenders: tuple[LibraryCode, ...] = ()
    exclude_lenders: tuple[LibraryCode, ...] = ()
    reason: str

    def concerns(self, lender: str) -> bool:
        """Tell whether it speaks of this lender's loans."""
        return lender not in self.exclude_lenders and (not self.lenders or lender in self.lenders)

    @property
    def extension(self) -> BulkExtension:
        """The same as a policy would say it."""
        return BulkExtension(
            id=self.id,
            issued_after=self.issued_after,
            issued_from=self.issued_from,
            issued_until=self.issued_until,
            new_due=self.new_due,
            exclude_lenders=frozenset(self.exclude_lenders),
        )


def laid_over(policy: Policy, amendments: Iterable[Amendment]) -> Policy:
    """Return the policy of one loan: the lender's, with the amendments that concern it."""
    extensions = tuple(one.extension for one in amendments if one.concerns(policy.id))
    if not extensions:
        return policy
    return replace(policy, bulk_extensions=(*policy.bulk_extensions, *extensions))
