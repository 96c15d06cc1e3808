"""One book's way through all seven steps, by the doors that everybody uses."""

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ill_broker.demo.client import Client
from ill_broker.demo.consortium import PASSWORD
from ill_broker.demo.mailbox import Mailbox
from ill_broker.demo.script import Calendar

_EMAIL, _CARD_NUMBER = "li.hua@bjtu.example", "21251001"
_ZONE = ZoneInfo("Asia/Shanghai")
_SECONDS = 30
#: the library that lends in the end, and the one that is asked before it and declines
_LENDER, _DECLINES = "szutl", "pku"
#: libraries that would be asked before the lender
_AS_NEAR = {"fjmu", "jinan"}
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


class NotReached(Exception):
    """A step was not reached in time."""


class Journey:
    """Walks a patron, a desk and a lender through one loan and tells what happens."""

    def __init__(
        self,
        anybody: Client,
        mailbox: Mailbox,
        calendar: Calendar,
        sandboxes: Mapping[str, str],
        say: Callable[[str], None],
    ) -> None:
        self._anybody = anybody
        self._mailbox = mailbox
        self._calendar = calendar
        self._lender = Client(sandboxes[_LENDER])
        self._say = say
        self._patron = self._desk = anybody
        self._request: dict[str, Any] = {}

    def walk(self) -> None:
        """Go through all seven steps, and back to the lender.

        :raises NotReached: if one of them does not come
        """
        self._register()
        work = self._search()
        self._submit(work)
        self._ship()
        self._arrive()
        self._notify()
        self._borrow_and_return()
        self._send_back()
        self._explain()
        self._lend_a_card()
        missing = [step["step"] for step in self._request["steps"] if not step["reached"]]
        if missing:
            raise NotReached(", ".join(missing))

    def _register(self) -> None:
        person = {
            "home": "bjtu",
            "card_number": _CARD_NUMBER,
            "name": "李华",
            "mobile": "13800138000",
            "email": _EMAIL,
            "password": PASSWORD,
            "language": "en",
        }
        self._anybody.post("/api/v1/patrons", person)
        letter = self._mailbox.letter_to(_EMAIL, containing="#")
        token = letter.split("#", 1)[1].split()[0]
        self._anybody.post("/api/v1/patrons/verification", {"token": token})
        self._log_in()
        self._step("register", "Li Hua (BJTU) has confirmed her e-mail address")

    def _search(self) -> dict[str, Any]:
        search = self._patron.post("/api/v1/searches", {"text": "中国"})
        path = f"/api/v1/searches/{search['id']}"
        found = self._until(lambda: self._patron.get(path), lambda told: told["finished_at"] is not None)
        work = next((work for work in found["works"] if self._suits(work)), None)
        if work is None:
            raise NotReached("search: no book that both libraries hold")
        answered = [member["library"] for member in found["members"] if member["state"] == "answered"]
        self._step("search", f"{found['works_total']} works at {', '.join(answered)}")
        self._say(f"           {work['citation']['title']} / {work['citation']['author']}")
        for offer in work["offers"]:
            terms = f"here {offer['expected']}, due {offer['due']}" if offer["lendable"] else offer["reason"]
            self._say(f"           {offer['lender']:6} {terms}")
        return {"search": search["id"], "work": work["id"]}

    @staticmethod
    def _suits(work: dict[str, Any]) -> bool:
        ready = {offer["lender"] for offer in work["offers"] if offer["lendable"] and offer["available"]}
        return {_LENDER, _DECLINES} <= ready and not ready & _AS_NEAR

    def _submit(self, work: dict[str, Any]) -> None:
        self._request = self._patron.post("/api/v1/requests", work)
        self._step("submit", f"request {self._request['number']}")
        self._wait_for(lambda request: request["lender"] == _LENDER)
        for entry in self._patron.get(self._path("/rota"))["items"]:
            self._say(f"           {entry['lender']:6} {entry['turn']}: {entry['reason']}")

    def _ship(self) -> None:
        self._lends("WillSupply")
        self._wait_for(lambda request: request["status"] == "accepted")
        self._let_pass(_DAY)
        self._lends("Loaned", tracking="SF1029384756")
        self._wait_for(lambda request: request["status"] == "in_transit")
        self._step("in_transit", f"shipped by {_LENDER}")

    def _arrive(self) -> None:
        self._let_pass(4 * _DAY)
        self._request = self._desk.post("/api/v1/arrivals", {"code": self._request["item_barcode"]})
        self._step("arrived", f"barcode {self._request['item_barcode']}; the desk is to call her")

    def _notify(self) -> None:
        self._let_pass(_HOUR)
        self._call("no_answer")
        self._let_pass(_HOUR)
        self._call("reached")
        self._mailbox.letter_to(_EMAIL, containing=self._request["number"])
        self._step("notified", f"second call; kept for her until {self._request['hold_until']}")

    def _borrow_and_return(self) -> None:
        self._let_pass(_DAY)
        self._request = self._desk.post(self._path("/handover"), {"condition": "good"})
        self._say(
            f"           handed over; due {self._request['due']}, "
            f"the lender sees {self._request['lender_due']}"
        )
        self._let_pass(20 * _DAY)
        self._request = self._patron.post(self._path("/renewal"))
        self._say(f"           renewed; due {self._request['due']}")
        self._let_pass(45 * _DAY)
        self._mailbox.letter_to(_EMAIL, containing="was due on")
        self._request = self._desk.post(self._path("/return"), {"condition": "good"})
        self._step("returned", f"late: it was due on {self._request['due']}")

    def _send_back(self) -> None:
        self._let_pass(_HOUR)
        self._request = self._desk.post(self._path("/shipment"), {"tracking": "SF5647382910"})
        self._let_pass(4 * _DAY)
        self._lends("LoanCompleted")
        self._wait_for(lambda request: request["status"] == "closed")
        self._say(f"           the lender has it back: {self._request['outcome']}")

    def _explain(self) -> None:
        told = self._patron.get(self._path("/explanation"))
        self._say("\nWhy this due date and this fine:")
        for reason in [*told["steps"], told["fine"]]:
            self._say(f"  {reason['rule']:12} {reason['text']['en']}")
        for stretch in told["custody"]:
            self._say(
                f"  {stretch['owner']:12} {stretch['text']['en']}: {stretch['counted_days']} days counted"
            )

    def _let_pass(self, span: timedelta) -> None:
        """Let time pass; sessions end meanwhile, as they do."""
        self._calendar.let_pass(span)
        if span > _DAY:
            self._log_in()

    def _log_in(self) -> None:
        self._patron = self._anybody.log_in(_EMAIL, PASSWORD)
        self._desk = self._anybody.log_in("desk@bjtu", PASSWORD)

    def _lend_a_card(self) -> None:
        """Put loan cards of two members into the desk's stock, and hand her one of them."""
        barcodes = {library: f"CARD-{library.upper()}-1" for library in (_LENDER, _DECLINES)}
        for library, barcode in barcodes.items():
            card = {"barcode": barcode, "library": library, "desk": "bjtu"}
            self._desk.post("/api/v1/loan-cards", card)
        issue = {"barcode": barcodes[_DECLINES], "card_number": _CARD_NUMBER}
        issued = self._desk.post("/api/v1/loan-cards/issues", issue)
        self._say(f"\nLoan card {issued['barcode']} is hers until {issued['due']}.")

    def _call(self, result: str) -> None:
        self._request = self._desk.post(self._path("/notification"), {"result": result})

    def _lends(self, status: str, **facts: str) -> None:
        said = {"status": status, "occurred_at": self._calendar.now().isoformat(), **facts}
        path = f"/sandbox/requests/{self._request['id']}"
        self._until(lambda: self._lender.get("/sandbox/requests"), self._is_asked)
        self._lender.post(f"{path}/status", said)

    def _is_asked(self, asked: dict[str, Any]) -> bool:
        return any(each["request_id"] == self._request["id"] for each in asked["requests"])

    def _path(self, rest: str = "") -> str:
        return f"/api/v1/requests/{self._request['id']}{rest}"

    def _wait_for(self, condition: Callable[[dict[str, Any]], bool]) -> None:
        self._request = self._until(lambda: self._patron.get(self._path()), condition)

    def _until(
        self, look: Callable[[], dict[str, Any]], condition: Callable[[dict[str, Any]], bool]
    ) -> dict[str, Any]:
        ends = time.monotonic() + _SECONDS
        while not condition(seen := look()):
            if time.monotonic() > ends:
                raise NotReached(str(seen))
            time.sleep(0.05)
        return seen

    def _step(self, name: str, what: str) -> None:
        self._say(f"{self._calendar.now().astimezone(_ZONE):%Y-%m-%d %H:%M}  {name:10} {what}")
