"""What a book cost, in its own currency and in that of the library."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from workflows.errors import InvalidCase, NotMoney
from workflows.money import Money


@dataclass(frozen=True, slots=True)
class Rate:
    """How much one unit of *source* is worth in *target* from *day* on."""

    source: str
    target: str
    day: date
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """The prices on record, as they were written."""

    price: object = None
    set_price: object = None
    year_price: object = None
    reference_price: object = None
    #: None: the library's own
    currency: str | None = None
    pages: object = None
    binding_fee: object = None

    def basis(
        self, name: str, *, currency: str, on: date, rates: Sequence[Rate], reference: bool
    ) -> tuple[Decimal, bool]:
        """Return a price in *currency*, and whether it is that of a comparable book.

        A foreign price is converted at the newest rate on or before *on* and rounded half up to 0.01.

        :raises InvalidCase: ``bad_price``, ``<name>_missing``, ``reference_price_missing``,
            ``fx_rate_missing``
        """
        written = getattr(self, name)
        if written is not None:
            price = _positive(written)
            if self.currency in (None, currency):
                return price, False
            rate = _newest(rates, str(self.currency), currency, on)
            return Money.rounded(price * rate, currency).decimal, False
        if name != "price" or not reference:
            raise InvalidCase(f"{name}_missing")
        if self.reference_price is None:
            raise InvalidCase("reference_price_missing")
        return _positive(self.reference_price), True

    def addition(self, name: str) -> Decimal:
        """Return the number of pages, or the binding fee.

        :raises InvalidCase: ``pages_missing``, ``bad_count``, ``binding_fee_missing``, ``bad_price``
        """
        written = getattr(self, name)
        if written is None:
            raise InvalidCase(f"{name}_missing")
        if name == "binding_fee":
            return _positive(written)
        if not isinstance(written, int) or isinstance(written, bool) or written < 1:
            raise InvalidCase("bad_count", pages=repr(written))
        return Decimal(written)


#: nothing on record
NO_PRICES = Prices()


def _positive(written: object) -> Decimal:
    try:
        price = Money.parse(written, "").decimal
    except NotMoney as error:
        raise InvalidCase("bad_price", price=repr(written)) from error
    if price <= 0:
        raise InvalidCase("bad_price", price=repr(written))
    return price


def _newest(rates: Sequence[Rate], source: str, target: str, on: date) -> Decimal:
    fitting = [rate for rate in rates if (rate.source, rate.target) == (source, target) and rate.day <= on]
    if not fitting:
        raise InvalidCase("fx_rate_missing", source=source, target=target, day=on.isoformat())
    return max(fitting, key=lambda rate: rate.day).rate
