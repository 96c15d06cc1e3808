"""Money in whole minor units."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Self

from workflows.errors import CurrencyMismatch, NotMoney

#: fifteen digits before the point are more than anybody owes, and fit into every database
_AMOUNT = re.compile(r"(-?)([0-9]{1,15})(?:\.([0-9]{1,2}))?")


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount: *minor* is in hundredths of the currency."""

    currency: str
    minor: int

    @classmethod
    def parse(cls, text: object, currency: str) -> Self:
        """Read a decimal string such as "2.80".

        :raises NotMoney: if it is not a string of digits with at most two decimals
        """
        match = _AMOUNT.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise NotMoney(value=repr(text))
        sign, whole, cents = match.groups()
        minor = int(whole) * 100 + int((cents or "").ljust(2, "0"))
        return cls(currency, -minor if sign else minor)

    @classmethod
    def rounded(cls, exact: Decimal, currency: str) -> Self:
        """Round half up to hundredths: the only place where money is rounded."""
        return cls(currency, int((exact * 100).to_integral_value(ROUND_HALF_UP)))

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(currency, 0)

    @property
    def amount(self) -> str:
        """The amount as text with two decimals."""
        whole, cents = divmod(abs(self.minor), 100)
        return f"{'-' if self.minor < 0 else ''}{whole}.{cents:02d}"

    @property
    def decimal(self) -> Decimal:
        return Decimal(self.minor).scaleb(-2)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def __bool__(self) -> bool:
        return self.minor != 0

    def __add__(self, other: "Money") -> "Money":
        return Money(self.currency, self.minor + self._same(other))

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.currency, self.minor - self._same(other))

    def __neg__(self) -> "Money":
        return Money(self.currency, -self.minor)

    def __mul__(self, times: int) -> "Money":
        return Money(self.currency, self.minor * times)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.minor >= self._same(other)

    def _same(self, other: "Money") -> int:
        """Return the other's minor units, once it is sure that they are of the same currency."""
        if self.currency != other.currency:
            raise CurrencyMismatch(ours=self.currency, theirs=other.currency)
        return other.minor
