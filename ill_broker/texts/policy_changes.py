"""The changes of a policy file in words, for the people who read and those who lend."""

from collections.abc import Iterator, Sequence

from ill_broker.texts.catalogue import say
from ill_broker.texts.policy_values import spoken, translated
from workflows.policies.difference import Change
from workflows.policies.meanings import Reading, reading


def difference_words(changes: Sequence[Change], language: str) -> Iterator[str]:
    """Yield one line for each change, and a last one for what it means for loans that have begun."""
    other_money = any(change.path == ("currency",) for change in changes)
    for change in changes:
        yield _line(change, language, other_money=other_money)
    yield say("change.begun" if changes else "change.none", language)


def _line(change: Change, language: str, *, other_money: bool) -> str:
    told = reading(change, other_money=other_money)
    facts = {
        "label": _label(told, language),
        "old": spoken(change.old, language),
        "new": spoken(change.new, language),
    }
    sentence = say(f"change.{change.kind}", language, facts)
    if not told.meaning:
        return sentence
    explained = {"change": sentence, "meaning": say(f"meaning.{told.meaning}", language)}
    return say("change.explained", language, explained)


def _label(told: Reading, language: str) -> str:
    """Return what the field is called, and behind it what of its path has no name."""
    names = [translated(name, language) for name in told.names]
    facts = dict(zip(("name", "part"), names, strict=False))
    called = [say(f"field.{told.field}", language, facts)] if told.field else []
    return " ".join([*called, *(translated(name, language) for name in told.rest)])
