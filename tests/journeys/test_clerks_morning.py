"""A clerk's morning at the desk's page: a scanner, real processes, Chromium, and what goes wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from ill_broker.demo.client import Client
from ill_broker.demo.consortium import PASSWORD
from ill_broker.services.members.membership import Membership
from ill_broker.services.passwords import Passwords
from ill_broker.services.people.sessions import Sessions
from ill_broker.settings import Settings
from ill_broker.storage.policy_files import builtin_book
from tests.ill_broker.api.client import a_patron
from tests.ill_broker.api.lending import a_find
from tests.journeys.world import World
from workflows.actors import Actor, Role
from workflows.ids import LibraryCode
from workflows.patrons import Patron

pytestmark = pytest.mark.ci
BOOKS, READERS = 40, 10
#: longer than what was just lent stays where it is
A_WHILE = timedelta(minutes=3)
_SOUNDS = """window.sounds = []; const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (when) {
        sounds.push(this.frequency.value); start.call(this, when); }"""

_COMPOSE = """code => { const field = document.getElementById("f-code");
    const is = (name, more) =>
        field.dispatchEvent(Object.assign(new Event(name, { bubbles: true }), more));
    is("compositionstart"); is("keydown", { key: "Process", code: "", keyCode: 229 });
    is("keydown", { key: "Enter", code: "Enter", keyCode: 229 });
    field.value = code; is("compositionend"); }"""

#: has a key come again with another code, and another scan wait behind that
_QUEUE = """([key, other, next]) => { const place = "desk:" + document.getElementById("scan").dataset.clerk;
    const scan = (key, code) => ({ key, at: Date.now(), path: "/desk/scans", fields: { code } });
    const state = JSON.parse(sessionStorage.getItem(place));
    sessionStorage.setItem(place, JSON.stringify(
        { ...state, queue: [scan(key, other), scan("0".repeat(32), next)] })); }"""


class Morning:
    """A library's desk with readers whose books come from a library that answers by hand."""

    def __init__(self, world: World) -> None:
        self.world, self.books, self.readers = world, 0, 0
        # readers come from before this hour
        world.jump(timedelta(hours=1))
        passwords = Passwords(cheap=True)
        self.sessions = Sessions(world.store, Settings(), passwords)
        members = Membership(world.store, passwords, builtin_book())
        members.add_staff(LibraryCode("bjtu"), "second@bjtu", "王老师", PASSWORD, now=world.calendar.now())
        self.lender = world.log_in("desk@szutl")

    def reader(self) -> Patron:
        """Return somebody who has nothing yet."""
        self.readers += 1
        return a_patron(self.world.store, str(self.readers))

    def sends(self, to: Patron | None = None) -> str:
        """Have the lender send a book to a reader's desk, anybody's if none is told; return its barcode."""
        reader = to or self.reader()
        self.books += 1
        wanted = a_find(self.world.store, reader, "szutl", isbn=f"97870200{self.books:05}")
        whose = Actor(Role.PATRON, reader.id, reader.home)
        opened = self.sessions.open_for(whose, now=self.world.calendar.now())
        asked = Client(self.world.url, opened.token).post("/api/v1/requests", wanted)
        barcode = f"3123{self.books:04}"
        sent = {"status": "Loaned", "item_barcode": barcode}
        self.lender.post(f"/api/v1/requests/{asked['id']}/answer", sent)
        return barcode

    def counts(self) -> dict[str, int]:
        told: dict[str, int] = self.world.log_in("desk@bjtu").get("/api/v1/desk")
        return told


class Desk:
    """A browser at the desk's page, with a scanner that types quickly and ends with Enter."""

    def __init__(self, browser: Any, morning: Morning, login: str = "desk@bjtu", **context: Any) -> None:
        self.context = browser.new_context(**{"locale": "zh-CN", **context})
        self.context.add_init_script(_SOUNDS)
        self.page, self.scans = self.context.new_page(), 0
        self.address = morning.world.url
        self.log_in(login)

    def log_in(self, login: str = "desk@bjtu") -> None:
        self.page.goto(f"{self.address}/log-in?to=/desk")
        self.page.fill("#f-login", login)
        self.page.fill("#f-password", PASSWORD)
        self.page.click("main button.primary")
        self.page.wait_for_selector("#scan")

    def scan(self, *codes: str) -> None:
        """Scan, one code after the other, without waiting for any answer."""
        for code in codes:
            self.scans += 1
            self.page.keyboard.type(code)
            self.page.keyboard.press("Enter")

    def words(self, count: int) -> list[str]:
        """Return the newest large words, newest first, once nothing waits."""
        self.page.wait_for_selector(".waiting", state="detached", timeout=300_000)
        return [str(one) for one in self.page.eval_on_selector_all(
            "#log > li", "every => every.map(one => one.dataset.word)"
        )][:count]  # fmt: skip

    def top(self) -> str:
        """Return the newest line."""
        self.words(1)
        return str(self.page.inner_text("#log > li:first-child"))

    def standing(self) -> str:
        return str(self.page.inner_text("#standing b")) if self.page.is_visible("#standing") else ""


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Morning]:
    folder = tmp_path_factory.mktemp("morning")
    with World(folder, f"sqlite:///{folder / 'broker.db'}", {}, workers=0) as world:
        yield Morning(world)


