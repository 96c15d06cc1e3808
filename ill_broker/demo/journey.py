"""Two books' way through all seven steps, by the doors that everybody uses."""

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ill_broker.demo.client import Client
from ill_broker.demo.columns import beside
from ill_broker.demo.consortium import PASSWORD
from ill_broker.demo.mailbox import Mailbox
from ill_broker.demo.readers import Reader, readers
from ill_broker.demo.script import Calendar
from ill_broker.demo.story import Story

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
    """Walks two patrons, a desk and a lender through a loan each and tells what happens."""

    def __init__(
        self,
        anybody: Client,
        mailbox: Mailbox,
        calendar: Calendar,
        sandboxes: Mapping[str, str],
        *,
        say: Callable[[str], None],
        story: Story,
    ) -> None:
        self._anybody = anybody
        self._mailbox = mailbox
        self._calendar = calendar
        self._lender = Client(sandboxes[_LENDER])
        self._say = say
        self._story = story
        self._desk = anybody
        self._readers = readers(anybody)

    def walk(self) -> None:
        """Go through all seven steps, and back to the lender.

        :raises NotReached: if one of them does not come
        """
        self._register()
        self._search_and_submit()
        self._ship()
        self._arrive()
        self._notify()
        self._borrow_and_return()
        self._send_back()
        self._explain()
        self._lend_a_card()
        steps = [step for reader in self._readers for step in reader.request["steps"]]
        missing = [step["step"] for step in steps if not step["reached"]]
        if missing:
            raise NotReached(", ".join(missing))

    def _register(self) -> None:
        for reader in self._readers:
            self._anybody.post("/api/v1/patrons", reader.registration())
            letter = self._mailbox.letter_to(reader.email, containing="#")
            token = letter.split("#", 1)[1].split()[0]
            self._anybody.post("/api/v1/patrons/verification", {"token": token})
        self._log_in()
        self._step("register", "李华 reads Chinese, Emma Clarke English; both have confirmed their addresses")
        self._read("请确认您的电子邮箱", "Please confirm your e-mail address")

    def _search_and_submit(self) -> None:
        found = [self._search(reader) for reader in self._readers]
        works = self._chosen(found)
        searched = ", ".join(f"{told['query']['text']}: {told['works_total']} works" for told in found)
        self._step("search", searched)
        for work in works:
            self._show_offers(work)
        for reader, told, work in zip(self._readers, found, works, strict=True):
            wish = {"search": told["id"], "work": work["id"]}
            reader.request = reader.client.post("/api/v1/requests", wish)
        numbers = ", ".join(reader.request["number"] for reader in self._readers)
        self._step("submit", f"requests {numbers}")
        self._wait_for(lambda request: request["lender"] == _LENDER)
        for entry in self._readers[0].client.get(self._readers[0].path("/rota"))["items"]:
            self._say(f"           {entry['lender']:6} {entry['turn']}: {entry['reason']}")

    def _search(self, reader: Reader) -> dict[str, Any]:
        search = reader.client.post("/api/v1/searches", {"text": reader.words})
        path = f"/api/v1/searches/{search['id']}"
        return self._until(lambda: reader.client.get(path), lambda told: told["finished_at"] is not None)

    def _chosen(self, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return a work for each reader, not the same.

        :raises NotReached: if there is none
        """
        chosen: list[dict[str, Any]] = []
        for told in found:
            taken = {work["citation"]["title"] for work in chosen}
            free = (work for work in told["works"] if work["citation"]["title"] not in taken)
            work = next((work for work in free if _suits(work)), None)
            if work is None:
                raise NotReached("search: no book that both libraries hold")
            chosen.append(work)
        return chosen

    def _show_offers(self, work: dict[str, Any]) -> None:
        self._say(f"           {work['citation']['title']} / {work['citation']['author']}")
        for offer in work["offers"]:
            terms = f"here {offer['expected']}, due {offer['due']}" if offer["lendable"] else offer["reason"]
            self._say(f"             {offer['lender']:6} {terms}")

    def _ship(self) -> None:
        self._lends("WillSupply")
        self._wait_for(lambda request: request["status"] == "accepted")
        self._let_pass(_DAY)
        self._lends("Loaned", tracking="SF1029384756")
        self._wait_for(lambda request: request["status"] == "in_transit")
        self._step("in_transit", f"shipped by {_LENDER}")

    def _arrive(self) -> None:
        """Scan the books on a Friday."""
        self._let_pass(3 * _DAY)
        for reader in self._readers:
            barcode = reader.request["item_barcode"]
            reader.request = self._desk.post("/api/v1/arrivals", {"code": barcode})
        barcodes = ", ".join(reader.request["item_barcode"] for reader in self._readers)
        self._step("arrived", f"barcodes {barcodes}; the desk is to call them")
        self._read("您申请的图书已到馆", "Your book has arrived")

    def _notify(self) -> None:
        for result in ("no_answer", "reached"):
            self._let_pass(_HOUR / 2)
            self._at_desk("notification", result=result)
        self._step("notified", f"second call; kept until {self._readers[0].request['hold_until']}")

    def _borrow_and_return(self) -> None:
        """Hand the books over on the next opening day, a Monday; renew them, and bring them late."""
        self._let_pass(3 * _DAY)
        self._at_desk("handover", condition="good")
        first = self._readers[0]
        self._say(
            f"           handed over {self._local_time()}; due {first.request['due']}, "
            f"the lender sees {first.request['lender_due']}"
        )
        self._read("借阅成功", "Your loan")
        self._show("handed_over")
        self._let_pass(20 * _DAY)
        for reader in self._readers:
            reader.request = reader.client.post(reader.path("/renewal"))
        self._say(f"           renewed; due {first.request['due']}")
        self._read("应还日期变更", "New due date")
        self._let_pass(41 * _DAY)
        self._read("图书即将到期", "Due soon")
        self._let_pass(4 * _DAY)
        self._read("图书已逾期", "Overdue")
        self._at_desk("return", condition="good")
        self._step("returned", f"late: they were due on {first.request['due']}")
        self._read("费用通知", "A charge in your account")

    def _send_back(self) -> None:
        self._let_pass(_HOUR / 2)
        self._at_desk("shipment", tracking="SF5647382910")
        self._let_pass(4 * _DAY)
        self._lends("LoanCompleted")
        self._wait_for(lambda request: request["status"] == "closed")
        self._say(f"           the lender has them back: {self._readers[0].request['outcome']}")
        self._show("closed")

    def _explain(self) -> None:
        first = self._readers[0]
        told = first.client.get(first.path("/explanation"))
        self._say("\nWhy this due date and this fine:")
        for reason in [*told["steps"], told["fine"]]:
            self._say_both(reason["text"])
        for stretch in told["custody"]:
            where, days = stretch["text"], stretch["counted_days"]
            self._say_both({"zh": f"{where['zh']}：计 {days} 天", "en": f"{where['en']}: counted {days}"})

    def _say_both(self, text: Mapping[str, str]) -> None:
        for line in beside(text["zh"], text["en"]):
            self._say(line)

    def _lend_a_card(self) -> None:
        """Put loan cards of two members into the desk's stock, and hand her one of them."""
        barcodes = {library: f"CARD-{library.upper()}-1" for library in (_LENDER, _DECLINES)}
        for library, barcode in barcodes.items():
            card = {"barcode": barcode, "library": library, "desk": "bjtu"}
            self._desk.post("/api/v1/loan-cards", card)
        issue = {"barcode": barcodes[_DECLINES], "card_number": self._readers[0].card_number}
        issued = self._desk.post("/api/v1/loan-cards/issues", issue)
        self._say(f"\nLoan card {issued['barcode']} is hers until {issued['due']}.")

    def _let_pass(self, span: timedelta) -> None:
        """Let time pass; sessions end meanwhile, as they do."""
        self._calendar.let_pass(span)
        if span > _DAY:
            self._log_in()

    def _log_in(self) -> None:
        for reader in self._readers:
            reader.log_in(self._anybody)
        self._desk = self._anybody.log_in("desk@bjtu", PASSWORD)

    def _at_desk(self, step: str, **body: str) -> None:
        for reader in self._readers:
            reader.request = self._desk.post(reader.path(f"/{step}"), body)

    def _read(self, *subjects: str) -> None:
        """Show, side by side, the letter that each of them gets."""
        letters = [
            self._mailbox.letter_to(reader.email, containing=subject)
            for reader, subject in zip(self._readers, subjects, strict=True)
        ]
        self._say("")
        self._say_both(dict(zip(("zh", "en"), letters, strict=True)))
        self._say("")

    def _lends(self, status: str, **facts: str) -> None:
        said = {"status": status, "occurred_at": self._calendar.now().isoformat(), **facts}
        self._until(lambda: self._lender.get("/sandbox/requests"), self._is_asked)
        for reader in self._readers:
            self._lender.post(f"/sandbox/requests/{reader.request['id']}/status", said)

    def _is_asked(self, asked: dict[str, Any]) -> bool:
        return {reader.request["id"] for reader in self._readers} <= {
            each["request_id"] for each in asked["requests"]
        }

    def _wait_for(self, condition: Callable[[dict[str, Any]], bool]) -> None:
        for reader in self._readers:
            reader.request = self._until(reader.look, condition)

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
        self._say(f"{self._local_time()}  {name:10} {what}")
        self._show(name)

    def _show(self, name: str) -> None:
        """Show on the page what has been done; where it is watched, somebody asks for the next."""
        self._story.tell(name, self._calendar.now(), self._readers)

    def _local_time(self) -> str:
        return f"{self._calendar.now().astimezone(_ZONE):%Y-%m-%d %H:%M}"


def _suits(work: dict[str, Any]) -> bool:
    ready = {offer["lender"] for offer in work["offers"] if offer["lendable"] and offer["available"]}
    return {_LENDER, _DECLINES} <= ready and not ready & _AS_NEAR
