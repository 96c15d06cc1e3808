"""A reader's whole way on a telephone, in Chinese, by keys alone; the main ways without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ill_broker.demo.consortium import PASSWORD
from tests.journeys.story import DAY, EMAIL, HOUR, LENDER, SCENARIOS, Story, is_at_both
from tests.journeys.world import World
from tests.support.browsing import kept
from tests.support.keys import fill_in, press

pytestmark = pytest.mark.ci
_TELEPHONE = {"width": 390, "height": 844}
#: what scrolls sideways on a telephone is lost
_WIDER = "document.documentElement.scrollWidth > innerWidth"


class OnATelephone(Story):
    """Walks the journey as its reader does: by letters, links and buttons."""

    def __init__(self, world: World, page: Any) -> None:
        super().__init__(world)
        self._page = page
        #: what the page of the request said, by the step that was taken
        self.said: dict[str, str] = {}

    def walk(self) -> None:
        self._register()
        self._search()
        self._submit()
        self._says("WillSupply", self._later(HOUR))
        self._until(lambda request: request["status"] == "accepted")
        self._look("accepted")
        self._says("Loaned", self._later(DAY))
        self._until(lambda request: request["status"] == "in_transit")
        self._look("in_transit")
        self._later(2 * DAY)
        self._desk.post("/api/v1/arrivals", {"code": self._get()["number"]})
        self._at_desk("notification", result="reached")
        self._look("notified")
        self._at_desk("handover", condition="good")
        self._look("on_loan")
        press(self._page, "#renew button.primary")
        self._look("renewed")
        self._later(20 * DAY)
        self._log_in()
        self._at_desk("return", condition="good")
        self._look("returned")

    def _register(self) -> None:
        self._page.goto(f"{self._world.url}/register")
        filled = {"home": "bjtu", "card_number": "21251001", "name": "李华", "mobile": "13800138000"}
        for name, value in {**filled, "email": EMAIL, "password": PASSWORD}.items():
            fill_in(self._page, f"#f-{name}", value)
        press(self._page, "main button.primary")
        self._page.goto(re.findall(r"http\S+#\S+", self._letter("请确认您的电子邮箱"))[0])
        press(self._page, "main button.primary")
        self._page.goto(f"{self._world.url}/log-in")
        enter(self._page)
        self._log_in()

    def _search(self) -> None:
        found = searched(self._page, "中国")
        told = self._patron.get(f"/api/v1/searches/{found.rpartition('/')[2]}")
        work = next(work["id"] for work in told["works"] if is_at_both(work))
        self._page.goto(f"{found}/works/{work}")
        self.said["work"] = self._page.inner_text("main")

    def _submit(self) -> None:
        press(self._page, "main button.primary")
        self._id = self._page.url.rpartition("/")[2]
        self._until(lambda request: request["lender"] == LENDER)
        self._look("submitted")

    def _look(self, step: str) -> None:
        self._page.goto(f"{self._world.url}/requests/{self._id}")
        if "/log-in" in self._page.url:
            enter(self._page)
        kept(self._page, f"journey-{step}")
        self.said[step] = self._page.inner_text("main")

        assert not self._page.evaluate(_WIDER), step


def enter(page: Any) -> None:
    """Log the reader in."""
    fill_in(page, "#f-login", EMAIL)
    fill_in(page, "#f-password", PASSWORD)
    press(page, "main button.primary")


def searched(page: Any, text: str) -> str:
    """Search, wait for all libraries, and return where the results are."""
    fill_in(page, "#f-text", text)
    press(page, "main button.primary")
    page.wait_for_selector("#found:not([hx-get])")
    address: str = page.url
    return address


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("telephone")
    with World(folder, f"sqlite:///{folder / 'broker.db'}", SCENARIOS) as world:
        yield world


@pytest.fixture(scope="module")
def walked(world: World, chromium: Any) -> OnATelephone:
    context = chromium.new_context(viewport=_TELEPHONE, locale="zh-CN")
    journey = OnATelephone(world, context.new_page())
    journey.walk()
    context.close()
    return journey


def test_each_step_says_what_comes_next(walked: OnATelephone) -> None:
    expected = {
        "work": r"预计到馆\s+3月\d+–\d+日",
        "submitted": r"正在询问[\s\S]*周.前答复",
        "accepted": r"应在2026年3月\d+日周.前寄出",
        "in_transit": r"预计3月\d+–\d+日到馆",
        "notified": r"为您保留到2026年3月\d+日周",
        "on_loan": r"现在续借，可以留到2026年\d月\d+日周.。",
        "renewed": r"现在不能续借：",
        "returned": r"已在.*归还",
    }

    assert {} == {
        step: walked.said[step] for step, words in expected.items() if not re.search(words, walked.said[step])
    }
    assert not [step for step, said in walked.said.items() if re.search(r"[a-z]{3,} [a-z]{3,}", said)]


def test_without_a_script_a_reader_finds_asks_and_gives_up(
    walked: OnATelephone, world: World, chromium: Any
) -> None:
    context = chromium.new_context(viewport=_TELEPHONE, locale="zh-CN", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{world.url}/log-in")
    enter(page)
    page.fill("#f-text", "中国")
    page.click("main button.primary")
    while page.locator("noscript a").count():
        page.click("noscript a")
    found = page.url
    page.locator(".facets a").first.click()
    narrowed, first = page.url, page.locator("a.title").first
    title = first.inner_text()
    first.click()
    page.click("main button.primary")
    asked = page.url
    page.locator("details.more summary").last.click()
    page.click("button.danger")
    page.goto(f"{world.url}/requests")

    assert narrowed.startswith(f"{found}?")
    assert re.search(r"/requests/req_\w+$", asked)
    assert "已取消" in page.inner_text("main") or "已结束" in page.inner_text("main")
    assert title in page.content()
    context.close()
