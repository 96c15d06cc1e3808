"""A reader types on a telephone what no search has found; a clerk finds it: both by keys alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.browsing import log_in, speak
from tests.support.keys import fill_in, press

pytestmark = pytest.mark.ci
#: what the reader remembers of it, and what it is called
TYPED, CALLED = "不知名的书二十七种", "中国"


def test_a_typed_request_is_matched_by_the_desk(chromium: Any, demonstration: str) -> None:
    telephone = {"width": 390, "height": 844}
    reader = chromium.new_context(viewport=telephone, locale="zh-CN").new_page()
    log_in(reader, demonstration, "neighbour")
    speak(reader, demonstration, "zh")
    fill_in(reader, "#f-text", TYPED)
    press(reader, "form.search button.primary")
    reader.wait_for_selector("#found:not([hx-get])", timeout=60_000)
    press(reader, "a[href^='/typed/new']")

    assert TYPED == reader.input_value("#f-title")
    fill_in(reader, "#f-note", "哪一版都可以。")
    press(reader, "main button.primary")
    typed, number = reader.url, reader.text_content(".number")
    assert "图书馆正在查找" in reader.text_content("main")
    reader.goto(f"{demonstration}/requests")
    assert TYPED in reader.text_content("main")

    clerk = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN").new_page()
    log_in(clerk, demonstration, "their_desk")
    speak(clerk, demonstration, "zh")
    clerk.goto(f"{demonstration}/desk")
    press(clerk, "nav.counts a[href='/desk/typed']")
    press(clerk, f"a.title:text-is('{TYPED}')")
    fill_in(clerk, "#f-title", CALLED)
    press(clerk, "form.cited button.primary")
    press(clerk, "#found:not([hx-get]) button[name=lender].primary")
    assert "已经以读者的名义提出申请" in clerk.text_content("main")

    reader.goto(typed)
    told = reader.text_content("main")
    assert "/requests/req_" in reader.url
    assert (True, True) == (number in told, CALLED in told)
    assert not reader.evaluate("document.documentElement.scrollWidth > innerWidth")
