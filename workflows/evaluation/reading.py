"""The parts that cases of every kind are written with."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from workflows.errors import InvalidCase
from workflows.policies.book import PolicyBook
from workflows.policies.conditions import PLAIN_BOOK, Item
from workflows.policies.policy import Policy
from workflows.timestamps import instant, is_iso_day, iso_day, optional_instant

Case = Mapping[str, Any]

_TRAITS = ("type", "language", "collection", "origin")
_FLAGS = ("new_book", "part_of_set", "restricted_label")


def lender_of(case: Case, book: PolicyBook) -> Policy:
    return book.policy(case.get("policy"), patch_of(case, "patch"))


def borrower_of(case: Case, book: PolicyBook) -> Policy | None:
    """Return the policy of the reader's own library, None if no library is named."""
    named = case.get("borrower")
    return None if named is None else book.policy(named, patch_of(case, "borrower_patch"))


def patch_of(case: Case, key: str) -> Case | None:
    return section(case, key) if case.get(key) is not None else None


def category_of(case: Case, lender: Policy) -> str:
    """Return the reader's category at the lender: as named, else that of the brokerage's readers.

    :raises InvalidCase: ``unknown_category``
    """
    named = case.get("category")
    if named is None:
        return lender.default_category
    if not isinstance(named, str) or named not in lender.categories:
        raise InvalidCase("unknown_category", category=repr(named))
    return named


def item_of(case: Case) -> Item:
    item = section(case, "item")
    if not item:
        return PLAIN_BOOK
    traits = {key: _text(item[key]) for key in _TRAITS if item.get(key) is not None}
    flags = {key: flag_of(item, key) for key in _FLAGS}
    return Item(**traits, **flags)  # type: ignore[arg-type]  # each was read by its kind above


def section(case: Case, key: str) -> Case:
    """Return the mapping under *key*, an empty one if there is none.

    :raises InvalidCase: ``bad_input`` if there is something else
    """
    value = case.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidCase("bad_input", field=key)
    return value


def rows(case: Case, key: str) -> list[Case]:
    """Return the list of mappings under *key*, an empty one if there is none.

    :raises InvalidCase: ``bad_input`` if there is something else
    """
    value = case.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        raise InvalidCase("bad_input", field=key)
    return value


def count_of(case: Case, key: str) -> int:
    """Return a number of things, 0 if it is not given.

    :raises InvalidCase: ``bad_count``
    """
    value = case.get(key)
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise InvalidCase("bad_count", field=key)
    return value


def flag_of(case: Case, key: str, *, default: bool = False) -> bool:
    """Return a truth value, *default* if it is not given.

    :raises InvalidCase: ``bad_input`` for anything else, the text "false" among it
    """
    value = case.get(key)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise InvalidCase("bad_input", field=key)
    return value


def text_of(case: Case, key: str) -> str:
    return _text(case.get(key))


def day_of(value: object) -> date:
    """Return the day that is written.

    :raises InvalidCase: ``bad_timestamp``
    """
    try:
        return iso_day(value)
    except ValueError as error:
        raise InvalidCase("bad_timestamp", value=repr(value)) from error


def day_or_instant(value: object, policy: Policy) -> date:
    """Return the day that is written, or the library's day of the instant that is written."""
    if is_iso_day(value):
        return day_of(value)
    return policy.calendar.local_day(instant(value))


def as_of(case: Case, key: str = "as_of") -> datetime | None:
    return optional_instant(case.get(key))


def _text(value: object) -> str:
    return value if isinstance(value, str) else repr(value)
