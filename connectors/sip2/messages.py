"""What is said in SIP2: a terminal's requests, a system's answers, and how both are laid out."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Code(StrEnum):
    """The first two characters of a message."""

    STATUS = "99"
    STATUS_TOLD = "98"
    LOGIN = "93"
    LOGIN_TOLD = "94"
    PATRON_STATUS = "23"
    PATRON_STATUS_TOLD = "24"
    PATRON = "63"
    PATRON_TOLD = "64"
    ITEM = "17"
    ITEM_TOLD = "18"
    CHECK_OUT = "11"
    CHECK_OUT_TOLD = "12"
    CHECK_IN = "09"
    CHECK_IN_TOLD = "10"
    HOLD = "15"
    HOLD_TOLD = "16"
    RENEW = "29"
    RENEW_TOLD = "30"
    END_SESSION = "35"
    END_SESSION_TOLD = "36"
    #: The system asks for our last message again.
    SAY_AGAIN = "96"
    #: We ask for its last answer again.
    ANSWER_AGAIN = "97"


#: Which answer belongs to which request.
ANSWERS: Mapping[Code, Code] = {
    Code.STATUS: Code.STATUS_TOLD,
    Code.LOGIN: Code.LOGIN_TOLD,
    Code.PATRON_STATUS: Code.PATRON_STATUS_TOLD,
    Code.PATRON: Code.PATRON_TOLD,
    Code.ITEM: Code.ITEM_TOLD,
    Code.CHECK_OUT: Code.CHECK_OUT_TOLD,
    Code.CHECK_IN: Code.CHECK_IN_TOLD,
    Code.HOLD: Code.HOLD_TOLD,
    Code.RENEW: Code.RENEW_TOLD,
    Code.END_SESSION: Code.END_SESSION_TOLD,
}

#: Requests that change nothing, so that asking twice does no harm.
HARMLESS = frozenset({
    Code.STATUS, Code.LOGIN, Code.PATRON_STATUS, Code.PATRON, Code.ITEM, Code.END_SESSION,
})  # fmt: skip

#: The repetitions of a message carry no number of their own.
UNNUMBERED = frozenset({Code.SAY_AGAIN, Code.ANSWER_AGAIN})

_AT = ("at", 18)
_LENT = (("ok", 1), ("renewal", 1), ("magnetic", 1), ("desensitize", 1), _AT)
_PATRON = (("status", 14), ("language", 3), _AT)

#: What stands at a fixed place, in order, with its width.
LAYOUT: Mapping[Code, tuple[tuple[str, int], ...]] = {
    Code.STATUS: (("status", 1), ("width", 3), ("version", 4)),
    Code.STATUS_TOLD: (
        ("online", 1), ("check_in", 1), ("check_out", 1), ("renewal", 1), ("status_update", 1),
        ("offline", 1), ("time_out", 3), ("retries", 3), _AT, ("version", 4),
    ),
    Code.LOGIN: (("user_algorithm", 1), ("password_algorithm", 1)),
    Code.LOGIN_TOLD: (("ok", 1),),
    Code.PATRON_STATUS: (("language", 3), _AT),
    Code.PATRON_STATUS_TOLD: _PATRON,
    Code.PATRON: (("language", 3), _AT, ("summary", 10)),
    Code.PATRON_TOLD: (
        *_PATRON,
        ("holds", 4), ("overdue", 4), ("charged", 4), ("fined", 4), ("recalled", 4), ("unavailable", 4),
    ),
    Code.ITEM: (_AT,),
    Code.ITEM_TOLD: (("state", 2), ("security", 2), ("fee_type", 2), _AT),
    Code.CHECK_OUT: (("may_renew", 1), ("no_block", 1), _AT, ("due", 18)),
    Code.CHECK_OUT_TOLD: _LENT,
    Code.CHECK_IN: (("no_block", 1), _AT, ("returned", 18)),
    Code.CHECK_IN_TOLD: (("ok", 1), ("resensitize", 1), ("magnetic", 1), ("alert", 1), _AT),
    Code.HOLD: (("mode", 1), _AT),
    Code.HOLD_TOLD: (("ok", 1), ("available", 1), _AT),
    Code.RENEW: (("third_party", 1), ("no_block", 1), _AT, ("due", 18)),
    Code.RENEW_TOLD: _LENT,
    Code.END_SESSION: (_AT,),
    Code.END_SESSION_TOLD: (("end", 1), _AT),
    Code.SAY_AGAIN: (),
    Code.ANSWER_AGAIN: (),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its fixed values by name, and its variable fields in the order they came."""

    code: Code
    fixed: Mapping[str, str] = field(default_factory=dict)
    #: Among them passwords, so they are shown nowhere.
    fields: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    #: The digit by which an answer is matched with its request; None where it carries none.
    sequence: int | None = None

    def first(self, name: str) -> str:
        """Return the first value of the field *name* that says anything, else nothing."""
        return next(filter(None, self.all(name)), "")

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(value.strip() for known, value in self.fields if known == name)

    def claims(self, name: str) -> bool | None:
        """Return what a Y or N in the field *name* says, None if neither stands there."""
        return {"Y": True, "N": False}.get(self.first(name).upper())


class ItemState(IntEnum):
    """Where a copy is, by the system's own number."""

    OTHER = 1
    ON_ORDER = 2
    AVAILABLE = 3
    CHARGED = 4
    CHARGED_NOT_RECALLABLE = 5
    IN_PROCESS = 6
    RECALLED = 7
    ON_HOLD_SHELF = 8
    TO_BE_RESHELVED = 9
    IN_TRANSIT = 10
    CLAIMED_RETURNED = 11
    LOST = 12
    MISSING = 13


#: States in which somebody has the copy, or nobody knows who.
WITH_SOMEBODY = frozenset({
    ItemState.CHARGED, ItemState.CHARGED_NOT_RECALLABLE, ItemState.RECALLED, ItemState.CLAIMED_RETURNED,
    ItemState.LOST, ItemState.MISSING, ItemState.OTHER,
})  # fmt: skip
