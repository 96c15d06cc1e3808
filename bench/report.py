"""The table that is printed, and the machine that it was measured on."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One figure with what it is to reach."""

    figure: str
    ratio: str
    reach: str
    aim: str
    verdict: str
    detail: str


HEAD = ("figure", "ratio", "to reach", "aim", "", "measured")


def table(measured: Iterable[Line]) -> str:
    """Return the figures as a table in Markdown."""
    rows = [HEAD, *map(astuple, measured)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    shown = [
        "| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    return "\n".join([shown[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *shown[1:]])


def verdict(value: float, reach: float | None, aim: float | None) -> str:
    """Return in a word how far a figure has come; more is better."""
    if reach is None or aim is None:
        return ""
    return "aim" if value >= aim else "reached" if value >= reach else "below"


def machine(databases: Iterable[str]) -> str:
    """Return one line about what was measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = Path("/proc/loadavg")
    busy = f", load {load.read_text().split()[0]} at the start" if load.exists() else ""
    parts = [
        f"{os.cpu_count()} cores",
        f"{memory:.0f} GiB",
        f"Python {platform.python_version()}",
        *databases,
    ]
    return ", ".join(parts) + busy
