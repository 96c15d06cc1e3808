"""What partners' systems do, or ask for, about the requests that they have made for their own patrons."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from connectors.partner_ports import PartnerAction, Wants
from ill_broker.services.partners.inbound import HandledElsewhere, partner
from ill_broker.services.refusals import Unknown
from ill_broker.services.requests import telling_requesters
from ill_broker.services.requests.door import Requests
from ill_broker.storage import inbox, partner_requests
from ill_broker.storage import requests as request_rows
from ill_broker.storage.inbox import Message, MessageState
from ill_broker.storage.store import Store
from workflows.errors import WorkflowError
from workflows.ids import RequestId
from workflows.refusals import SameDayReturn, TooEarly
from workflows.requests import requester_commands
from workflows.requests.commands import DeskOrPatron, Renew, ReportedStatus, TakeBack
from workflows.requests.lifecycle import Outcome, Status
from workflows.requests.request import Request
from workflows.requests.requester_commands import Steps
from workflows.requests.requester_messages import News, Why, last_instant, standing

#: why staff's word is needed where a lender refuses returns on the day of the loan
_SENT_BACK = "sent back by the home library"


@dataclass(frozen=True, slots=True)
class _Turn:
    """One message on its way through."""

    message: Message
    action: PartnerAction
    request: Request
    now: datetime

    @property
    def happened_at(self) -> datetime:
        """When it happened, by the partner's word: not before what came before it, nor after it was heard."""
        heard_at = self.message.received_at
        said_at = min(self.action.said_at or heard_at, heard_at)
        return max(said_at, min(last_instant(self.request), heard_at))


class PartnerActions:
    """Applies each to the request that the partner names."""

    def __init__(self, store: Store, requests: Requests) -> None:
        self._store = store
        self._requests = requests

    def apply(self, message: Message, action: PartnerAction, *, now: datetime) -> None:
        """Do what is asked, and have the partner told what came of it.

        :raises HandledElsewhere: if another worker did
        :raises TooEarly: if something must be heard first
        :raises WorkflowError: if it is refused and the protocol knows no answer for that
        """
        with self._store.reading() as conn:
            link = partner_requests.find(conn, message.library, action.request_id)
            request = request_rows.load(conn, link.request_id) if link and link.request_id else None
        if link is None:
            raise Unknown
        if request is not None:
            self._take(_Turn(message, action, request, now))
        elif link.refused is None:
            raise TooEarly("the request itself has not been looked at")
        else:
            self._answer_refused(message, action, link.refused, now)

    def _take(self, turn: _Turn) -> None:
        request, note = turn.request, turn.action.note
        match turn.action.wants:
            case Wants.STATUS:
                self._reply(turn, standing(request, Why.STATUS))
            case Wants.NOTE:
                self._reply(turn, None)
            case Wants.RECEIVED:
                self._go(turn, requester_commands.received(request))
            case Wants.RETURNED:
                self._go(turn, requester_commands.sent_back(request, note))
            case Wants.LOST:
                self._go(turn, requester_commands.lost(request, note))
            case Wants.CANCEL:
                self._cancel(turn)
            case Wants.RENEW:
                self._renew(turn)

    def _cancel(self, turn: _Turn) -> None:
        """Give the request up; whoever was promised a copy must agree first, and then the answer follows."""
        request = turn.request
        steps = requester_commands.cancelled(request, turn.action.note)
        waits = request.status is not Status.CLOSED and request.cancellation_requested is not None
        if steps or (waits and request.status is Status.ACCEPTED):
            self._go(turn, steps)
            return
        is_over = request.outcome is Outcome.CANCELLED
        self._reply(turn, standing(request, Why.CANCELLATION, answer=is_over))

    def _renew(self, turn: _Turn) -> None:
        try:
            self._go(turn, (Renew(),))
        except WorkflowError as refusal:
            note = f"the lender's rules refuse: {reasons(refusal)}"
            said = standing(turn.request, Why.RENEWAL, answer=False, note=note)
            self._reply(turn, said)

    def _go(self, turn: _Turn, steps: Steps) -> None:
        """Take every step at the instant the partner says; the last one ends the message."""
        if not steps:
            self._reply(turn, None)
            return
        *first, last = steps
        for step in first:
            self._step(turn, step)
        self._step(turn, last, ends=True)

    def _step(self, turn: _Turn, step: DeskOrPatron, *, ends: bool = False) -> None:
        def also(conn: Connection, request: Request) -> None:
            if ends:
                done(conn, turn.message, now=turn.now, request_id=request.id)

        who = partner(turn.message.library)
        try:
            self._requests.handle(
                turn.request.id, step, who, now=turn.happened_at, also=also, heard_at=turn.now
            )
        except SameDayReturn:
            step = TakeBack(staff_override=True, reason=_SENT_BACK)
            self._requests.handle(
                turn.request.id, step, who, now=turn.happened_at, also=also, heard_at=turn.now
            )

    def _reply(self, turn: _Turn, said: News | None) -> None:
        """End a message that moves nothing; with what the partner is told, if that is anything."""
        message, request = turn.message, turn.request
        with self._store.writing() as conn:
            done(conn, message, now=turn.now, request_id=request.id, note=turn.action.note)
            if said is not None:
                reply(conn, message, turn.action.request_id, said, now=turn.now, ours=request.id)

    def _answer_refused(self, message: Message, action: PartnerAction, refused: str, now: datetime) -> None:
        """Say again that nothing came of the request, to whoever asks."""
        why = {Wants.STATUS: Why.STATUS, Wants.CANCEL: Why.CANCELLATION, Wants.RENEW: Why.RENEWAL}.get(
            action.wants
        )
        with self._store.writing() as conn:
            done(conn, message, now=now, note=action.note)
            if why is not None:
                answer = None if why is Why.STATUS else False
                said = unfilled(refused, why, now=now, answer=answer)
                reply(conn, message, action.request_id, said, now=now)


def done(
    conn: Connection,
    message: Message,
    *,
    now: datetime,
    request_id: RequestId | None = None,
    note: str | None = None,
) -> None:
    """End a message in the transaction that does what it asks.

    :param note: is kept with it
    :raises HandledElsewhere: if somebody else has ended it
    """
    if not inbox.mark(conn, message, MessageState.APPLIED, now=now, request_id=request_id, reason=note):
        raise HandledElsewhere


def reply(
    conn: Connection,
    message: Message,
    their_id: str,
    said: News,
    *,
    now: datetime,
    ours: RequestId | None = None,
) -> None:
    """Order the answer to a message: one, however often it is looked at."""
    name = f"{message.library}.{message.message_id}"
    telling_requesters.order(conn, message.library, their_id, said, message_id=name, now=now, ours=ours)


def reasons(refusal: WorkflowError) -> str:
    """Return the codes of all reasons; of a refusal that has but one, its own."""
    told = refusal.facts.get("reasons")
    return ", ".join(map(str, told)) if isinstance(told, list | tuple) and told else refusal.code


def unfilled(refused: str, why: Why, *, now: datetime, answer: bool | None = None) -> News:
    """Return what is said of a request of which nothing came here, and why.

    :param refused: codes of the reasons
    """
    reason = _REASONS.get(refused.split(", ", maxsplit=1)[0], _POLICY)
    return News(
        why=why,
        status=ReportedStatus.UNFILLED,
        changed=now,
        answer=answer,
        reason=reason,
        note=refused,
    )


#: reasons that have a word of their own in ISO 18626; any other is a matter of policy
_REASONS = {"no_holding": "NotHeld", "not_available": "NotOnShelf", "copies_only": "NotAvailableForILL"}
_POLICY = "PolicyProblem"
