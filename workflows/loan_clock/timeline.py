"""Whether the instants of a loan can be true together."""

from collections.abc import Iterable
from datetime import datetime

from workflows.errors import InvalidCase
from workflows.loan_clock.case import LoanCase, Suspended, Timeline


def check_times(case: LoanCase) -> None:
    """Check the order of the timeline, then that intervals run forward.

    :raises InvalidCase: ``timeline_order``, ``bad_interval``
    """
    line = case.timeline
    check_order(line)
    if line.lost_reported is not None:
        _forward((line.handover, line.lost_reported, line.settled))
    for back in case.accompanying:
        _forward((line.handover, back))
    for transfer in case.transfers:
        if transfer.end <= transfer.start:
            raise InvalidCase("bad_interval", start=transfer.start.isoformat())
    check_suspensions(case.suspended)


def check_suspensions(suspended: Iterable[Suspended]) -> None:
    """Check that suspensions run forward.

    :raises InvalidCase: ``bad_interval``
    """
    for stop in suspended:
        if stop.until is not None and stop.until < stop.start:
            raise InvalidCase("bad_interval", start=stop.start.isoformat())


def check_order(line: Timeline) -> None:
    """Check that the book went its way in the order of the timeline.

    :raises InvalidCase: ``timeline_order``
    """
    _forward(
        (
            line.submitted,
            line.shipped,
            line.arrived,
            line.notified,
            line.handover,
            line.returned,
            line.lender_received,
        )
    )


def _forward(instants: Iterable[datetime | None]) -> None:
    """Check that each known instant is at or after the one before."""
    before: datetime | None = None
    for at in instants:
        if at is not None:
            if before is not None and at < before:
                raise InvalidCase("timeline_order", at=at.isoformat(), after=before.isoformat())
            before = at
