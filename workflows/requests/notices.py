"""Which notice goes out by which way, when, and whether it still tells the patron something true."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from types import MappingProxyType
from zoneinfo import ZoneInfo

from workflows.requests.effects import Channel, Notice
from workflows.requests.lifecycle import Outcome, Status
from workflows.requests.request import Request
from workflows.timestamps import ONE_DAY

#: nobody is written to between these, by the local time of the desk
NIGHT_BEGINS, NIGHT_ENDS = time(21), time(8)

#: what a desk that tells its patrons by telephone calls them for
_BY_TELEPHONE = frozenset({Notice.ARRIVED, Notice.RECALLED})
#: what happens while the patron stands at the desk needs no text
_NOT_BY_SMS = frozenset({Notice.HANDED_OVER})
#: these ask for a book, which a patron who has lost it cannot bring
_ASKS_FOR_THE_BOOK = frozenset({Notice.DUE_SOON, Notice.OVERDUE, Notice.DUE_CHANGED, Notice.RECALLED})

_AT_THE_DESK = frozenset({Status.ARRIVED, Status.NOTIFIED})
_ON_LOAN = frozenset({Status.ON_LOAN})
_GONE_BACK = frozenset({Status.RETURNED, Status.RETURNING, Status.CLOSED})
#: notice -> the statuses in which it is still worth sending
_STATUSES: Mapping[Notice, frozenset[Status]] = MappingProxyType(
    {
        Notice.ARRIVED: _AT_THE_DESK,
        Notice.CONDITIONS: frozenset({Status.CONDITIONAL}),
        Notice.UNFILLED: frozenset({Status.CLOSED}),
        Notice.HOLD_ENDING: frozenset({Status.NOTIFIED}),
        Notice.HOLD_EXPIRED: _GONE_BACK,
        Notice.HANDED_OVER: _ON_LOAN,
        Notice.DUE_SOON: _ON_LOAN,
        Notice.OVERDUE: _ON_LOAN,
        Notice.DUE_CHANGED: _ON_LOAN,
        Notice.RECALLED: _ON_LOAN,
        Notice.ACCOUNT: _ON_LOAN | _GONE_BACK,
    }
)


def channels(notice: Notice, *, calls: bool, by_sms: bool) -> tuple[Channel, ...]:
    """Return how a notice goes out: always by e-mail, and a telephone call is never replaced by a text.

    :param calls: the desk tells its patrons by telephone
    :param by_sms: the patron's library sends texts
    """
    ways = [Channel.EMAIL]
    if by_sms and notice not in _NOT_BY_SMS:
        ways.append(Channel.SMS)
    if calls and notice in _BY_TELEPHONE:
        ways.append(Channel.CALL)
    return tuple(ways)


def is_timely(
    notice: Notice, request: Request, *, today: date, reminder_days: int, channel: Channel = Channel.EMAIL
) -> bool:
    """Tell whether a notice still tells the patron something true: none after the book is back.

    :param today: at the lender
    :param reminder_days: how long before the due date a reminder makes sense
    """
    if request.status not in _STATUSES[notice]:
        return False
    if notice in _ASKS_FOR_THE_BOOK:
        return _still_asks(notice, request, today, reminder_days)
    match notice:
        case Notice.ARRIVED:
            # who was reached need not be called again
            return channel is not Channel.CALL or request.status is Status.ARRIVED
        case Notice.UNFILLED:
            return request.outcome is Outcome.UNFILLED
        case Notice.HOLD_ENDING:
            return request.hold_until is not None and today <= request.hold_until
        case Notice.ACCOUNT:
            # while the patron has the book only damage costs anything
            return request.status is not Status.ON_LOAN or request.compensation is not None
        case Notice.HOLD_EXPIRED:
            return request.outcome is Outcome.NOT_COLLECTED
        case _:
            return True


def by_day(at: datetime, zone: ZoneInfo) -> datetime:
    """Return *at*, or the end of the night in which it lies."""
    local = at.astimezone(zone)
    if NIGHT_ENDS <= local.time() < NIGHT_BEGINS:
        return at
    morning = local.date() + ONE_DAY if local.time() >= NIGHT_BEGINS else local.date()
    return datetime.combine(morning, NIGHT_ENDS, zone).astimezone(UTC)


def _still_asks(notice: Notice, request: Request, today: date, reminder_days: int) -> bool:
    if request.due is None or request.instants.lost_reported is not None:
        return False
    left = (request.due - today).days
    match notice:
        case Notice.DUE_SOON:
            return 0 <= left <= reminder_days
        case Notice.OVERDUE:
            return left < 0
        case Notice.RECALLED:
            return request.recalled_at is not None
        case _:
            return True
