"""What the service knows of a member library beside its lending policy."""

import re
from dataclasses import dataclass, field
from datetime import date

from workflows.errors import NotMoney
from workflows.ids import LibraryCode
from workflows.money import Money

_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watches:
    """How long a request may stay where it is before somebody is told."""

    #: working days of the lender to answer in
    answer_days: int = 3
    #: calendar days to answer a lender's conditions in
    conditions_days: int = 4
    #: working days of the lender to ship in after accepting
    shipping_days: int = 5
    #: days beyond the transport allowance after which a parcel counts as lost
    lost_parcel_days: int = 14
    #: opening days of the desk to notify the patron, and to ship a returned book
    desk_days: int = 1
    #: days beyond the transport allowance in which the lender confirms that the book is back
    receipt_days: int = 30
    #: days before the due date on which the patron is reminded
    reminder_days: int = 3
    #: days between two overdue notices
    overdue_notice_days: int = 7
    #: how many overdue notices there are for one due date; then somebody at the desk is told
    overdue_notices: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class LendingLimits:
    """What a library's own desk has said against being asked, for the time being."""

    #: asked for nothing
    paused: bool = False
    #: the last day of the pause, there; None: until the desk says otherwise
    paused_until: date | None = None
    #: how many requests a day reach it at most; None: any number
    daily_most: int | None = None
    #: titles or ISBN that it is not asked for
    withheld: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """A member library."""

    code: LibraryCode
    name: str
    name_zh: str
    #: whose terms it lends by as long as it has no file of its own: a consortium's, or another library's
    policy: str | None = None
    watches: Watches = field(default_factory=Watches)
    #: takes part as a lender at present
    lends: bool = True
    #: where its patrons pick up and hand in
    desk: str = ""
    desk_zh: str = ""
    #: members at whose desks its books may be handed in beside the pick-up desk (R-SZUTL-15)
    return_desks: tuple[LibraryCode, ...] = ()
    #: its patrons are written to by SMS as well
    by_sms: bool = False
    #: how much of one charge of its own a reader's home desk lets off without asking it, such as
    #: "5.00 CNY, 1.00 USD"; a sum that names no currency is in that of its policy
    home_desk_waives: str = "0.00"
    #: its desk's, and kept beside the rest, which is the office's
    lending: LendingLimits = field(default_factory=LendingLimits)

    def __post_init__(self) -> None:
        """Refuse a limit that is no amount.

        :raises NotMoney: if it is none
        """
        waived(self.home_desk_waives, "")

    def home_desk_may_waive(self, currency: str, *, own: str) -> Money:
        """Return how much of one charge in a currency a reader's home desk lets off; *own*: the policy's."""
        limits = waived(self.home_desk_waives, own)
        return next((limit for limit in limits if limit.currency == currency), Money.zero(currency))


def waived(told: str, own: str) -> list[Money]:
    """Return the sums that are told, those without a currency in one's *own*.

    :raises NotMoney: if one is no amount, or its currency is none
    """
    sums = []
    for each in told.split(","):
        amount, _, currency = each.strip().partition(" ")
        if currency and not _CURRENCY.fullmatch(currency):
            raise NotMoney(value=repr(each))
        sums.append(Money.parse(amount, currency or own))
    return sums
