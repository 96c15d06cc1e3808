"""What one report of a lender says, as its claim."""

from datetime import datetime

from workflows.requests.commands import ReportedStatus
from workflows.requests.events import Noted, Shipped
from workflows.requests.request import LenderClaim


def said(event: Shipped | Noted) -> LenderClaim:
    """Return what the lender says in this one report."""
    status = ReportedStatus.LOANED if isinstance(event, Shipped) else event.status

    def if_it_reports(told: ReportedStatus) -> datetime | None:
        return event.at if status is told else None

    return LenderClaim(
        item_barcode=event.item_barcode,
        item_barcode_at=event.at,
        due_date=event.lender_due_date,
        due_date_at=event.at,
        tracking=event.tracking,
        tracking_at=event.at,
        accepted=if_it_reports(ReportedStatus.WILL_SUPPLY),
        shipped=if_it_reports(ReportedStatus.LOANED),
        overdue_since=if_it_reports(ReportedStatus.OVERDUE),
        received=if_it_reports(ReportedStatus.LOAN_COMPLETED),
    )
