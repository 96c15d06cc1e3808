"""Pages that a browser is sent to."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from ill_broker.app import create_app
from ill_broker.settings import Settings

PAGES = {"/verify": "/api/v1/patrons/verification", "/reset": "/api/v1/password-resets/confirmation"}


@pytest.fixture(scope="module")
def browser() -> FlaskClient:
    return create_app(Settings()).test_client()


def read(browser: FlaskClient, path: str) -> tuple[int, str]:
    with browser.get(path) as answer:
        return answer.status_code, answer.get_data(as_text=True)


@pytest.mark.parametrize("path", PAGES)
def test_the_link_of_the_letter_leads_to_a_page_that_confirms(browser: FlaskClient, path: str) -> None:
    page = browser.get(path)

    assert (200, "text/html; charset=utf-8") == (page.status_code, page.content_type)
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", PAGES)
def test_the_page_needs_nothing_that_its_policy_forbids(browser: FlaskClient, path: str) -> None:
    page = browser.get(path).text
    files = re.findall(r'(?:src|href)="([^"]+)"', page)

    assert files
    assert [200] * len(files) == [read(browser, file)[0] for file in files]
    assert not re.search(r"<script(?![^>]*src=)|<style|\son[a-z]+=|\sstyle=", page)


@pytest.mark.parametrize("path", PAGES)
def test_the_token_stays_in_the_browser(browser: FlaskClient, path: str) -> None:
    assert PAGES[path] in read(browser, f"/static{path}.js")[1]
