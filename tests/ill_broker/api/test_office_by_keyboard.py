"""An office's amendment, from the form through the dry run to carrying it out, by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.serving import make_server

from ill_broker.services.members.membership import Membership
from ill_broker.services.passwords import Passwords
from ill_broker.services.people.registration import build_people
from ill_broker.settings import Settings
from ill_broker.storage.store import Store
from tests.factories import NLC, PKU, the_book
from tests.ill_broker.api.client import Hand
from tests.ill_broker.api.lending import serving
from tests.ill_broker.services.lending import Lending
from tests.ill_broker.services.rulebooks import Office
from tests.support.browsing import LOGINS, PASSWORD, kept, log_in
from tests.support.keys import fill_in, go_to, press

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.ci


@pytest.fixture
def address(store: Store, settings: Settings, clock: Hand) -> Iterator[str]:
    """Return where a service with three loans under way answers."""
    office = Office(Lending(store))
    for lender in (PKU, PKU, NLC):
        office.lent(lender)
    clock.time = office.lending.now
    membership = Membership(store, Passwords(cheap=True), the_book())
    membership.add_staff(None, LOGINS["office"], "王芳", PASSWORD, now=clock.time)
    people = build_people(store, settings)
    app = serving(settings, [store, office.lending.directory, office.amendments, *people], clock)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_office_amends_due_dates_by_keyboard_alone(chromium: Any, address: str) -> None:
    context = chromium.new_context(locale="zh-CN", java_script_enabled=False)
    page: Page = context.new_page()
    log_in(page, address, "office")
    page.goto(f"{address}/office/amendments")
    press(page, "a.primary")
    fill_in(page, "#f-issued_from", "2026-01-01")
    fill_in(page, "#f-new_due", "2027-01-31")
    go_to(page, "input[name=which][value=every]:checked")
    fill_in(page, "#f-reason", "寒假闭馆")
    press(page, "button.primary")
    page.wait_for_selector(".chart svg")
    kept(page, "office_dry_run-zh")

    assert (2, 1) == (page.locator("table").count(), page.locator("button.primary").count())
    assert "会推迟 3 笔借阅" in page.inner_text("main")
    press(page, "button.primary")
    page.wait_for_selector(".status.good")

    assert "已执行" in page.inner_text("main")
    fill_in(page, "#f-reason", "误操作")
    press(page, "button.danger")
    page.wait_for_selector(".status.quiet")

    assert "已撤销" in page.inner_text("main")
    context.close()
