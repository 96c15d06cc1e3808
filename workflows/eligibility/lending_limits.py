"""What a library's own desk has said against being asked: a pause, so many a day, not this title."""

from datetime import date

from workflows.citation import Citation
from workflows.libraries import LendingLimits
from workflows.reasons import LenderRefusal, Refusal
from workflows.writing import pieces

_ISBN_DIGITS = 13


def why_not(
    limits: LendingLimits, cited: Citation, *, today: date, asked_today: int
) -> tuple[LenderRefusal, ...]:
    """Return every reason not to ask the library for this work on its day, in a fixed order."""
    is_full = limits.daily_most is not None and asked_today >= limits.daily_most
    told: tuple[LenderRefusal | None, ...] = (
        Refusal.DOES_NOT_LEND_NOW if _is_paused(limits, today) else None,
        Refusal.TITLE_WITHHELD if any(_names(one, cited) for one in limits.withheld) else None,
        Refusal.DAILY_LIMIT if is_full else None,
    )
    return tuple(reason for reason in told if reason is not None)


def _is_paused(limits: LendingLimits, today: date) -> bool:
    return limits.paused and (limits.paused_until is None or today <= limits.paused_until)


def _names(told: str, cited: Citation) -> bool:
    """Tell whether what was typed is the work's ISBN, or its title with whatever marks and case."""
    isbn = told.replace("-", "").replace(" ", "")
    if len(isbn) == _ISBN_DIGITS and isbn.isdigit():
        return isbn == cited.isbn
    return _plain(told) in {_plain(cited.title), _plain(f"{cited.title} {cited.volume or ''}")}


def _plain(text: str) -> tuple[str, ...]:
    return tuple(pieces(text))
