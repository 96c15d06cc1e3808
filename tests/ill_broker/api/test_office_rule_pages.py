"""The office's pages of policies and calendars: checked as one types, tried, saved, told in words."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ill_broker.services.members.directory import Directory
from ill_broker.services.members.rulebook import Rulebook
from ill_broker.services.office.simulations import Simulations
from ill_broker.settings import Settings
from ill_broker.storage.policy_files import builtin_book
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import Hand
from tests.ill_broker.api.lending import lending_services, serving
from tests.ill_broker.api.reading import FORM, working

TEXT = "/office/policies/pku/text"
WHY = "五月馆务会议决定"


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock)
    directory = Directory(store, builtin_book())
    services = [one for one in services if not isinstance(one, Directory)]
    yield [*services, directory, Rulebook(store, directory), Simulations(store, directory)]
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def office(app: Flask, services: list[object], store: Store) -> FlaskClient:
    return working(app, services, store, None)


def typed(page: str) -> dict[str, str]:
    """Return what the editor's form holds."""
    text = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    seq = re.search(r'name="seq" value="(\d+)"', page)
    assert text is not None
    assert seq is not None
    plain = text[1].replace("&#34;", '"').replace("&#39;", "'").replace("&gt;", ">").replace("&lt;", "<")
    # as a browser sends the lines of a text
    sent = plain.replace("&amp;", "&").replace("\n", "\r\n")
    return {**FORM, "text": sent, "seq": seq[1]}


def test_a_file_is_edited_with_its_comments_and_a_fault_has_its_line(office: FlaskClient) -> None:
    form = typed(office.get(TEXT).text)
    line = next(n for n, told in enumerate(form["text"].splitlines(), 1) if told.startswith("currency:"))
    wrong = re.sub(r"(?m)^currency:.*$", "currency: pounds", form["text"])
    checked = office.post("/office/policies/pku/check", data={**form, "text": wrong})
    refused = office.post(TEXT, data={**form, "text": wrong, "reason": WHY})

    assert "#" in form["text"]
    assert (200, 422) == (checked.status_code, refused.status_code)
    for page in (checked.text, refused.text):
        assert re.search(rf">{line}</td><td[^>]*><code>currency<", page)
        assert "currency: pounds" in typed(page)["text"]
    assert WHY in refused.text
    assert "还没有人改过" in office.get("/office/policies/pku").text


def test_a_new_version_says_who_changed_what_and_why(office: FlaskClient) -> None:
    form = typed(office.get(TEXT).text)
    changed = form["text"].replace("max_items: 10", "max_items: 13")
    said = office.post("/office/policies/pku/check", data={**form, "text": changed}).text
    silent = office.post(TEXT, data={**form, "text": changed})
    saved = office.post(TEXT, data={**form, "text": changed, "reason": WHY})
    late = office.post(TEXT, data={**form, "text": changed + "\n# more", "reason": WHY})
    page = office.get("/office/policies/pku").text

    assert [422, 303, 422] == [one.status_code for one in (silent, saved, late)]
    assert "13" in said
    assert [] == [each for each in (WHY, "王老师", "13", "现行") if each not in page]
    assert "# more" in typed(late.text)["text"]
    assert "max_items: 13" in typed(office.get(TEXT).text)["text"]


def test_what_says_the_same_makes_no_version_and_is_tried_all_the_same(office: FlaskClient) -> None:
    form = typed(office.get(TEXT).text)
    same = office.post(TEXT, data={**form, "reason": WHY})
    tried = office.post("/office/policies/pku/simulation", data={**form, "since": "2026-01-01"})

    assert (422, True) == (same.status_code, "没有保存新版本" in same.text)
    assert (200, True) == (tried.status_code, "借阅 0 次" in tried.text)


def test_what_cannot_be_read_says_where(office: FlaskClient) -> None:
    form = typed(office.get(TEXT).text)
    page = office.post("/office/policies/pku/check", data={**form, "text": "id: pku\nfine: {rate: ["}).text

    assert "无法读取" in page


def test_a_calendars_new_version_names_its_days(office: FlaskClient) -> None:
    path = "/office/calendars/cn-university-sample/text"
    form = typed(office.get(path).text)
    changed = form["text"].replace(
        "closures:\r\n", 'closures:\r\n  - {from: "2026-12-24", to: "2026-12-25"}\r\n'
    )
    saved = office.post(path, data={**form, "text": changed, "reason": WHY})
    page = office.get("/office/calendars/cn-university-sample").text

    assert 303 == saved.status_code
    assert "新增闭馆：2026年12月24日至2026年12月25日" in page


def test_the_lists_and_files_are_the_offices(app: Flask, services: list[object], store: Store) -> None:
    desk = working(app, services, store, "pku")
    office = working(app, services, store, None)

    for path in ("policies", "calendars", "policies/pku", "policies/pku/text"):
        assert (404, 200) == tuple(one.get(f"/office/{path}").status_code for one in (desk, office))
