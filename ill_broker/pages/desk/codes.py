"""Draws what scanners read: pictures that need no style of their own, so that they may stand in a page."""

import re

import segno
from barcode.codex import Code128
from markupsafe import Markup

_BAR = re.compile("1+")
#: modules of white on either side that a scanner needs
_QUIET = 10
_HEIGHT = 40
_MODULE_MM = 0.33


def code_128(text: str) -> Markup:
    """Return *text* as Code 128, each module a third of a millimetre wide."""
    (modules,) = Code128(text).build()
    bars = "".join(
        f"M{bar.start() + _QUIET} 0h{bar.end() - bar.start()}v{_HEIGHT}H{bar.start() + _QUIET}z"
        for bar in _BAR.finditer(modules)
    )
    width = len(modules) + 2 * _QUIET
    return Markup(
        '<svg class="bars" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{mm}mm"'
        ' height="13mm" preserveAspectRatio="none" shape-rendering="crispEdges"><path d="{bars}"/></svg>'
    ).format(width=width, height=_HEIGHT, mm=round(width * _MODULE_MM, 2), bars=bars)


def qr_code(text: str) -> Markup:
    """Return *text* as a QR code, which is read from any side."""
    drawn = segno.make(text, micro=False, error="m")
    return Markup(drawn.svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None))  # noqa: S704 - paths only
