"""What is wrong with a policy or calendar file: every fault, by path and code."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workflows.compensation_check import check_compensation, check_suspensions
from workflows.document import Fault, Place
from workflows.policy_reading import WEEKDAYS
from workflows.rule_check import check_lendability, check_loan_rules, check_renewal, check_when

HOLIDAYS = ("winter", "summer")
INFORMATION = {"contacts", "registration", "notice_channel", "notices", "service_fee", "members"}
EVERYWHERE = ("schema", "id", "name", "kind", "timezone", "currency", "calendar", "opening_hours")
WITHOUT_PARENT = ("categories", "default_category")
LENDING = ("clock", "lendability", "loan_rules", "fine", "hold_shelf")
OPTIONAL = {
    "inherits", "sources", "assumed", "special_collections", "renewal", "recall", "grace", "bulk_extensions",
    "due_before_holiday", "processing_stops", "quota", "prefers_language", "same_day_return",
    "block_when_overdue", "pickup", "compensation", "suspensions", "borrowing", "loan_cards",
}  # fmt: skip
KNOWN_FIELDS = {*EVERYWHERE, *WITHOUT_PARENT, *LENDING, *OPTIONAL, *INFORMATION}
_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What a policy file may refer to: the other policies as written, and the calendars."""

    policies: Mapping[str, Mapping[str, Any]]
    calendars: frozenset[str]

    def chain(self, document: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
        """Return a file and those it inherits from, None if one is missing or they run in a circle."""
        chain = [document]
        seen = {str(document.get("id"))}
        while (parent := chain[-1].get("inherits")) is not None:
            if not isinstance(parent, str) or parent in seen or parent not in self.policies:
                return None
            seen.add(parent)
            chain.append(self.policies[parent])
        return chain


def check_policy(document: object, neighbours: Neighbours) -> list[Fault]:
    """Return every fault of a policy file as written, sorted by path and code."""
    place = Place(document)
    if not isinstance(document, Mapping):
        return [Fault("", "bad_type")]
    place.require(*_required(document))
    for key, field in place.fields():
        if key not in KNOWN_FIELDS:
            field.refuse("unknown_field")
    _check_head(place, neighbours)
    chain = neighbours.chain(document)
    if chain is None:
        place["inherits"].refuse("bad_reference")
    categories = _categories(chain)
    known = (
        {*neighbours.policies, document["id"]} if isinstance(document.get("id"), str) else neighbours.policies
    )
    _check_terms(place, categories, chain)
    _check_lending(place, categories, known)
    check_compensation(place["compensation"])
    check_suspensions(place["suspensions"])
    _check_borrowing(place["borrowing"], known)
    _check_cards(place["loan_cards"])
    return sorted(set(place.faults))


def check_calendar(document: object) -> list[Fault]:
    """Return every fault of a calendar file, sorted by path and code."""
    place = Place(document)
    if not place.is_section():
        return [Fault("", "bad_type")]
    place.require("schema", "id", "coverage")
    place["schema"].one_of([1])
    place["id"].text()
    place["sample"].boolean()
    if place["coverage"].is_section():
        _check_span(place["coverage"])
    for row in (*place["terms"].rows(), *place["holidays"].rows(), *place["closures"].rows()):
        _check_span(row)
    for row in place["terms"].rows():
        row.require("id")
    for row in place["holidays"].rows():
        row.require("kind")
        row["kind"].one_of(HOLIDAYS)
    for row in place["extra_open"].rows():
        row.require("date", "hours")
        row["date"].day()
        row["hours"].hours()
    return sorted(set(place.faults))


def _check_span(span: Place) -> None:
    span.require("from", "to")
    before = len(span.faults)
    span["from"].day()
    span["to"].day()
    if len(span.faults) == before and str(span["from"].value) > str(span["to"].value):
        span.refuse("bad_range")


def _required(document: Mapping[str, Any]) -> tuple[str, ...]:
    if document.get("inherits") is not None:
        return EVERYWHERE
    if document.get("kind") == "library":
        return EVERYWHERE + WITHOUT_PARENT + LENDING
    return EVERYWHERE + WITHOUT_PARENT


def _categories(chain: list[Mapping[str, Any]] | None) -> set[str] | None:
    """Return the categories in force, None if they are not known."""
    for document in chain or ():
        if "categories" in document:
            found = document["categories"]
            return set(map(str, found)) if isinstance(found, Mapping) else None
    return None


def _check_head(place: Place, neighbours: Neighbours) -> None:
    place["schema"].one_of([1])
    place["kind"].one_of(["library", "consortium"])
    place["id"].text()
    place["name"].text()
    place["calendar"].refers_to(neighbours.calendars)
    place["service_fee"].money()
    for row in (*place["sources"].rows(), *place["assumed"].rows()):
        row.text()
    _check_zone(place["timezone"])
    currency = place["currency"]
    if not currency.is_absent and not (
        isinstance(currency.value, str) and _CURRENCY.fullmatch(currency.value)
    ):
        currency.refuse("bad_currency")
    if place["opening_hours"].is_section():
        place["opening_hours"].require(*WEEKDAYS)
        for key, day in place["opening_hours"].fields():
            day.hours() if key in WEEKDAYS else day.refuse("unknown_field")


def _check_zone(zone: Place) -> None:
    if zone.is_absent:
        return
    try:
        ZoneInfo(zone.value)  # type: ignore[arg-type]  # what is no text is a fault, too
    except (ZoneInfoNotFoundError, ValueError, TypeError, AttributeError, OSError):
        zone.refuse("bad_timezone")


def _check_terms(place: Place, categories: set[str] | None, chain: list[Mapping[str, Any]] | None) -> None:
    for _, category in place["categories"].fields():
        if category.is_section():
            for _, limit in category["limits"].fields():
                limit.whole()
        elif category.is_absent:
            category.refuse("bad_type")
    inherited = next((doc["default_category"] for doc in chain or () if "default_category" in doc), None)
    if categories is not None and inherited is not None:
        Place(inherited, "default_category", place.faults).refers_to(categories)
    clock = place["clock"]
    if clock.is_section():
        clock.require("outbound_allowance_days", "return_allowance_days")
    clock["starts"].one_of(["handover", "notified", "arrived"])
    clock["logistics"].one_of(["excluded", "included"])
    clock["due_on_closed_day"].one_of(["keep", "next_open_day"])
    clock["outbound_allowance_days"].whole()
    clock["return_allowance_days"].whole()
    for row in place["special_collections"].rows():
        row.text()


def _check_lending(place: Place, categories: set[str] | None, known: object) -> None:
    lenders = known if isinstance(known, (set, Mapping)) else set()
    check_lendability(place["lendability"], categories)
    check_loan_rules(place["loan_rules"], categories)
    check_renewal(place["renewal"], categories)
    _check_fine(place["fine"])
    place["recall"].is_section()
    place["recall"]["allowed"].boolean()
    place["recall"]["notice_days"].whole()
    for row in place["grace"].rows():
        _check_grace(row, categories)
    for row in place["bulk_extensions"].rows():
        row.require("new_due")
        for key in ("issued_after", "issued_from", "issued_until", "new_due"):
            row[key].day()
        for lender in row["exclude_lenders"].rows():
            lender.refers_to(lenders)
    for section in (place["due_before_holiday"], place["processing_stops"]):
        section.is_section()
        section["holidays"].listed(HOLIDAYS)
    place["quota"].is_section()
    place["quota"]["monthly"].whole()
    place["prefers_language"].one_of(["foreign"])
    place["same_day_return"].one_of(["accept", "refuse"])
    place["block_when_overdue"].boolean()
    shelf = place["hold_shelf"]
    if shelf.is_section():
        shelf.require("days")
    shelf["days"].whole()
    shelf["count"].one_of(["opening_days", "calendar_days"])
    _check_pickup(place["pickup"])


def _check_fine(fine: Place) -> None:
    fine.is_section()
    for key in ("rate", "cap_per_item", "cap_per_card"):
        fine[key].money()
    fine["day"].one_of(["started", "full"])
    fine["grace_days"].whole()
    fine["count_closed_days"].boolean()
    fine["accompanying"].boolean()


def _check_grace(row: Place, categories: set[str] | None) -> None:
    row.require("kind")
    row["kind"].one_of(["holiday", "end_of_term"])
    if row["kind"].value == "holiday":
        row.require("holidays", "days_after")
    if row["kind"].value == "end_of_term":
        row.require("days_into_next_term")
    row["holidays"].listed(HOLIDAYS)
    row["days_after"].whole()
    row["days_into_next_term"].whole()
    for category in row["categories"].rows():
        if categories is not None:
            category.refers_to(categories)


def _check_pickup(pickup: Place) -> None:
    for _, site in pickup.fields():
        if site.is_section():
            site.require("opening_days")
        site["cutoff"].hour()
        site["opening_days"].whole()
        site["opening_days_after_cutoff"].whole()
        site["weekday"].one_of(WEEKDAYS)


def _check_borrowing(borrowing: Place, known: object) -> None:
    borrowing.is_section()
    borrowing["max_items"].whole()
    borrowing["default_period"].period()
    for row in borrowing["lender_periods"].rows():
        row.require("lender", "period")
        row["lender"].refers_to(known)  # type: ignore[arg-type]  # the values were checked to be texts
        check_when(row["when"], None)
        row["period"].period()


def _check_cards(cards: Place) -> None:
    if not cards.is_section():
        return
    cards.require("max_per_reader", "period")
    cards["max_per_reader"].whole(1)
    cards["period"].period()
    cards["fine"].is_section()
    cards["fine"]["rate"].money()
    cards["fine"]["day"].one_of(["started", "full"])