@pytest.fixture
def desk(chromium: Any, morning: Morning) -> Iterator[Desk]:
    opened = Desk(chromium, morning)
    yield opened
    opened.context.close()


def test_forty_books_go_their_way_by_the_scanner_alone(desk: Desk, morning: Morning) -> None:
    before = morning.counts()

    def more() -> dict[str, int]:
        counts = {name: number - before[name] for name, number in morning.counts().items()}
        return {name: number for name, number in counts.items() if number}

    readers = [morning.reader() for _ in range(READERS)]
    books = {reader: [morning.sends(reader) for _ in range(BOOKS // READERS)] for reader in readers}
    every = [book for each in books.values() for book in each]
    assert {"to_arrive": BOOKS} == more()

    desk.scan(*every)
    assert ["done"] * BOOKS == desk.words(BOOKS)
    assert (BOOKS, {"to_call": BOOKS}) == (desk.scans, more())
    desk.page.wait_for_selector(f".counts li:has-text('待通知 {before['to_call'] + BOOKS}')")

    for reader, theirs in books.items():
        desk.scan(reader.card_number, *theirs)
    words = desk.words(READERS + BOOKS)
    assert (READERS, BOOKS) == (words.count("look"), words.count("done"))
    assert (BOOKS + READERS + BOOKS, {}) == (desk.scans, more())
    assert readers[-1].name == desk.standing()

    morning.world.jump(A_WHILE)
    desk.scan(*every)
    assert ["done"] * BOOKS == desk.words(BOOKS), desk.top()
    assert (BOOKS + READERS + 2 * BOOKS, {"to_ship_back": BOOKS}) == (desk.scans, more())


def test_two_clerks_scan_one_book_at_the_same_time(chromium: Any, desk: Desk, morning: Morning) -> None:
    other = Desk(chromium, morning, "second@bjtu", locale="en-GB")
    book = morning.sends()
    for clerk in (desk, other):
        clerk.page.keyboard.type(book)
    desk.page.evaluate("document.getElementById('scan').requestSubmit()")
    other.page.evaluate("document.getElementById('scan').requestSubmit()")
    lines = sorted((*desk.words(1), *other.words(1)))
    second = desk if desk.words(1) == ["look"] else other

    assert ["done", "look"] == lines
    assert re.search("已登记到馆|Arrived here", second.top())
    assert ("王老师" if second is desk else "desk") in second.top()
    other.context.close()


def test_scans_wait_in_the_page_while_the_network_or_the_session_is_gone(
    desk: Desk, morning: Morning
) -> None:
    books = [morning.sends() for _ in range(4)]
    page = desk.page
    page.route("**/desk/scans", lambda route: route.abort())
    desk.scan(books[0], books[1])
    page.wait_for_selector("#offline:not([hidden])")
    assert "2" == page.inner_text("#offline b")
    page.reload()
    page.wait_for_selector("#offline:not([hidden])")
    page.unroute("**/desk/scans")
    assert ["done", "done"] == desk.words(2)
    page.wait_for_selector("#offline", state="hidden")
    assert books[1] in desk.top()

    # taken, but the answer is lost on its way: sent again it is not taken twice
    page.route("**/desk/scans", lambda route: (route.fetch(), route.abort()), times=1)
    desk.scan(books[2])
    assert ["done"] == desk.words(1)

    desk.context.clear_cookies()
    desk.scan(books[3])
    page.wait_for_selector("#ended:not([hidden])")
    assert "1" == page.inner_text("#ended b")
    page.click("#ended a")
    page.wait_for_selector("#f-login")
    desk.log_in()
    assert ["done"] == desk.words(1)
    assert books[3] in desk.top()


def test_a_key_that_came_with_another_scan_is_refused_and_holds_nothing_up(
    desk: Desk, morning: Morning
) -> None:
    book, page, sent = morning.sends(), desk.page, list[str]()
    page.on("request", lambda asked: sent.append(asked.post_data) if asked.method == "POST" else None)
    desk.scan("39999999")
    desk.words(1)
    page.evaluate(_QUEUE, [re.findall(r"key=(\w+)", sent[0])[0], "38888888", book])
    page.reload()

    assert ["done", "no", "no"] == desk.words(3)
    assert not page.is_visible("#offline")
    assert "38888888" in page.inner_text("#log > li:nth-child(2)")


def test_an_input_method_mangles_no_scan(desk: Desk, morning: Morning) -> None:
    books = [morning.sends() for _ in range(3)]
    keys = desk.context.new_cdp_session(desk.page)

    def press(code: str, key: str) -> None:
        told = {"code": code, "key": key, "windowsVirtualKeyCode": 229}
        keys.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **told})
        keys.send("Input.dispatchKeyEvent", {"type": "keyUp", **told})

    # digits choose among what letters brought up, and Enter takes it: the keys themselves are read
    for place, digit in enumerate(books[0]):
        press(f"Digit{digit}", "Process")
        text = "北京"[:place]
        keys.send("Input.imeSetComposition", {"text": text or "b", "selectionStart": 0, "selectionEnd": 0})
    press("Enter", "Process")
    keys.send("Input.insertText", {"text": "北京"})
    assert ["done"] == desk.words(1)
    assert "" == desk.page.input_value("#f-code")

    # an input method in full width, which tells of no keys
    keys.send("Input.insertText", {"text": "".join(chr(ord(one) + 0xFEE0) for one in books[1])})
    desk.page.keyboard.press("Enter")
    assert ["done"] == desk.words(1)

    # an input method that names no key, not even the one with which it ends
    desk.page.evaluate(_COMPOSE, books[2])
    assert ["done"] == desk.words(1)


def test_everything_is_done_by_keys_and_no_code_is_mistaken_for_one(desk: Desk, morning: Morning) -> None:
    first, second = morning.reader(), morning.reader()
    book = morning.sends(first)
    desk.scan("u123", "1")
    assert ["no", "no"] == desk.words(2)
    desk.scan(book)
    assert ["done"] == desk.words(1)
    with desk.page.expect_popup() as paper:
        desk.page.keyboard.press("Alt+p")
    assert "/paper/hold-slip?print=1" in paper.value.url
    paper.value.close()
    desk.page.keyboard.press("Alt+u")
    assert "已撤销上一步" in desk.top()
    desk.scan(book, "U")
    assert "已撤销上一步" in desk.top()

    desk.scan(book)
    desk.scan(book)
    assert ["look"] == desk.words(1)
    # a choice stands open, and yet a code that begins with its number is a code
    desk.scan("1234567")
    assert ["no"] == desk.words(1)
    desk.scan(book)
    assert "交给读者" in desk.top()
    desk.page.keyboard.press("1")
    desk.page.wait_for_selector("#log > li:first-child[data-word=done]")
    assert "已交给读者" in desk.top()

    desk.scan(first.card_number, second.card_number)
    desk.words(1)
    assert second.name == desk.standing()
    desk.page.keyboard.press("Escape")
    desk.page.wait_for_selector("#standing", state="hidden")
    desk.page.focus("input[name=action]:checked")
    desk.page.keyboard.press("ArrowDown")
    crate = morning.sends(first)
    desk.scan(crate)
    assert ["done"] == desk.words(1)
    desk.scan(crate)
    assert ["look"] == desk.words(1)


def test_a_turn_ends_by_itself_and_each_word_has_its_sound(chromium: Any, morning: Morning) -> None:
    desk = Desk(chromium, morning, locale="en-GB")
    desk.page.clock.install()
    desk.page.goto(f"{desk.address}/desk")
    desk.page.click("#sound")
    desk.page.evaluate("sounds.length = 0")
    reader = morning.reader()
    desk.scan(reader.card_number, "nothing", morning.sends())
    desk.page.clock.run_for(1000)
    assert ["done", "no", "look"] == desk.words(3)
    assert "Done" in desk.top()
    heard = desk.page.evaluate("sounds")
    assert 3 == len({heard[0], heard[2], heard[3]})
    assert reader.name == desk.standing()

    desk.page.clock.run_for(121_000)
    assert ("", True) == (desk.standing(), desk.page.is_visible("#lapsed"))
    desk.context.close()


def test_without_a_script_the_page_does_the_same(chromium: Any, morning: Morning) -> None:
    desk = Desk(chromium, morning, java_script_enabled=False)
    reader = morning.reader()
    book = morning.sends(reader)

    def scan(code: str) -> str:
        desk.page.fill("#f-code", code)
        with desk.page.expect_navigation():
            desk.page.keyboard.press("Enter")
        return str(desk.page.inner_text("#log > li:first-child"))

    assert "已登记到馆" in scan(book)
    assert reader.name in scan(reader.card_number)
    assert reader.name == desk.standing()
    assert "已交给读者" in scan(book)
    with desk.page.expect_navigation():
        desk.page.click("#log > li:first-child .undo button")
    assert "已撤销上一步" in str(desk.page.inner_text("#log > li:first-child"))
    assert reader.name == desk.standing()
    with desk.page.expect_navigation():
        desk.page.click("#end")
    assert "" == desk.standing()
    desk.context.close()
