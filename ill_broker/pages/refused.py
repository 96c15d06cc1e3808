"""Says on a page why something was refused: every reason a sentence."""

from collections.abc import Iterable

from ill_broker.texts.catalogue import knows, say
from workflows.errors import WorkflowError
from workflows.reasons import Refusal


def said(error: WorkflowError, language: str) -> list[str]:
    """Return the sentences of a refusal; a library's own reason says that the item is not lent."""
    reasons = error.facts.get("reasons")
    if not isinstance(reasons, Iterable):
        return [say(f"problem.{error.code}", language, error.facts)]
    messages = [f"refusal.{each}" for each in reasons]
    return [say(each if knows(each) else Refusal.NOT_LENDABLE.message, language) for each in messages]
