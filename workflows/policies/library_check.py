"""What is wrong with a list of member libraries as the operator writes it: every fault, by path and code."""

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import fields

from workflows.errors import NotMoney
from workflows.ids import LIBRARY_CODE
from workflows.libraries import Library, Watches, waived
from workflows.policies.document import Fault, Place, is_whole

REQUIRED = ("code", "name", "name_zh")
#: what its desk says of its lending is not the office's to give
KNOWN_FIELDS = {field.name for field in fields(Library)} - {"lending"} | {"connectors"}
_WATCHES = {field.name for field in fields(Watches)}
#: of these there may be none
_NONE_ALLOWED = {"reminder_days", "overdue_notices"}
_LONGEST, _MOST_DAYS = 500, 366


def check_libraries(told: object, *, members: Collection[str], policies: Collection[str]) -> list[Fault]:
    """Return every fault of the list, sorted by path and code; of connectors only that they are a section.

    :param members: the codes of those that are admitted already
    :param policies: the ids of the policy files
    """
    place = Place(told)
    if not isinstance(told, list) or not told:
        return [Fault("", "bad_type")]
    codes = Counter(str(row["code"].value) for row in place.rows())
    for row in place.rows():
        if row.is_absent or not row.is_section():
            row.refuse("bad_type")
            continue
        if not row["code"].is_absent and codes[str(row["code"].value)] > 1:
            row["code"].refuse("duplicate_code")
        _check_library(row, {*members, *codes}, policies)
    return sorted(set(place.faults))


def _check_library(row: Place, members: Collection[str], policies: Collection[str]) -> None:
    row.require(*REQUIRED)
    for name, field in row.fields():
        if name not in KNOWN_FIELDS:
            field.refuse("unknown_field")
    _check_code(row, policies)
    for name in ("name", "name_zh", "desk", "desk_zh"):
        row[name].words(_LONGEST, may_be_empty=name not in REQUIRED)
    for name in ("lends", "by_sms"):
        row[name].boolean()
    for desk in row["return_desks"].rows():
        desk.refers_to(members)
    _check_waived(row["home_desk_waives"])
    _check_watches(row["watches"])
    row["connectors"].is_section()


def _check_code(row: Place, policies: Collection[str]) -> None:
    code, policy = row["code"], row["policy"]
    policy.refers_to(policies)
    if code.is_absent:
        return
    if not isinstance(code.value, str) or not re.fullmatch(LIBRARY_CODE, code.value):
        code.refuse("bad_code")
    elif policy.is_absent and code.value not in policies:
        policy.refuse("missing_policy")


def _check_waived(place: Place) -> None:
    place.text()
    if isinstance(place.value, str):
        try:
            waived(place.value, "")
        except NotMoney:
            place.refuse("bad_money")


def _check_watches(place: Place) -> None:
    for name, field in place.fields():
        if name not in _WATCHES:
            field.refuse("unknown_field")
        elif not is_whole(field.value, name not in _NONE_ALLOWED, _MOST_DAYS):
            field.refuse("bad_number")
