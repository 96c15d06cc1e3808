"""Moved due dates as a drawing in one language: a line for each pair of days, from the old one to the new.

The drawing has no script, no address and no style that a page's policy would refuse.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from html import escape

from ill_broker.texts.catalogue import say, say_count
from ill_broker.texts.days_and_amounts import said_day

#: pairs of days that are drawn; the table has them all
MAX_DRAWN = 40
_WORDS, _PLOT, _ROW, _HEAD = 330, 300, 26, 44
_WAS, _GOES = "#5b6875", "#1f6f8b"

Moves = Mapping[tuple[date, date], int]


def as_picture(moves: Moves, language: str) -> str:
    """Return an SVG drawing of the first pairs of days, each with its loans in words."""
    drawn = sorted(moves)[:MAX_DRAWN]
    width, height = _WORDS + _PLOT + 20, _HEAD + _ROW * len(drawn) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}"',
        f' viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        f"<title>{escape(say('amendment_chart.title', language))}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<circle cx="16" cy="18" r="5" fill="#ffffff" stroke="{_WAS}" stroke-width="2"/>',
        _text(28, 22, say("amendment_chart.was", language)),
        f'<circle cx="136" cy="18" r="6" fill="{_GOES}"/>',
        _text(148, 22, say("amendment_chart.goes", language)),
    ]
    for place, pair in enumerate(drawn):
        parts += _line(pair, moves[pair], _HEAD + _ROW * place + 14, drawn, language)
    return "\n".join([*parts, "</svg>\n"])


def said_pair(pair: tuple[date, date], language: str) -> tuple[str, str]:
    """Return the day that was and the day that is to be, in words."""
    was, goes = (said_day(day, language) for day in pair)
    return was, goes


def _line(
    pair: tuple[date, date], loans: int, y: int, drawn: Sequence[tuple[date, date]], language: str
) -> list[str]:
    was, goes = (_x(day, drawn) for day in pair)
    facts = dict(zip(("was", "goes"), said_pair(pair, language), strict=True))
    words = say(
        "amendment_chart.line", language, facts | {"loans": say_count("count.loans", language, loans)}
    )
    return [
        _text(10, y + 4, words),
        f'<line x1="{was}" y1="{y}" x2="{goes}" y2="{y}" stroke="{_GOES}" stroke-width="2"/>',
        f'<circle cx="{was}" cy="{y}" r="5" fill="#ffffff" stroke="{_WAS}" stroke-width="2"/>',
        f'<circle cx="{goes}" cy="{y}" r="6" fill="{_GOES}"/>',
    ]


def _x(day: date, drawn: Sequence[tuple[date, date]]) -> int:
    first, last = min(was for was, _ in drawn), max(goes for _, goes in drawn)
    return _WORDS + _PLOT * (day - first).days // max((last - first).days, 1)


def _text(x: int, y: int, words: str) -> str:
    return f'<text x="{x}" y="{y}" fill="#1c2430">{escape(words)}</text>'
