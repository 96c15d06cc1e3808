"""Each page in both languages, on a screen and on a phone: readable, whole, and in one language."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ill_broker.demo.client import Client
from tests.journeys.every_page import BEST, PAGES, SCANNED, WITHOUT_PRIMARY
from tests.journeys.standing import standing
from tests.support.browsing import LOGINS, PASSWORD, kept, log_in, speak

pytestmark = pytest.mark.ci
#: language, width, colours
LOOKS = [("zh", 1280, "dark"), ("zh", 390, "light"), ("en", 1280, "light"), ("en", 390, "dark")]
_WIDER = "document.documentElement.scrollWidth > innerWidth"
_CUT = """[...document.querySelectorAll("main *, header *")]
    .filter(one => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX === "hidden"
        && one.clientWidth > 0 && !one.matches(".unseen")).map(one => one.outerHTML.slice(0, 120))"""
_FAULTS = """axe.run({resultTypes: ["violations"]})
    .then(found => found.violations.map(one => one.id + ' ' + one.nodes[0].target))"""
#: two things to press or to fill in, one over the other
_OVER_EACH_OTHER = """(() => {
    const shown = [...document.querySelectorAll("a, button, input, select, textarea, summary")].filter(one =>
        one.checkVisibility({visibilityProperty: true}) && !one.matches(".skip, .unseen, [type=hidden]"));
    const boxes = shown.flatMap(one => [...one.getClientRects()].map(box => [one, box]));
    return boxes.flatMap(([one, a], at) => boxes.slice(at + 1)
        .filter(([other, b]) => !one.contains(other) && !other.contains(one)
            && Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
            && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2)
        .map(([other]) => "over each other: " + one.outerHTML.slice(0, 80) + other.outerHTML.slice(0, 80)));
})()"""
#: what says no, chosen before anybody has chosen, or as the first thing to do
_REFUSING = """[...document.querySelectorAll(
    ["Unfilled", "Cancelled", "false", "refuse"].flatMap(said => [`input:checked[value=${said}]`,
        `option:checked[value=${said}]`, `button.primary[value=${said}]`]).concat(".primary.danger").join())]
    .map(one => "refuses unless somebody looks: " + one.outerHTML.slice(0, 120))"""
#: what people wrote themselves, and what says which language it is, is left out
_SAID = """(() => { const copy = document.body.cloneNode(true);
    copy.querySelectorAll(".title, .told, .facts dd, .slip dd, h1, [lang], script, [name=library], "
        + "[name=language], [name=actor], [name=category]").forEach(one => one.remove());
    return copy.textContent; })()"""


@pytest.fixture(scope="module")
def known(demonstration: str) -> dict[str, str]:
    """Return what the lines name."""
    return standing(demonstration)


@pytest.mark.parametrize("look", LOOKS)
def test_each_page_can_be_read_by_everybody(
    chromium: Any, demonstration: str, known: dict[str, str], axe: str, look: tuple[str, int, str]
) -> None:
    language, width, colours = look
    faults = []
    for who in sorted({who for _, who in PAGES.values()}):
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            locale="zh-CN" if language == "zh" else "en-GB",
            color_scheme=colours,
            bypass_csp=True,
        )
        page, asked = context.new_page(), set[str]()
        page.on("request", lambda request, asked=asked: asked.add(request.url))
        log_in(page, demonstration, who)
        speak(page, demonstration, language)
        for name, (path, whose) in PAGES.items():
            if whose == who:
                _come_to(page, demonstration, name, path.format(**known))
                is_best = BEST.get(name) == (language, width)
                kept(page, f"{name}-{language}-{width}-{colours}", is_best=is_best)
                page.evaluate(axe)
                faults += [f"{name}: {fault}" for fault in _faults(page, name, language)]
        faults += [url for url in asked if not url.startswith((demonstration, "data:"))]
        context.close()

    assert [] == faults


def _come_to(page: Any, address: str, name: str, path: str) -> None:
    first, *links = path.split(" > ")
    page.goto(f"{address}{first}")
    for link in links:
        page.click(link)
    for code in SCANNED.get(name, ()):
        page.fill("#f-code", code)
        page.press("#f-code", "Enter")
        page.wait_for_selector(".waiting", state="detached")


def _faults(page: Any, name: str, language: str) -> list[str]:
    found = [f for script in (_FAULTS, _CUT, _OVER_EACH_OTHER, _REFUSING) for f in page.evaluate(script)]
    if page.evaluate(_WIDER):
        found.append("wider than its window")
    most = page.locator(".primary:visible").count()
    if most != (0 if name in WITHOUT_PRIMARY else 1):
        found.append(f"{most} primary actions")
    strange = r"[a-z]{3,} [a-z]{3,}" if language == "zh" else r"[\u4e00-\u9fff]+"
    found += re.findall(strange, page.evaluate(_SAID))
    return found


def test_something_waits_in_each_list_of_a_desk(demonstration: str) -> None:
    desk = Client(demonstration).log_in(LOGINS["staff"], PASSWORD)
    waiting = {**desk.get("/api/v1/desk"), **desk.get("/api/v1/lending")}
    reader = Client(demonstration).log_in(LOGINS["patron"], PASSWORD)
    standing = {one["status"] for one in reader.get("/api/v1/requests")["items"]}

    assert [] == [name for name, count in waiting.items() if name != "answers_by_itself" and not count]
    assert {"submitted", "conditional", "in_transit", "notified", "on_loan", "returned", "closed"} == standing
