"""How long a book waits on the hold shelf, and when a pick-up site has it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from workflows.errors import InvalidCase
from workflows.policies.policy import Policy
from workflows.timestamps import ONE_DAY


@dataclass(frozen=True, slots=True)
class Delivery:
    by: date
    after_cutoff: bool


def hold_until(lender: Policy, desk: Policy, notified: datetime, *, not_before: date | None = None) -> date:
    """Return the last day, in the lender's zone, on which the patron may fetch the book at *desk*.

    :param not_before: the day on which the pick-up site has it; nobody can fetch it before

    :raises InvalidCase: ``calendar_gap`` if the days are opening days and the desk has none
    """
    told = lender.calendar.local_day(notified)
    day = told if not_before is None else max(told, not_before)
    if not lender.hold_shelf.count_opening_days:
        end = day + timedelta(days=lender.hold_shelf.days)
        return desk.calendar.opening_day_from(end) or end
    return _opening_days(desk, day, lender.hold_shelf.days)


def is_expired(lender: Policy, until: date, at: datetime) -> bool:
    return lender.calendar.local_day(at) > until


def delivery(policy: Policy, site: str, applied: datetime) -> Delivery:
    """Return the day by which a book applied for at *applied* lies at the pick-up site.

    :raises InvalidCase: ``unknown_pickup_site``, ``calendar_gap``
    """
    terms = policy.pickup.get(site)
    if terms is None:
        raise InvalidCase("unknown_pickup_site", site=site)
    local = applied.astimezone(policy.calendar.zone)
    late = terms.cutoff is not None and local.time() > terms.cutoff
    day = _opening_days(policy, local.date(), terms.opening_days_after_cutoff if late else terms.opening_days)
    while terms.weekday is not None and day.weekday() != terms.weekday:
        day = _opening_days(policy, day, 1)
    return Delivery(day, late)


def _opening_days(desk: Policy, day: date, count: int) -> date:
    end = desk.calendar.add_opening_days(day, count)
    if end is None:
        raise InvalidCase("calendar_gap", calendar=desk.calendar.almanac.id, day=(day + ONE_DAY).isoformat())
    return end
