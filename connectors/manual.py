"""Asking by hand: for a library that no machine of ours can reach, our own desk does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors import ports
from connectors.ports import Acknowledgement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.ports import AskToSupply, Envelope, Telling

#: What the desk is told to do; messages without an entry need nobody's hand.
TASKS: Mapping[type[Envelope], str] = {
    ports.AskToSupply: "ask_by_hand",
    ports.CancelAsk: "cancel_by_hand",
    ports.AcceptConditions: "accept_conditions_by_hand",
    ports.RejectConditions: "reject_conditions_by_hand",
    ports.TellRenew: "renew_by_hand",
    ports.TellLost: "report_loss_by_hand",
    ports.TellDamaged: "report_damage_by_hand",
    ports.StatusQuestion: "inquire_by_hand",
}


@dataclass(frozen=True, slots=True)
class ByHand:
    """A supplier that hands every message to the desk."""

    library: str

    def ask(self, message: AskToSupply) -> Acknowledgement:
        return self._task(message)

    def tell(self, message: Telling) -> Acknowledgement:
        return self._task(message)

    def _task(self, message: Envelope) -> Acknowledgement:
        return Acknowledgement(message.message_id, desk_task=TASKS.get(type(message)))
