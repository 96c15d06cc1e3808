"""What a simulation found, for people and spreadsheets: a table and CSV."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from workflows.evaluation.simulation import Row, Simulation, Tally

HEAD = ("lender", "category", "loans", "out", "overdue", "fines", "open", "usable days", "due dates")
CSV_HEAD = (
    "lender",
    "category",
    "loans",
    "still_out",
    "overdue_today",
    "overdue_candidate",
    "overdue_rate_today",
    "overdue_rate_candidate",
    "currency_today",
    "fines_today",
    "open_fines_today",
    "currency_candidate",
    "fines_candidate",
    "open_fines_candidate",
    "usable_days_today",
    "usable_days_candidate",
    "least_usable_days_today",
    "least_usable_days_candidate",
    "due_earlier",
    "due_later",
)
#: what a spreadsheet takes for the beginning of a formula
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def tenths(part: int, whole: int) -> str:
    """Return the quotient with one decimal, rounded half up: "0.0" of nothing."""
    rounded = (part * 20 + whole) // (2 * whole) if whole else 0
    return f"{rounded // 10}.{rounded % 10}"


def rate(tally: Tally, loans: int) -> str:
    """Return how many of a hundred loans are overdue."""
    return tenths(tally.overdue * 100, loans)


def as_csv(found: Simulation) -> str:
    """Return a line for each group, with a head (RFC 4180)."""
    told = StringIO()
    writer = csv.writer(told)
    writer.writerow(CSV_HEAD)
    writer.writerows(_csv_cells(row) for row in found.rows())
    return told.getvalue()


def as_table(found: Simulation) -> str:
    """Return a table, each cell as it is today and as it would be, and what stands behind it."""
    rows = found.rows()
    # a group that stands alone is all there is
    totals = found.totals() if len(rows) > 1 else []
    lines = [HEAD, *(_cells(row) for row in [*rows, *totals])]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    told = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]
    return "\n".join([*told, "", *_notes(found)]) + "\n"


def _cells(row: Row) -> Sequence[str]:
    today, then = row.today, row.candidate
    return (
        _plain(row.group.lender),
        _plain(row.group.category),
        str(row.loans),
        str(row.still_out),
        f"{today.overdue} ({rate(today, row.loans)}%) -> {then.overdue} ({rate(then, row.loans)}%)",
        f"{today.fines} -> {then.fines}",
        f"{today.open_fines} -> {then.open_fines}",
        f"{_usable(today, row.loans)} -> {_usable(then, row.loans)}",
        f"{row.due_earlier} earlier, {row.due_later} later",
    )


def _usable(tally: Tally, loans: int) -> str:
    return f"{tenths(tally.usable_days, loans)} (least {tally.least_usable or 0})"


def _notes(found: Simulation) -> Iterable[str]:
    yield f"{found.loans} loans; each cell: today -> candidate."
    out = sum(row.still_out for row in found.rows())
    if out:
        day = found.as_of.date().isoformat()
        yield f"{out} are still out: late and fined as that has come by {day}, or by the day they name."
    if found.not_lent:
        yield f"{found.not_lent} requests never came to a loan."
    for (side, code), count in sorted(found.unjudged.items()):
        yield f"{count} loans are left out, which cannot be judged by the rules of {_SIDES[side]}: {code}."


_SIDES = {"today": "today", "candidate": "the candidate"}


def _csv_cells(row: Row) -> Sequence[str | int]:
    today, then = row.today, row.candidate
    return (
        _safe(row.group.lender),
        _safe(row.group.category),
        row.loans,
        row.still_out,
        today.overdue,
        then.overdue,
        rate(today, row.loans),
        rate(then, row.loans),
        row.group.currency,
        today.fines.amount,
        today.open_fines,
        row.group.new_currency,
        then.fines.amount,
        then.open_fines,
        tenths(today.usable_days, row.loans),
        tenths(then.usable_days, row.loans),
        today.least_usable or 0,
        then.least_usable or 0,
        row.due_earlier,
        row.due_later,
    )


def _safe(text: str) -> str:
    """Return a name such that no spreadsheet calculates it."""
    plain = _plain(text)
    return f"'{plain}" if plain.startswith(_FORMULA) else plain


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
