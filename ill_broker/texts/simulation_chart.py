"""What a simulation found, as a chart in one language: two bars a group, today's and the candidate's.

The drawing has no script, no address and no style that a page's policy would refuse.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from ill_broker.texts.catalogue import say
from ill_broker.texts.days_and_amounts import said_amount
from ill_broker.texts.simulation_texts import plain, rate, tenths
from workflows.evaluation.simulation import Row, Simulation, Tally

#: groups drawn; the table has them all
MAX_DRAWN = 60
_LABELS, _PANEL, _BAR, _ROW, _HEAD = 220, 300, 200, 44, 70
_TODAY, _CANDIDATE = "#8a97a6", "#1f6f8b"


@dataclass(frozen=True, slots=True)
class _Panel:
    """One measure; bars are drawn against the longest one of those that can be compared."""

    name: str
    value: Callable[[Tally], int]
    #: of a tally with so many loans, in a language
    words: Callable[[Tally, int, str], str]
    #: whether the value is a sum over the loans, so that a bar shows it for each loan
    is_sum: bool = True
    #: whether bars of two currencies have nothing to do with one another
    by_currency: bool = False


PANELS = (
    _Panel("overdue", lambda tally: tally.overdue, lambda tally, loans, _: rate(tally, loans)),
    _Panel(
        "fines",
        lambda tally: tally.fines.minor,
        lambda tally, _, language: said_amount(tally.fines, language),
        is_sum=False,
        by_currency=True,
    ),
    _Panel(
        "usable_days",
        lambda tally: tally.usable_days,
        lambda tally, loans, _: tenths(tally.usable_days, loans),
    ),
)


def as_chart(found: Simulation, language: str) -> str:
    """Return an SVG drawing of the first groups, in the order of the table, with every value in words."""
    rows = found.rows()
    drawn = rows[:MAX_DRAWN]
    width, height = _LABELS + _PANEL * len(PANELS), _HEAD + _ROW * len(drawn) + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}"',
        f' viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        f"<title>{escape(say('simulation.chart.title', language))}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *_legend(len(drawn), len(rows), language),
        *(_text(10, _top(place) + 19, _name(row, language)) for place, row in enumerate(drawn)),
    ]
    for column, panel in enumerate(PANELS):
        parts += _panel(panel, _LABELS + column * _PANEL, drawn, language)
    return "\n".join([*parts, "</svg>\n"])


def _legend(drawn: int, rows: int, language: str) -> Iterator[str]:
    for x, colour, side in ((10, _TODAY, "today"), (80, _CANDIDATE, "candidate")):
        yield f'<rect x="{x}" y="12" width="12" height="12" fill="{colour}"/>'
        yield _text(x + 18, 22, say(f"simulation.chart.{side}", language))
    if rows > drawn:
        yield _text(_LABELS, 22, say("simulation.chart.more", language, {"drawn": drawn, "groups": rows}))


def _panel(panel: _Panel, left: int, rows: Sequence[Row], language: str) -> Iterator[str]:
    yield _text(left, _HEAD - 16, say(f"simulation.chart.{panel.name}", language), bold=True)
    for place, row in enumerate(rows):
        sides = ((row.today, _TODAY), (row.candidate, _CANDIDATE))
        for side, (tally, colour) in enumerate(sides):
            top = _top(place) + 4 + side * 16
            length = _length(panel, tally, row, rows)
            yield f'<rect x="{left}" y="{top}" width="{length}" height="13" fill="{colour}"/>'
            yield _text(left + length + 6, top + 11, panel.words(tally, row.loans, language))


def _length(panel: _Panel, tally: Tally, row: Row, rows: Sequence[Row]) -> int:
    """Return how long a bar is: the longest that it can be compared with has the whole length."""
    longest = max(
        _height(panel, each, other)
        for other in rows
        for each in (other.today, other.candidate)
        if not panel.by_currency or each.fines.currency == tally.fines.currency
    )
    return _BAR * _height(panel, tally, row) // longest if longest else 0


def _height(panel: _Panel, tally: Tally, row: Row) -> int:
    """Return the value in thousandths: of one loan where it is a sum over the loans."""
    return panel.value(tally) * 1000 // (row.loans if panel.is_sum else 1)


def _name(row: Row, language: str) -> str:
    """Return what a group is called, as far as there is room."""
    facts = {"lender": row.group.lender, "category": row.group.category, "loans": row.loans}
    return plain(say("simulation.chart.group", language, facts))[:34]


def _top(place: int) -> int:
    return _HEAD + place * _ROW


def _text(x: int, y: int, words: str, *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x}" y="{y}" fill="#1c2430"{weight}>{escape(words)}</text>'
