"""A sandbox library at work: takes asks, follows its script, reports."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from connectors.partner_ports import StatusReport
from connectors.sandbox import behaviour
from connectors.sandbox.readers import LocalSystem
from connectors.sandbox.reporting import Sent
from connectors.webhook import codec
from connectors.webhook.signing import verified_id
from workflows.requests.commands import ReportedStatus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from connectors.sandbox.agenda import Agenda, SandboxClock
    from connectors.sandbox.behaviour import Planned, Scenario
    from connectors.sandbox.catalogue import Catalogue
    from connectors.sandbox.config import Config
    from connectors.sandbox.reporting import Reporter
    from connectors.sandbox.supplying import Thread
    from connectors.webhook.messages import Call

_ASK = "request.ask"
_AWAY = frozenset({ReportedStatus.LOANED, ReportedStatus.OVERDUE, ReportedStatus.RECALLED})
_BACK = frozenset({ReportedStatus.LOAN_COMPLETED})


@dataclass(slots=True)
class Asked:
    """A request as this library sees it."""

    lender_request_id: str
    request_id: str
    barcode: str
    citation: Mapping[str, Any]
    #: The types of all messages about it, in the order they came.
    heard: list[str] = field(default_factory=list)
    status: ReportedStatus | None = None
    #: Raised when a later message makes the steps still planned pointless.
    plan: int = 0
    #: How it is spoken of in ISO 18626; None where it came as JSON.
    thread: Thread | None = None


class MemberLibrary:
    """The library behind the counter; every method may be called from any thread."""

    def __init__(
        self,
        config: Config,
        *,
        catalogue: Catalogue,
        agenda: Agenda,
        clock: SandboxClock,
        reporter: Reporter,
        run_id: str,
    ) -> None:
        self.config = config
        self.catalogue = catalogue
        self.clock = clock
        self.reporter = reporter
        self.scenario: Scenario = behaviour.SCENARIOS[config.scenario]
        self.local = LocalSystem(catalogue)
        #: By record, when a title was withdrawn; only the repository tells of it.
        self.withdrawn: dict[str, datetime] = {}
        self.asked: list[Asked] = []
        self._agenda = agenda
        self._run_id = run_id
        self._reports = 0
        self._answers: dict[str, dict[str, str]] = {}
        self._lock = threading.RLock()

    def take(self, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        """Take a message of the broker's; the same message gets the same answer and nothing more.

        :raises MessageFault: if it is not signed by the broker, or no message
        :raises LookupError: if it speaks of a request that was never made
        """
        message_id = self._authentic(headers, body)
        return self.hear(message_id, codec.decode_call(body))

    def hear(self, message_id: str, call: Call, *, thread: Thread | None = None) -> dict[str, str]:
        """Do what *call* says, once for each *message_id*, and return what answers it.

        :raises LookupError: if it speaks of a request that was never made
        """
        with self._lock:
            if message_id not in self._answers:
                self._answers[message_id] = self._heard(call, thread)
            return self._answers[message_id]

    def has(self, message_id: str, headers: Mapping[str, str]) -> bool:
        """Say whether the message came.

        :raises NotAuthentic: if it is not the broker who asks
        """
        self._authentic(headers, b"")
        return self.knows(message_id)

    def knows(self, message_id: str) -> bool:
        return message_id in self._answers

    def behave(self, scenario: str) -> None:
        """Follow another script from now on.

        :raises LookupError: if there is no such script
        """
        self.scenario = behaviour.SCENARIOS[scenario]

    def find(self, any_id: str) -> Asked:
        """Return the request with this id, the broker's or ours.

        :raises LookupError: if there is none
        """
        for asked in reversed(self.asked):
            if any_id in {asked.request_id, asked.lender_request_id}:
                return asked
        raise LookupError(any_id)

    def report(
        self, asked: Asked, status: ReportedStatus, *, answers: str | None = None, **facts: Any
    ) -> str:
        """Report *status* to the broker and return the message's id; *facts* go before the usual ones.

        :param answers: the type of the broker's message that this answers
        """
        with self._lock:
            self._reports += 1
            message_id = f"msg_{self.config.library}_{self._run_id}_{self._reports}"
            asked.status = status
            self._move(asked, status)
            report = self._composed(asked, status, facts)
        self._agenda.add(0.0, partial(self._send, Sent(message_id, report, asked.thread, answers)))
        return message_id

    def _authentic(self, headers: Mapping[str, str], body: bytes) -> str:
        return verified_id(headers, body, secrets=[self.config.secret], now=self.clock.real())

    def _heard(self, call: Call, thread: Thread | None) -> dict[str, str]:
        request_id = str(call.data.get("request_id", ""))
        asked = self._new(request_id, call.data) if call.type == _ASK else self.find(request_id)
        asked.thread = thread
        asked.heard.append(call.type)
        self._follow(asked, call)
        return {"lender_request_id": asked.lender_request_id}

    def _new(self, request_id: str, data: Mapping[str, Any]) -> Asked:
        holding = data.get("holding") or {}
        number = len(self.asked) + 1
        barcode = holding.get("barcode") or f"{self.config.library.upper()}{number:08}"
        lender_request_id = f"{self.config.library.upper()}-{self._run_id}-{number}"
        asked = Asked(lender_request_id, request_id, barcode, data.get("citation") or {})
        self.asked.append(asked)
        return asked

    def _follow(self, asked: Asked, call: Call) -> None:
        """Plan what the script says about this message."""
        script = self.scenario
        if call.type == "request.status_question":
            self._agenda.add(0.0, partial(self._tell_status, asked, call.type))
            return
        if call.type == "request.cancel" and asked.status in _AWAY:
            refusal = behaviour.Planned(0.0, ReportedStatus.LOANED, reason="CannotCancel")
            self._plan(asked, (refusal,), call.type)
            return
        planned = {
            _ASK: script.on_ask,
            "request.cancel": script.on_cancel,
            "request.conditions_accepted": script.on_conditions_accepted,
            "request.conditions_rejected": script.on_conditions_rejected,
            "request.renew": script.on_renew,
            "request.returned": script.on_returned,
            "request.lost": script.on_lost,
        }.get(call.type, ())
        if planned:
            asked.plan += 1
        self._plan(asked, planned, call.type)

    def _plan(self, asked: Asked, planned: tuple[Planned, ...], call_type: str) -> None:
        """Have what is *planned* reported in its time; the first of them is the answer to the call."""
        for place, each in enumerate(planned):
            answers = None if place else call_type
            todo = partial(self._carry_out, asked, each, asked.plan, answers)
            self._agenda.add(each.delay * self.config.pace, todo)

    def _tell_status(self, asked: Asked, answers: str) -> None:
        """Report where the request stands by now, if anything was ever said of it."""
        with self._lock:
            if asked.status is not None:
                self.report(asked, asked.status, answers=answers)

    def _carry_out(self, asked: Asked, planned: Planned, plan: int, answers: str | None) -> None:
        if plan != asked.plan:
            return
        occurred_at = self.clock.now() - timedelta(seconds=planned.ago)
        facts = {"reason": planned.reason, "note": planned.note, "occurred_at": occurred_at}
        self.report(asked, planned.status, answers=answers, **facts)

    def _composed(self, asked: Asked, status: ReportedStatus, facts: Mapping[str, Any]) -> StatusReport:
        now = self.clock.now()
        usual: dict[str, Any] = {"occurred_at": now}
        if status is ReportedStatus.LOANED:
            usual |= {
                "item_barcode": asked.barcode,
                "lender_due_date": self._claim(now),
                "tracking": f"SF{asked.lender_request_id}",
            }
        given = {name: value for name, value in facts.items() if value is not None}
        return StatusReport(
            status=status,
            said_at=now,
            request_id=asked.request_id,
            lender_request_id=asked.lender_request_id,
            **{**usual, **given},
        )

    def _claim(self, now: datetime) -> object:
        days = self.config.loan_days
        return None if days is None else (now + timedelta(days=days)).date()

    def _move(self, asked: Asked, status: ReportedStatus) -> None:
        """Take the copy from the shelf, or put it back."""
        copy = self.catalogue.copy(asked.barcode)
        if copy is not None and status in _AWAY | _BACK:
            copy.available = status in _BACK

    def _send(self, letter: Sent) -> None:
        script = self.scenario
        self.reporter.send(letter, copies=script.copies, garbled=script.garbles)
