"""Says on a page why something was refused: every reason a sentence."""

from collections.abc import Iterable

from ill_broker.texts.catalogue import knows, say
from ill_broker.texts.flaws import CaseFlaw
from workflows.errors import InvalidCase, WorkflowError
from workflows.reasons import Refusal


def said(error: WorkflowError, language: str) -> list[str]:
    """Return the sentences of a refusal; a library's own reason says that the item is not lent."""
    if isinstance(error, InvalidCase):
        return [say(CaseFlaw(error.code).message, language, error.facts)]
    reasons = error.facts.get("reasons")
    if not isinstance(reasons, Iterable):
        told = f"problem.{error.code}"
        # why a case cannot be evaluated has sentences of its own
        return [say(told if knows(told) else f"case.{error.code}", language, error.facts)]
    return sentences(reasons, language)


def sentences(reasons: Iterable[object], language: str) -> list[str]:
    """Return the sentence of each reason."""
    messages = [f"refusal.{each}" for each in reasons]
    return [say(each if knows(each) else Refusal.NOT_LENDABLE.message, language) for each in messages]
