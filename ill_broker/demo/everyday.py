"""What else goes on at the desks: a few rows in every list, made by the doors that everybody uses."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from ill_broker.demo.client import Client
from ill_broker.demo.consortium import PASSWORD
from ill_broker.demo.home_desk import HomeDesk, until
from ill_broker.demo.mailbox import Mailbox
from ill_broker.demo.newcomers import (
    FREE,
    IN_STACKS,
    NEWCOMERS,
    QUESTION,
    SUSPENDED,
    TYPED,
    TYPED_TOO,
    TYPING,
    WISHED,
)
from ill_broker.demo.script import Calendar

_DAY = timedelta(days=1)
_Requests = list[dict[str, Any]]
#: two who have been through the journey: to one of them nothing is refused, the other keeps books too long
_READER, _LATE = "li.hua@bjtu.example", "emma@bjtu.example"
#: of the library that has no system of its own
_LETTER_BOX = "ill@bjtu.example"
#: what a lender says that lends, but not without more ado
_CONDITION = {"reason": "LoanCondition", "note": "仅限馆内阅览，请勿外借带出。"}


class Everyday:
    """Lets days go by until each list of BJTU's desk has something in it, and most of its neighbour's."""

    def __init__(
        self, anybody: Client, mailbox: Mailbox, calendar: Calendar, sandboxes: Mapping[str, str]
    ) -> None:
        self._anybody = anybody
        self._mailbox = mailbox
        self._calendar = calendar
        self._sandboxes = {code: Client(url) for code, url in sandboxes.items()}
        self._desk = HomeDesk(anybody, "bjtu", "China")
        self._neighbour = HomeDesk(anybody, "pku", "history")

    def go_by(self) -> None:
        """Let days go by: first the loans that will be late, last what has just been asked for.

        :raises NotReached: if something does not come
        """
        self._until_a_morning(1)
        self._write_to(self._desk.code)
        self._search()
        for desk in (self._desk, self._neighbour):
            desk.enrol()
        self._refused()
        # that parcel never comes
        self._sent(self._desk, 1)
        late = self._sent(self._desk, 3) + self._sent(self._desk, 2, self._whose(_LATE))
        late_there = self._sent(self._neighbour, 2)
        self._until_a_morning(4)
        for desk, books in ((self._desk, late), (self._neighbour, late_there)):
            for one in books:
                desk.lend(one)
        self._until_a_morning(31)
        self._search()
        come = self._sent(self._desk, 9) + self._sent(self._desk, 3, self._whose(_READER))
        come_there = self._sent(self._neighbour, 5)
        self._until_a_morning(3)
        self._handle(self._desk, come)
        self._handle(self._neighbour, come_there)
        self._until_a_morning(1)
        for desk, books in ((self._desk, come), (self._neighbour, come_there)):
            for one in books[3::3]:
                desk.step(one, "return", condition="封面有折痕")
        self._go_wrong(late, come)
        self._go_astray(come)
        self._search()
        self._ask()
        self._lend_by_hand()
        self._at_the_counter()

    def _write_to(self, library: str) -> None:
        """Let a library that no system answers for be asked by e-mail, at least."""
        office, profile = self._anybody.log_in("office", PASSWORD), {"email": {"address": _LETTER_BOX}}
        office.put(f"/api/v1/libraries/{library}/connectors", {"connectors": profile})

    def letter_link(self) -> str:
        """Return the address in a letter at which the library answers."""
        letter = self._mailbox.letter_to(_LETTER_BOX, containing="/partner/")
        return next(word for word in letter.split() if "/partner/" in word)

    def _until_a_morning(self, days: int) -> None:
        self._calendar.let_pass(days * _DAY)
        for desk in (self._desk, self._neighbour):
            desk.log_in()

    def _search(self) -> None:
        for desk in (self._desk, self._neighbour):
            desk.search()

    def _whose(self, login: str) -> str:
        whose: str = self._anybody.log_in(login, PASSWORD).get("/api/v1/patrons/me")["id"]
        return whose

    def _behave(self, scenario: str) -> None:
        for sandbox in self._sandboxes.values():
            sandbox.post("/sandbox/scenario", {"scenario": scenario})

    def _sent(self, desk: HomeDesk, many: int, reader: str | None = None) -> _Requests:
        """Let a desk ask for books that are sent at once."""
        self._behave("accepts")
        return [desk.await_status(one, "in_transit") for one in desk.ask(many, reader)]

    def _refused(self) -> None:
        """Let her ask for a book that nobody lends."""
        self._behave("declines")
        for one in self._desk.ask(1, self._whose(_LATE)):
            self._desk.await_status(one, "closed")

    def _handle(self, desk: HomeDesk, come: _Requests) -> None:
        """Let books come in: some wait for a call, some for their readers, and some go out."""
        for one in come:
            desk.step(one, "arrival")
        desk.step(come[1], "notification", result="no_answer")
        for one in come[2::3]:
            desk.step(one, "notification", result="reached")
        for one in come[3::3] + come[4::6]:
            desk.step(one, "handover", condition="完好")

    def _go_wrong(self, late: _Requests, come: _Requests) -> None:
        """Let a book be lost and one be stained, and one come damaged."""
        self._desk.step(late[-1], "loss", note="读者说在地铁上遗失。")
        # before its lender is made to understand nothing
        self._desk.await_status(late[-1], "closed")
        self._desk.step(come[10], "case", case="stain", note="第 30 页被水浸。")
        self._desk.step(come[0], "damage", note="到馆时书脊已脱落。")

    def _go_astray(self, come: _Requests) -> None:
        """Let a lender not understand what we say, and another say what cannot be yet."""
        self._behave("garbled")
        self._desk.step(come[6], "shipment")
        until(lambda: self._desk.get("/dead-letters")["items"], bool)
        self._behave("accepts")
        lender = self._sandboxes[come[4]["lender"]]
        lender.post(f"/sandbox/requests/{come[4]['id']}/status", {"status": "LoanCompleted"})
        until(lambda: self._desk.get("/partner-messages")["items"], bool)

    def _ask(self) -> None:
        """Ask for what is still on its way, waits for an answer, or is lent on a condition."""
        reader = self._whose(_READER)
        self._sent(self._desk, 3)
        self._sent(self._neighbour, 2)
        self._sent(self._desk, 1, reader)
        self._behave("manual")
        for one in self._desk.ask(1) + self._desk.ask(1, reader):
            lender = until(partial(self._asked_of, one), bool)
            lender.post(f"/sandbox/requests/{one['id']}/status", {"status": "RetryPossible", **_CONDITION})
            self._desk.await_status(one, "conditional")
        self._behave("silent")
        for one in self._desk.ask(1) + self._desk.ask(1, reader):
            until(partial(self._asked_of, one), bool)
        self._behave("accepts")

    def _asked_of(self, request: dict[str, Any]) -> Client | None:
        """Return the system of the library that was asked for it."""
        for one in self._sandboxes.values():
            if any(each["request_id"] == request["id"] for each in one.get("/sandbox/requests")["requests"]):
                return one
        return None

    def _lend_by_hand(self) -> None:
        """Have the neighbour's readers type what only BJTU has, whose desk answers by hand."""
        asked = [self._match(typed) for typed in self._typed()]
        for one in asked[2:4]:
            self._desk.step(one, "answer", status="WillSupply")
        self._desk.step(asked[4], "answer", status="RetryPossible", **_CONDITION)
        for one in asked[5:]:
            self._desk.step(one, "answer", status="Loaned", tracking="SF1122334455")
        for one in asked[6:]:
            self._neighbour.lend(one)
            self._neighbour.step(one, "return", condition="完好")
        self._neighbour.step(asked[7], "shipment", tracking="SF5544332211")

    def _typed(self) -> _Requests:
        readers = [self._registered(one) for one in TYPING]
        bodies = [{"citation": citation} for citation in IN_STACKS]
        return [readers[count % 2].post("/api/v1/typed-requests", body) for count, body in enumerate(bodies)]

    def _match(self, typed: dict[str, Any]) -> dict[str, Any]:
        matched = self._neighbour.post(f"/typed-requests/{typed['id']}/match", {"lender": self._desk.code})
        return {"id": matched["request"]}

    def _registered(self, reader: Mapping[str, str]) -> Client:
        """Return somebody who has registered and confirmed the address."""
        self._anybody.post("/api/v1/patrons", dict(reader))
        token = self._mailbox.letter_to(reader["email"], containing="#").split("#", 1)[1].split()[0]
        self._anybody.post("/api/v1/patrons/verification", {"token": token})
        return self._anybody.log_in(reader["email"], PASSWORD)

    def _at_the_counter(self) -> None:
        """Have somebody suspended, wishes left, cards in every state, and money in the till."""
        self._desk.post("/desk/patrons", FREE)
        suspended = self._registered(SUSPENDED)
        suspended.post("/api/v1/typed-requests", {"citation": TYPED_TOO})
        whose = suspended.get("/api/v1/patrons/me")["id"]
        case = {"library": "szutl", "case": "theft", "months": 3, "reason": "将阅览室图书私自带出。"}
        lender = self._anybody.log_in("desk@szutl", PASSWORD)
        lender.post(f"/api/v1/patrons/{whose}/suspensions", case)
        self._permit(whose)
        reader = self._anybody.log_in(_READER, PASSWORD)
        for citation in WISHED:
            reader.post("/api/v1/wishes", {"citation": citation})
        *_, last = [reader.post("/api/v1/typed-requests", typed) for typed in TYPED]
        self._desk.post(f"/typed-requests/{last['id']}/question", {"text": QUESTION})
        self._issue_cards()
        self._take_money(reader)

    def _permit(self, whose: str) -> None:
        """Let a reader have what his own library else keeps in, and amend dates of loans that run long."""
        permission = {
            "library": self._desk.code,
            "citation": TYPED_TOO,
            "authority": "典藏部",
            "reason": "论文所需。",
        }
        self._desk.post(f"/patrons/{whose}/permissions", permission)
        today = self._calendar.now().date()
        amendment = {
            "issued_from": str(today - 8 * _DAY),
            "new_due": str(today + 60 * _DAY),
            "reason": "暑假期间闭馆。",
            "dry_run": False,
        }
        self._anybody.log_in("office", PASSWORD).post("/api/v1/amendments", amendment)

    def _issue_cards(self) -> None:
        barcodes = [f"CARD-NLC-{number}" for number in range(2, 7)]
        for barcode in barcodes:
            self._desk.post("/loan-cards", {"barcode": barcode, "library": "nlc", "desk": self._desk.code})
        issues = [
            {"barcode": barcode, "card_number": reader["card_number"]}
            for barcode, reader in zip(barcodes[:3], NEWCOMERS[self._desk.code], strict=False)
        ]
        *_, last = [self._desk.post("/loan-cards/issues", issue) for issue in issues]
        self._desk.post(f"/loan-cards/{last['id']}/loss", {"note": "读者来电挂失。"})

    def _take_money(self, reader: Client) -> None:
        """Take a part of a fine, and ask the lender to let her off the rest."""
        whose = reader.get("/api/v1/patrons/me")["id"]
        account = reader.get("/api/v1/accounts/me")
        charge = next(one for one in account["postings"] if one["kind"] == "fine")
        told = {"lender": charge["lender"], "currency": "CNY", "amount": "0.20", "method": "cash"}
        self._desk.post(f"/accounts/{whose}/payments", told)
        proposal = {"charge": charge["id"], "reason": "闭馆期间无法归还。"}
        self._desk.post(f"/accounts/{whose}/waiver-proposals", proposal)
