"""Under which field a change of a policy file is told, and what it means for a reader."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from workflows.policies.difference import Change, Path
from workflows.policies.document import minor


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a change of a field means, by the name of its sentence; "" where there is nothing to say."""

    #: it grew, or is later
    up: str = ""
    #: it shrank, or is earlier
    down: str = ""
    #: it changed in any other way
    other: str = ""
    #: what a new value means by itself
    values: Mapping[object, str] = field(default_factory=dict)
    #: nothing said means no limit, so that saying anything is less
    unlimited: bool = False


#: by path, which names what people call the field as well; "*" stands for a name, and a path that is not
#: here is told under the nearest above it
MEANINGS: Mapping[str, Meaning] = {
    "schema": Meaning(),
    "id": Meaning(other="another_library"),
    "name": Meaning(other="information"),
    "kind": Meaning(),
    "inherits": Meaning(other="said_there"),
    "sources": Meaning(other="information"),
    "assumed": Meaning(other="explanations_say_so"),
    "timezone": Meaning(other="other_days"),
    "currency": Meaning(other="not_converted"),
    "calendar": Meaning(other="other_calendar"),
    "opening_hours": Meaning(other="other_hours"),
    "contacts": Meaning(other="information"),
    "registration": Meaning(other="information"),
    "notice_channel": Meaning(other="information"),
    "notices": Meaning(other="information"),
    "members": Meaning(other="information"),
    "service_fee": Meaning(up="information", down="information", other="information"),
    "clock": Meaning(),
    "clock.starts": Meaning(
        values={"handover": "from_handover", "notified": "from_notice", "arrived": "from_arrival"}
    ),
    "clock.logistics": Meaning(values={"excluded": "road_not_counted", "included": "road_counted"}),
    "clock.due_on_closed_day": Meaning(values={"keep": "date_stays", "next_open_day": "date_moves"}),
    "clock.outbound_allowance_days": Meaning(other="lender_date_moves"),
    "clock.return_allowance_days": Meaning(other="lender_and_holiday_dates_move"),
    "categories": Meaning(),
    "categories.*": Meaning(other="other_borrowers"),
    "categories.*.label": Meaning(other="information"),
    "categories.*.limits.*": Meaning(up="more_at_once", down="fewer_at_once", unlimited=True),
    "default_category": Meaning(other="terms_of_that_category"),
    "special_collections": Meaning(other="closed_to_others"),
    "lendability": Meaning(other="first_rule_decides"),
    "lendability.*": Meaning(other="judged_by_it"),
    "lendability.*.lend": Meaning(
        values={"yes": "lent", "no": "no_longer_lent", "permission": "permission_first"}
    ),
    "lendability.*.code": Meaning(other="information"),
    "loan_rules": Meaning(other="first_rule_decides"),
    "loan_rules.*": Meaning(other="another_period"),
    "loan_rules.*.when": Meaning(other="period_for_others"),
    "loan_rules.*.period": Meaning(up="longer", down="shorter", other="counted_another_way"),
    "renewal": Meaning(),
    "renewal.max_count": Meaning(up="more_renewals", down="fewer_renewals", values={0: "no_renewals"}),
    "renewal.period": Meaning(up="longer", down="shorter"),
    "renewal.from": Meaning(values={"due_date": "early_costs_nothing", "renewal_date": "early_loses_days"}),
    "renewal.advance_days": Meaning(up="ask_earlier", down="ask_later"),
    "renewal.when": Meaning(other="others_renewable"),
    "renewal.allow_on_hold": Meaning(values={True: "reservation_ignored", False: "reservation_stops"}),
    "fine": Meaning(),
    "fine.rate": Meaning(up="dearer", down="cheaper", other="staff_decide"),
    "fine.day": Meaning(values={"started": "day_begun_charged", "full": "day_completed_charged"}),
    "fine.grace_days": Meaning(up="cheaper", down="dearer"),
    "fine.cap_per_item": Meaning(up="dearer", down="cheaper", unlimited=True),
    "fine.cap_per_card": Meaning(up="dearer", down="cheaper", unlimited=True),
    "fine.count_closed_days": Meaning(values={True: "dearer", False: "closed_days_free"}),
    "fine.accompanying": Meaning(values={True: "pieces_cost", False: "cheaper"}),
    "recall": Meaning(),
    "recall.allowed": Meaning(values={True: "may_end_earlier", False: "date_certain"}),
    "recall.notice_days": Meaning(up="recall_longer", down="recall_shorter"),
    "grace": Meaning(other="longer"),
    "grace.*": Meaning(other="another_due_date"),
    "grace.*.days_after": Meaning(up="longer", down="shorter"),
    "grace.*.days_into_next_term": Meaning(up="longer", down="shorter"),
    "bulk_extensions": Meaning(),
    "bulk_extensions.*": Meaning(other="named_loans_move"),
    "bulk_extensions.*.new_due": Meaning(up="longer", down="shorter"),
    "due_before_holiday": Meaning(other="due_earlier"),
    "processing_stops": Meaning(other="to_other_lenders"),
    "quota.monthly": Meaning(up="more_requests", down="fewer_requests", unlimited=True),
    "prefers_language": Meaning(other="asked_last_for_chinese"),
    "same_day_return": Meaning(values={"accept": "same_day_taken", "refuse": "same_day_refused"}),
    "block_when_overdue": Meaning(values={True: "late_stops_loans", False: "late_ignored"}),
    "hold_shelf.days": Meaning(up="collect_longer", down="collect_shorter"),
    "hold_shelf.count": Meaning(
        values={"opening_days": "open_days_count", "calendar_days": "every_day_counts"}
    ),
    "pickup.*": Meaning(other="another_delivery"),
    "compensation": Meaning(),
    "compensation.*": Meaning(other="owed_otherwise"),
    "suspensions": Meaning(),
    "suspensions.*": Meaning(other="suspended_otherwise"),
    "suspensions.*.months_min": Meaning(up="suspended_longer", down="suspended_shorter"),
    "suspensions.*.months_max": Meaning(up="suspended_longer", down="suspended_shorter"),
    "borrowing": Meaning(other="judged_by_it"),
    "borrowing.max_items": Meaning(up="more_at_once", down="fewer_at_once", unlimited=True),
    "borrowing.default_period": Meaning(up="longer", down="shorter"),
    "borrowing.lender_periods.*": Meaning(other="earlier_date_applies"),
    "borrowing.lender_periods.*.period": Meaning(up="longer", down="shorter"),
    "loan_cards": Meaning(other="other_card_terms"),
    "loan_cards.max_per_reader": Meaning(up="more_at_once", down="fewer_at_once"),
    "loan_cards.period": Meaning(up="longer", down="shorter"),
    "loan_cards.fine.rate": Meaning(up="dearer", down="cheaper"),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """How a change is told: its field with the names in the path, what of the path is left, its meaning."""

    field: str
    names: tuple[str, ...]
    rest: Path
    meaning: str


def reading(change: Change, *, other_money: bool) -> Reading:
    """Return how *change* is told; amounts in *other_money* are neither more nor less."""
    path, names = _nearest(change.path)
    meaning = ""
    if change.kind not in ("stated", "unstated") and not (other_money and minor(change.new) is not None):
        meaning = _meaning(MEANINGS.get(path, Meaning()), change)
    return Reading(path, names, change.path[path.count(".") + 1 if path else 0 :], meaning)


def _nearest(path: Path) -> tuple[str, tuple[str, ...]]:
    """Return the nearest named field with the names in its path, "" if nobody has named one."""
    for length in range(len(path), 0, -1):
        for pattern in MEANINGS:
            names = _fitting(pattern.split("."), path[:length])
            if names is not None:
                return pattern, names
    return "", ()


def _fitting(pattern: list[str], path: Path) -> tuple[str, ...] | None:
    if len(pattern) != len(path) or any(
        part not in ("*", name) for part, name in zip(pattern, path, strict=True)
    ):
        return None
    return tuple(name for part, name in zip(pattern, path, strict=True) if part == "*")


def _meaning(field: Meaning, change: Change) -> str:
    if isinstance(change.new, str | int) and change.new in field.values:
        return field.values[change.new]
    direction = _direction(change, unlimited=field.unlimited)
    return {1: field.up, -1: field.down}.get(direction, "") or field.other


def _direction(change: Change, *, unlimited: bool) -> int:
    """Return 1 if it is more or later now, -1 if less or earlier, 0 if that cannot be said."""
    if unlimited and (change.old is None or change.new is None):
        return 1 if change.new is None else -1
    old, new = _size(change.old), _size(change.new)
    if old is None or new is None or old[0] != new[0]:
        return 0
    if old[1] == new[1]:
        return 0
    return 1 if new[1] > old[1] else -1


def _size(value: Any) -> tuple[str, Any] | None:
    """Return what a value is measured in, and how much of it there is."""
    match value:
        case bool():
            return None
        case int():
            return "number", value
        case str() if minor(value) is not None:
            return "money", Decimal(value)
        case str():
            return "text", value
        case dict() if len(value) == 1:
            ((unit, count),) = value.items()
            return (str(unit), count) if isinstance(count, int) else None
        case _:
            return None
