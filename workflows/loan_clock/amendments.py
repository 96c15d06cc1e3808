"""Amendments: a new due date for many loans at once, with its exceptions (R-BALIS-2, R-BALIS-3)."""

from dataclasses import dataclass
from datetime import date, datetime

from workflows.ids import AmendmentId, LibraryCode
from workflows.loan_clock.due_dates import applies
from workflows.policies.sections import BulkExtension


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
    #: from when on it holds: an event of a loan under way, known from the start for one that begins later;
    #: None where an earlier release has laid it over a loan, as if it had been known from the start
    since: datetime | None = None

    def concerns(self, lender: str) -> bool:
        """Tell whether it speaks of this lender's loans."""
        return lender not in self.exclude_lenders and (not self.lenders or lender in self.lenders)

    def speaks_of(self, lender: str, issued: date) -> bool:
        """Tell whether it speaks of a loan of this lender that began on *issued*."""
        return self.concerns(lender) and applies(self._extension, lender, issued)

    @property
    def _extension(self) -> BulkExtension:
        """The same as a policy would say it."""
        return BulkExtension(
            id=self.id,
            issued_after=self.issued_after,
            issued_from=self.issued_from,
            issued_until=self.issued_until,
            new_due=self.new_due,
            exclude_lenders=frozenset(self.exclude_lenders),
        )
