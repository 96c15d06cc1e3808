"""Draws which package imports which, from the code's own imports, as one page: docs/picture.svg."""

from __future__ import annotations

from graphlib import TopologicalSorter
from html import escape
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "picture.svg"
#: the project's packages, the upper floor first, and the colour of each
FLOORS = {"ill_broker": "#d6e6f7", "connectors": "#dff0d4", "workflows": "#fae9c8"}
#: whose packages are drawn one by one
OPEN = (*FLOORS, "ill_broker.services")
#: what is one thing to somebody who looks from afar, by the name of its box
TOGETHER = ("ill_broker.clock, mint, settings, telemetry",)
WIDTH, ROW, HEIGHT, LETTER, MARGIN, SWEEPS = 1000, 56, 26, 6.7, 16, 12
STYLE = (
    "text{font:12px sans-serif;text-anchor:middle;fill:#112}rect{stroke:#556;stroke-width:.8}"
    "path{fill:none;stroke:#556;stroke-width:.8;opacity:.5;marker-end:url(#head)}"
)
HEAD = (
    '<marker id="head" viewBox="0 0 6 6" refX="6" refY="3" markerWidth="7" markerHeight="7" orient="auto">'
    '<polygon points="0,0 6,3 0,6" fill="#556"/></marker>'
)

Arrows = dict[str, set[str]]


def box_of(module: str, files: frozenset[str]) -> str | None:
    """Return the box of *module*: a package, a file beside packages, or what it stands together with."""
    hall = max((each for each in OPEN if module.startswith(f"{each}.")), key=len, default=None)
    if hall is None or module in OPEN:
        return None
    name = module.removeprefix(f"{hall}.").split(".")[0]
    if hall in ("workflows", "ill_broker.services") and f"{hall}.{name}" in files:
        return f"{hall}.on the ground"
    if hall == "connectors" and f"{hall}.{name}.client" in files:
        return f"{hall}.one protocol each"
    if hall == "ill_broker" and name.endswith("_cli"):
        return "ill_broker.*_cli"
    for together in TOGETHER:
        if together.startswith(f"{hall}.") and name in together.removeprefix(f"{hall}.").split(", "):
            return together
    return f"{hall}.{name}"


def arrows() -> Arrows:
    """Return each box with those it imports."""
    graph = grimp.build_graph(*FLOORS, cache_dir=None)
    files = frozenset(module for module in graph.modules if not graph.find_children(module))
    boxes = {module: box_of(module, files) for module in graph.modules}
    found: Arrows = {box: set() for box in boxes.values() if box is not None}
    for module, box in boxes.items():
        if box is not None:
            imported = {boxes[each] for each in graph.find_modules_directly_imported_by(module)}
            found[box] |= {each for each in imported if each is not None and each != box}
    return found


def reduced(every: Arrows) -> Arrows:
    """Return the arrows that are left when what follows from others is not drawn.

    Raises graphlib.CycleError where boxes import each other in a circle.
    """
    below: Arrows = {}
    for box in TopologicalSorter(every).static_order():
        below[box] = set().union(*(below[each] | {each} for each in every[box]))
    return {
        box: {each for each in to if not any(each in below[other] for other in to)}
        for box, to in every.items()
    }


def rows(every: Arrows) -> list[list[str]]:
    """Return the boxes row by row, each as low as what it imports on its own floor lets it stand."""
    height: dict[str, int] = {}
    for box in TopologicalSorter(every).static_order():
        height[box] = max((height[each] + 1 for each in every[box] if _floor(each) == _floor(box)), default=0)
    places = sorted(every, key=lambda box: (list(FLOORS).index(_floor(box)), -height[box], box))
    found: dict[tuple[str, int], list[str]] = {}
    for box in places:
        found.setdefault((_floor(box), height[box]), []).append(box)
    return list(found.values())


def placed(lines: list[list[str]], drawn: Arrows) -> dict[str, tuple[float, float]]:
    """Return the middle of each box, those of a row ordered so that arrows are short."""
    middle: dict[str, tuple[float, float]] = {}
    for y, line in enumerate(lines):
        middle |= _spread(line, MARGIN + ROW * y)
    near = {box: drawn[box] | {each for each, to in drawn.items() if box in to} for box in drawn}
    for _ in range(SWEEPS):
        for y, line in enumerate(lines):
            pull = {box: sum(middle[each][0] for each in near[box]) / max(1, len(near[box])) for box in line}
            line.sort(key=lambda box: (round(pull[box], 3), box))
            middle |= _spread(line, MARGIN + ROW * y)
    return middle


def drawing() -> str:
    """Return the picture as SVG, the same for the same imports."""
    every = arrows()
    drawn, lines = reduced(every), rows(every)
    middle = placed(lines, drawn)
    height = MARGIN * 2 + ROW * (len(lines) - 1) + HEIGHT
    told = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        "<title>Which package imports which; an arrow that follows from others is not drawn</title>",
        f"<style>{STYLE}</style><defs>{HEAD}</defs>",
        *(_arrow(middle[box], middle[each]) for box in sorted(drawn) for each in sorted(drawn[box])),
        *(_box(box, *middle[box]) for line in lines for box in line),
        "</svg>",
    ]
    return "\n".join(told) + "\n"


def _floor(box: str) -> str:
    return box.split(".", maxsplit=1)[0]


def _label(box: str) -> str:
    hall = max((each for each in OPEN if box.startswith(f"{each}.")), key=len)
    return (
        box.removeprefix(f"{hall}.")
        if hall != "ill_broker.services"
        else f"services/{box.removeprefix(hall + '.')}"
    )


def _width(box: str) -> float:
    return round(LETTER * len(_label(box)) + 22, 1)


def _spread(line: list[str], y: float) -> dict[str, tuple[float, float]]:
    gap = (WIDTH - sum(map(_width, line))) / (len(line) + 1)
    x, found = gap, {}
    for box in line:
        found[box] = (round(x + _width(box) / 2, 1), y)
        x += _width(box) + gap
    return found


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> str:
    (x, y), (to, below) = (start[0], start[1] + HEIGHT), end
    bend = round((below - y) / 2, 1)
    return f'<path d="M{x},{y} C{x},{y + bend} {to},{below - bend} {to},{below}"/>'


def _box(box: str, x: float, y: float) -> str:
    left, width = round(x - _width(box) / 2, 1), _width(box)
    return (
        f'<rect x="{left}" y="{y}" width="{width}" height="{HEIGHT}" rx="4" fill="{FLOORS[_floor(box)]}"/>'
        f'<text x="{x}" y="{y + 17}">{escape(_label(box))}</text>'
    )


if __name__ == "__main__":
    PICTURE.write_text(drawing(), encoding="utf-8")
