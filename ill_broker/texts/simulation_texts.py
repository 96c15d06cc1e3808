"""What a simulation found: a table in one language for people, and CSV for spreadsheets."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from unicodedata import east_asian_width

from ill_broker.texts.catalogue import say, say_count
from ill_broker.texts.days_and_amounts import said_amount, said_day
from ill_broker.texts.flaws import CaseFlaw
from workflows.evaluation.simulation import ALL, Row, Simulation, Tally

#: the columns of the table, each with its heading
COLUMNS = (
    "lender", "category", "loans", "still_out", "overdue", "fines", "open_fines", "usable_days", "due_dates"
)  # fmt: skip
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


def as_table(found: Simulation, language: str) -> str:
    """Return a table, each cell as it is today and as it would be, and what stands behind it."""
    lines = table(found, language)
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    told = ["  ".join(map(_padded, line, widths)).rstrip() for line in lines]
    return "\n".join([*told, "", *notes(found, language)]) + "\n"


def table(found: Simulation, language: str) -> list[Sequence[str]]:
    """Return the heads of the columns, and each group's cells; all groups together stand last."""
    rows = found.rows()
    # a group that stands alone is all there is
    totals = found.totals() if len(rows) > 1 else []
    head = [say(f"simulation.column.{column}", language) for column in COLUMNS]
    return [head, *(_cells(row, language) for row in [*rows, *totals])]


def _cells(row: Row, language: str) -> Sequence[str]:
    sides = [_side(tally, row.loans, language) for tally in (row.today, row.candidate)]
    moved = {"earlier": row.due_earlier, "later": row.due_later}
    return (
        said_group(row.group.lender, language),
        said_group(row.group.category, language),
        str(row.loans),
        str(row.still_out),
        *(f"{today} -> {then}" for today, then in zip(*sides, strict=True)),
        say("simulation.moved", language, moved),
    )


def _side(tally: Tally, loans: int, language: str) -> Sequence[str]:
    usable = {"mean": tenths(tally.usable_days, loans), "least": tally.least_usable or 0}
    return (
        f"{tally.overdue} ({rate(tally, loans)}%)",
        said_amount(tally.fines, language),
        str(tally.open_fines),
        say("simulation.usable", language, usable),
    )


def said_group(name: str, language: str) -> str:
    """Return what loans are counted by: a name, or that these are all."""
    return say("simulation.all", language) if name == ALL else plain(name)


def notes(found: Simulation, language: str) -> Iterable[str]:
    """Yield what stands behind the table: how many loans were counted, and which were not."""
    yield say_count("simulation.counted", language, found.loans)
    out = sum(row.still_out for row in found.rows())
    if out:
        yield say("simulation.out", language, {"count": out, "day": said_day(found.as_of.date(), language)})
    if found.not_lent:
        yield say_count("simulation.not_lent", language, found.not_lent)
    for (side, code), count in sorted(found.unjudged.items()):
        facts = {"count": count, "reason": say(CaseFlaw(code).message, language)}
        yield say(f"simulation.unjudged.{side}", language, facts)


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes: a Chinese character takes two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


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
    named = plain(text)
    return f"'{named}" if named.startswith(_FORMULA) else named


def plain(text: str) -> str:
    """Return a name without what would move what stands beside it."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
