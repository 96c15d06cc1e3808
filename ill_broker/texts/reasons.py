"""Why something is refused, or a lender asked, left out or passed over, as a sentence."""

from __future__ import annotations

from ill_broker.texts.catalogue import say
from workflows.reasons import PassedOver, Placed, Refusal

_REASONS: tuple[Refusal | PassedOver | Placed, ...] = (*Refusal, *PassedOver, *Placed)
_MESSAGES = {reason.value: reason.message for reason in _REASONS}


def why(code: str, language: str) -> str:
    """Return the sentence of a reason; a code that a policy names itself says that the item is not lent."""
    return say(_MESSAGES.get(code, Refusal.NOT_LENDABLE.message), language)
