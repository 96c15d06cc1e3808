"""Pages that a browser is sent to."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ill_broker.app import create_app
from ill_broker.demo.stage import set_stage
from ill_broker.services.office.announcements import Announcements
from ill_broker.settings import Settings, read_settings
from ill_broker.storage.announcements import Announcement
from tests.support.sources import ROOT

PAGES = ("/verify", "/reset")
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
#: what is not ours, as its publisher gave it out
VENDORED = {"htmx.min.js": "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"}


class NothingSaid(Announcements):
    """Announces nothing, and asks no database."""

    def __init__(self) -> None:
        """Stand on nothing."""

    def holding(self, *_: object, **__: object) -> list[Announcement]:
        return []


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app(Settings(secret_key="a key for the tests alone, and long"), [NothingSaid()])


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.mark.parametrize("path", PAGES)
def test_the_link_of_the_letter_leads_to_a_page_that_confirms(browser: FlaskClient, path: str) -> None:
    page = browser.get(path)

    assert (200, "text/html; charset=utf-8") == (page.status_code, page.content_type)
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert f'action="{path}"' in page.text


@pytest.mark.parametrize("path", PAGES)
def test_the_page_needs_nothing_that_its_policy_forbids(browser: FlaskClient, path: str) -> None:
    page = browser.get(path).text
    files = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)

    assert files
    assert [200] * len(files) == [_status(browser, file) for file in files]
    assert not re.search(r"<script(?![^>]*src=)|<style|\son[a-z]+=|\sstyle=", page)
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page)


def test_a_telephone_can_keep_it_among_its_programs(browser: FlaskClient) -> None:
    (address,) = re.findall(r'rel="manifest" href="([^"]+)"', browser.get("/verify?lang=en").text)
    told = browser.get(address)
    said = json.loads(told.text)

    assert "application/manifest+json" == told.mimetype
    assert ("Inter-library loan", "standalone") == (said["name"], said["display"])
    assert {"any", "192x192", "512x512"} == {icon["sizes"] for icon in said["icons"]}
    assert {200} == {_status(browser, icon["src"]) for icon in said["icons"]}


def test_a_stranger_chooses_the_language(browser: FlaskClient) -> None:
    english = {"Accept-Language": "en"}

    assert 'lang="zh-Hans"' in browser.get("/verify").text
    assert 'lang="en"' in browser.get("/verify", headers=english).text
    assert 'lang="zh-Hans"' in browser.get("/verify?lang=zh", headers=english).text
    assert 'lang="zh-Hans"' in browser.get("/reset", headers=english).text


@pytest.mark.parametrize(("status", "path"), [(404, "/nowhere"), (405, "/language")])
def test_what_is_not_there_is_said_to_a_browser_on_a_page(
    browser: FlaskClient, status: int, path: str
) -> None:
    page = browser.get(path, headers={**BROWSER, "Accept-Language": "en"})

    assert (status, "en") == (page.status_code, page.headers["Content-Language"])
    assert "<h1>" in page.text


def test_what_is_no_browser_hears_of_errors_as_before(browser: FlaskClient) -> None:
    problem = browser.get("/api/v1/nowhere", headers=BROWSER)

    assert (404, "application/problem+json") == (problem.status_code, problem.mimetype)
    assert "<main" not in browser.get("/nowhere").text


@pytest.mark.parametrize("name", VENDORED)
def test_what_is_not_ours_is_as_it_was_published(name: str) -> None:
    file = ROOT / "ill_broker" / "pages" / "static" / name

    assert VENDORED[name] == sha256(file.read_bytes()).hexdigest()
    assert file.with_name(f"{name.partition('.')[0]}.LICENSE").exists()


def _status(browser: FlaskClient, path: str) -> int:
    with browser.get(path) as answer:
        return answer.status_code


def test_only_a_demonstration_makes_everybody_a_button(browser: FlaskClient, tmp_path: Path) -> None:
    staged = create_app(Settings(secret_key="a key for the tests alone, and long"), [NothingSaid()])
    set_stage(staged, tmp_path)
    page = staged.test_client().get("/demonstration", headers=BROWSER)

    assert ("", 404) == (read_settings().demonstration, browser.get("/demonstration").status_code)
    assert 404 == browser.post("/demonstration/log-in", data={"login": "office"}).status_code
    assert {"li.hua@bjtu.example", "desk@bjtu", "office"} <= {
        *re.findall(r'name="login" value="([^"]+)"', page.text)
    }
    assert 400 == staged.test_client().post("/demonstration/log-in", data={"login": "office"}).status_code
