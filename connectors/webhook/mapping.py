"""Our messages to a lender as calls of the JSON protocol."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import date, datetime
from typing import TYPE_CHECKING

from connectors import ports
from connectors.webhook.messages import Call

if TYPE_CHECKING:
    from collections.abc import Mapping

TYPES: Mapping[type[ports.Envelope], str] = {
    ports.AskToSupply: "request.ask",
    ports.CancelAsk: "request.cancel",
    ports.AcceptConditions: "request.conditions_accepted",
    ports.RejectConditions: "request.conditions_rejected",
    ports.TellReceived: "request.received",
    ports.TellReturned: "request.returned",
    ports.TellDueDate: "request.due_date",
    ports.TellRenew: "request.renew",
    ports.TellLost: "request.lost",
    ports.TellDamaged: "request.damaged",
    ports.StatusQuestion: "request.status_question",
}


def call(message: ports.Message, *, now: datetime) -> Call:
    """Return *message* as it is written at *now*; what it does not say is left out."""
    said = {field.name: getattr(message, field.name) for field in fields(message)}
    # what is asked for is known from the ask itself, so that no message holds another
    data = {
        name: _plain(value)
        for name, value in said.items()
        if value is not None and not isinstance(value, ports.Envelope)
    }
    return Call(TYPES[type(message)], now, data)


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, str | bool):
        return value
    return asdict(value)  # type: ignore[call-overload]  # a citation, a holding or a desk
