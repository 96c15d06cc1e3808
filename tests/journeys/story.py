"""One journey on which nearly everything comes late, twice or in the wrong order, and all that it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

from ill_broker.demo.client import Client
from ill_broker.demo.consortium import PASSWORD
from ill_broker.storage import inbox
from tests.journeys.world import World, until
from tests.support.smtp import text_of

EMAIL = "li.hua@bjtu.example"
LENDER, DECLINES = "szutl", "pku"
#: what the two sandbox libraries do by themselves: one declines, the other is told what to say
SCENARIOS = {DECLINES: "declines", LENDER: "silent"}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Told:
    """What is left at the end: at the broker, at the lender, in the patron's letter box."""

    request: dict[str, Any]
    timeline: list[dict[str, Any]]
    explanation: dict[str, Any]
    rota: list[dict[str, Any]]
    #: what each library heard of us about the request
    heard: dict[str, list[str]]
    #: by status, how often the lender's reports were taken
    taken: dict[str, int]
    letters: list[EmailMessage]
    #: when each step was taken by the clock of the world: between these two instants
    moments: dict[str, tuple[datetime, datetime]]


class Story:
    """Walks the journey."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lender = world.sandboxes[LENDER]
        self._patron = self._desk = world.anybody
        self._id = ""
        self._moments: dict[str, tuple[datetime, datetime]] = {}

    def told(self) -> Told:
        """Walk all seven steps and back to the lender, and return what is left of it."""
        self._step("register", self._register)
        self._step("search", self._search)
        self._step("submit", self._submit)
        self._accept_before_receiving()
        self._arrive_before_shipping()
        self._step("notified", self._call)
        self._borrow()
        self._step("returned", self._take_back)
        self._send_back()
        return self._looked_back()

    def _register(self) -> None:
        person = {
            "home": "bjtu",
            "card_number": "21251001",
            "name": "李华",
            "mobile": "13800138000",
            "email": EMAIL,
            "password": PASSWORD,
        }
        self._world.anybody.post("/api/v1/patrons", person)
        letter = self._letter("请确认您的电子邮箱")
        token = letter.split("#", 1)[1].split()[0]
        self._world.anybody.post("/api/v1/patrons/verification", {"token": token})
        self._log_in()

    def _search(self) -> None:
        search = self._patron.post("/api/v1/searches", {"text": "中国"})
        path = f"/api/v1/searches/{search['id']}"
        found = until(lambda: self._patron.get(path), lambda seen: seen["finished_at"])
        work = next(work for work in found["works"] if is_at_both(work))
        self._wish = {"search": search["id"], "work": work["id"]}

    def _submit(self) -> None:
        self._id = self._patron.post("/api/v1/requests", self._wish)["id"]
        self._until(lambda request: request["lender"] == LENDER)
        until(self._asked, lambda asked: asked)

    def _accept_before_receiving(self) -> None:
        """Have the lender say first that it will supply, and only then that the request has come."""
        received, accepted = self._later(HOUR), self._later(HOUR)
        self._says("WillSupply", accepted)
        self._until(lambda request: request["status"] == "accepted")
        self._says("RequestReceived", received)
        self._until_all_is_read()

    def _arrive_before_shipping(self) -> None:
        """Scan the book at the desk, and only then have the lender say, twice, that it was shipped before."""
        shipped = self._later(DAY)
        self._moments["in_transit"] = (shipped, shipped)
        self._later(2 * DAY)
        number = self._get()["number"]
        self._step("arrived", lambda: self._desk.post("/api/v1/arrivals", {"code": number}))
        self._letter("您申请的图书已到馆")
        self._lender.post("/sandbox/scenario", {"scenario": "doubled"})
        self._says("Loaned", shipped, tracking="SF1029384756", copies=2)
        self._lender.post("/sandbox/scenario", {"scenario": "silent"})
        self._until_all_is_read()

    def _call(self) -> None:
        self._at_desk("notification", result="no_answer")
        self._later(HOUR)
        self._at_desk("notification", result="reached")

    def _borrow(self) -> None:
        self._later(DAY)
        self._letter("请尽快领取图书")
        self._at_desk("handover", condition="good")
        self._letter("借阅成功")
        self._later(30 * DAY)
        self._letter("图书即将到期")
        self._later(4 * DAY)
        self._letter("图书已逾期")

        self._log_in()

    def _take_back(self) -> None:
        self._at_desk("return", condition="good")

    def _send_back(self) -> None:
        self._letter("费用通知")
        self._at_desk("shipment", tracking="SF5647382910")
        self._says("LoanCompleted", self._later(4 * DAY))
        self._until(lambda request: request["status"] == "closed")
        until(self._asked, lambda heard: heard[-1:] == ["request.returned"])

    def _looked_back(self) -> Told:
        reports = self._lender.get("/sandbox/reports")["reports"]
        statuses = [report["status"] for report in reports if report["taken"]]
        return Told(
            request=self._desk.get(self._path()),
            timeline=self._patron.get(self._path("/timeline"))["items"],
            explanation=self._patron.get(self._path("/explanation")),
            rota=self._patron.get(self._path("/rota"))["items"],
            heard={code: _heard(box, self._id) for code, box in self._world.sandboxes.items()},
            taken={status: statuses.count(status) for status in statuses},
            letters=self._world.postbox.to(EMAIL),
            moments=self._moments,
        )

    def _log_in(self) -> None:
        """Log both in; a session lasts shorter than a loan."""
        self._patron, self._desk = self._world.log_in(EMAIL), self._world.log_in("desk@bjtu")

    def _step(self, name: str, act: Any) -> None:
        before = self._world.calendar.now()
        act()
        self._moments[name] = (before, self._world.calendar.now())

    def _later(self, span: timedelta) -> datetime:
        self._world.calendar.let_pass(span)
        return self._world.calendar.now()

    def _says(self, status: str, occurred_at: datetime, *, copies: int = 1, **facts: str) -> None:
        """Have the lender report, and return when the broker has taken it as often as it was sent."""
        said = {"status": status, "occurred_at": occurred_at.isoformat(), **facts}
        message = self._lender.post(f"/sandbox/requests/{self._id}/status", said)["message_id"]
        until(
            lambda: self._lender.get("/sandbox/reports")["reports"],
            lambda sent: sum(each["taken"] for each in sent if each["message_id"] == message) == copies,
        )

    def _until_all_is_read(self) -> None:
        def counted() -> dict[inbox.MessageState, int]:
            with self._world.store.reading() as conn:
                return inbox.counts(conn)

        until(counted, lambda counts: not any(counts.values()))

    def _asked(self) -> list[str]:
        return _heard(self._lender, self._id)

    def _letter(self, subject: str) -> str:
        """Return the text of a letter to the patron, once it has come."""
        found = until(
            lambda: [each for each in self._world.postbox.to(EMAIL) if each["subject"] == subject],
            lambda letters: letters,
        )
        return text_of(found[-1])

    def _at_desk(self, step: str, **body: str) -> None:
        self._desk.post(self._path(f"/{step}"), body)

    def _path(self, rest: str = "") -> str:
        return f"/api/v1/requests/{self._id}{rest}"

    def _get(self) -> dict[str, Any]:
        request: dict[str, Any] = self._patron.get(self._path())
        return request

    def _until(self, holds: Any) -> None:
        until(self._get, holds)


def is_at_both(work: dict[str, Any]) -> bool:
    ready = {offer["lender"] for offer in work["offers"] if offer["lendable"] and offer["available"]}
    return {LENDER, DECLINES} == ready


def _heard(sandbox: Client, request_id: str) -> list[str]:
    asked = sandbox.get("/sandbox/requests")["requests"]
    return [what for each in asked if each["request_id"] == request_id for what in each["heard"]]
