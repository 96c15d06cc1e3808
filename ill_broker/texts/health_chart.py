"""A connector's month as a drawing in one language: a bar a day, and in it how many calls failed.

The drawing has no script, no address and no style that a page's policy would refuse.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from html import escape

from ill_broker.texts.catalogue import say
from ill_broker.texts.days_and_amounts import said_day

DAYS = 30
_BAR, _GAP, _LEFT, _HEAD, _PLOT, _FOOT = 14, 6, 44, 40, 100, 28
_WELL, _FAILED, _INK, _LINE = "#9cc3d1", "#a3321f", "#1c2430", "#5b6875"

#: of a day, the calls and how many of them failed
Counts = Mapping[date, tuple[int, int]]


def as_picture(counts: Counts, *, today: date, language: str) -> str:
    """Return an SVG drawing of the last days up to today; a failed call is dark, and framed."""
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    most = max((counts.get(day, (0, 0))[0] for day in days), default=0)
    width, height = _LEFT + DAYS * (_BAR + _GAP) + 10, _HEAD + _PLOT + _FOOT
    base = _HEAD + _PLOT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}"',
        f' viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        f"<title>{escape(say('health_chart.title', language))}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *_legend(language),
        _text(4, _HEAD + 10, str(most)),
        _text(4, base, "0"),
        f'<line x1="{_LEFT}" y1="{base}" x2="{width - 10}" y2="{base}" stroke="{_LINE}"/>',
        _text(_LEFT, base + 18, said_day(days[0], language)),
        _text(width - 10, base + 18, said_day(today, language), anchor="end"),
    ]
    for place, day in enumerate(days):
        parts += _bar(_LEFT + place * (_BAR + _GAP), base, counts.get(day, (0, 0)), most)
    return "\n".join([*parts, "</svg>\n"])


def _legend(language: str) -> Iterator[str]:
    yield f'<rect x="{_LEFT}" y="10" width="12" height="12" fill="{_WELL}"/>'
    yield _text(_LEFT + 18, 21, say("health_chart.well", language))
    yield f'<rect x="{_LEFT + 150}" y="10" width="12" height="12" fill="{_FAILED}" stroke="{_INK}"/>'
    yield _text(_LEFT + 168, 21, say("health_chart.failed", language))


def _bar(x: int, base: int, counted: tuple[int, int], most: int) -> Iterator[str]:
    """Return the bar of a day; whatever there is of something is seen."""
    calls, failures = counted
    if not calls:
        return
    whole = max(2, _PLOT * calls // most)
    failed = max(2, whole * failures // calls) if failures else 0
    yield f'<rect x="{x}" y="{base - whole}" width="{_BAR}" height="{whole}" fill="{_WELL}"/>'
    if failed:
        yield (
            f'<rect x="{x}" y="{base - failed}" width="{_BAR}" height="{failed}"'
            f' fill="{_FAILED}" stroke="{_INK}"/>'
        )


def _text(x: int, y: int, words: str, *, anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{_INK}">{escape(words)}</text>'
