"""What is wrong with a policy or calendar file: every fault, by path and code."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workflows.languages import TAGS
from workflows.policies.compensation_checks import check_compensation, check_suspensions
from workflows.policies.document import Fault, Place
from workflows.policies.reading import WEEKDAYS
from workflows.policies.rule_checks import check_lendability, check_loan_rules, check_renewal, check_when

HOLIDAYS = ("winter", "summer")
_ALLOWANCES = ("outbound_allowance_days", "return_allowance_days")
_ISSUED = ("issued_after", "issued_from", "issued_until", "new_due")
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
#: files beside the zones of IANA that the machine reads as well
_NO_ZONES = ("localtime", "posix", "right/", "Factory")
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
    place.knows(*KNOWN_FIELDS)
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
    _check_shelf(place["hold_shelf"])
    _check_pickup(place["pickup"])
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
    place.knows("schema", "id", "sample", "coverage", "terms", "holidays", "closures", "extra_open")
    place.require("schema", "id", "coverage")
    place["schema"].one_of([1])
    place["id"].text()
    place["sample"].boolean()
    if place["coverage"].is_section():
        _check_span(place["coverage"])
    for name, key in (("terms", "id"), ("holidays", "kind"), ("closures", "label")):
        for row in place[name].rows():
            _check_span(row, key)
    for row in place["terms"].rows():
        row.require("id")
        row["id"].text()
    for row in (*place["closures"].rows(), *place["extra_open"].rows()):
        _check_label(row["label"])
    for row in place["holidays"].rows():
        row.require("kind")
        row["kind"].one_of(HOLIDAYS)
    for row in place["extra_open"].rows():
        row.knows("date", "hours", "label")
        row.require("date", "hours")
        row["date"].day()
        row["hours"].hours()
    return sorted(set(place.faults))


def _check_label(label: Place) -> None:
    """Check a word for people: one text, or one in each language."""
    if isinstance(label.value, Mapping):
        label.knows(*TAGS)
        label.require(*TAGS)
        for _, text in label.fields():
            text.text()
    else:
        label.text()


def _check_span(span: Place, *more: str) -> None:
    span.knows("from", "to", *more)
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
        if document.get("categories") is not None:
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
        if str(zone.value).startswith(_NO_ZONES):
            zone.refuse("bad_timezone")
    except (ZoneInfoNotFoundError, ValueError, TypeError, AttributeError, OSError):
        zone.refuse("bad_timezone")


def _check_terms(place: Place, categories: set[str] | None, chain: list[Mapping[str, Any]] | None) -> None:
    for _, category in place["categories"].fields():
        if category.is_section():
            category.knows("label", "limits")
            category["label"].text()
            for _, limit in category["limits"].fields():
                limit.whole()
        elif category.is_absent:
            category.refuse("bad_type")
    named = (doc.get("default_category") for doc in chain or ())
    inherited = next((name for name in named if name is not None), None)
    if categories is not None and inherited is not None:
        Place(inherited, "default_category", place.faults).refers_to(categories)
    clock = place["clock"]
    if clock.is_section():
        clock.require(*_ALLOWANCES)
    clock["starts"].one_of(["handover", "notified", "arrived"])
    clock["logistics"].one_of(["excluded", "included"])
    clock["due_on_closed_day"].one_of(["keep", "next_open_day"])
    clock.knows("starts", "logistics", "due_on_closed_day", *_ALLOWANCES)
    for allowance in _ALLOWANCES:
        clock[allowance].days()
    for row in place["special_collections"].rows():
        row.text()


def _check_lending(place: Place, categories: set[str] | None, known: object) -> None:
    lenders = known if isinstance(known, (set, Mapping)) else set()
    check_lendability(place["lendability"], categories)
    check_loan_rules(place["loan_rules"], categories)
    check_renewal(place["renewal"], categories)
    _check_fine(place["fine"])
    _check_recall(place["recall"])
    for row in place["grace"].rows():
        _check_grace(row, categories)
    for row in place["bulk_extensions"].rows():
        row.knows("id", *_ISSUED, "exclude_lenders", "note")
        row.require("new_due")
        row["id"].text()
        for key in _ISSUED:
            row[key].day()
        for lender in row["exclude_lenders"].rows():
            lender.refers_to(lenders)
    for section in (place["due_before_holiday"], place["processing_stops"]):
        section.knows("holidays")
        section["holidays"].listed(HOLIDAYS)
    if place["quota"].is_section():
        place["quota"].knows("monthly")
        place["quota"].require("monthly")
    place["quota"]["monthly"].whole()
    place["prefers_language"].one_of(["foreign"])
    place["same_day_return"].one_of(["accept", "refuse"])
    place["block_when_overdue"].boolean()


def _check_recall(recall: Place) -> None:
    recall.knows("allowed", "notice_days")
    recall["allowed"].boolean()
    recall["notice_days"].days()
    if recall["allowed"].value is True:
        recall.require("notice_days")


def _check_shelf(shelf: Place) -> None:
    if shelf.is_section():
        shelf.knows("days", "count")
        shelf.require("days", "count")
    shelf["days"].days()
    shelf["count"].one_of(["opening_days", "calendar_days"])


def _check_fine(fine: Place) -> None:
    amounts = ("rate", "cap_per_item", "cap_per_card")
    fine.knows(*amounts, "day", "grace_days", "count_closed_days", "accompanying")
    for key in amounts:
        fine[key].money()
    fine["day"].one_of(["started", "full"])
    fine["grace_days"].days()
    fine["count_closed_days"].boolean()
    fine["accompanying"].boolean()


def _check_grace(row: Place, categories: set[str] | None) -> None:
    row.knows("kind", "holidays", "categories", "days_after", "days_into_next_term")
    row.require("kind")
    row["kind"].one_of(["holiday", "end_of_term"])
    if row["kind"].value == "holiday":
        row.require("holidays", "days_after")
    if row["kind"].value == "end_of_term":
        row.require("days_into_next_term")
    row["holidays"].listed(HOLIDAYS)
    row["days_after"].days()
    row["days_into_next_term"].days()
    for category in row["categories"].rows():
        if categories is not None:
            category.refers_to(categories)


def _check_pickup(pickup: Place) -> None:
    for _, site in pickup.fields():
        if site.is_section():
            site.knows("cutoff", "opening_days", "opening_days_after_cutoff", "weekday")
            site.require("opening_days")
        site["cutoff"].hour()
        site["opening_days"].days()
        site["opening_days_after_cutoff"].days()
        site["weekday"].one_of(WEEKDAYS)


def _check_borrowing(borrowing: Place, known: object) -> None:
    borrowing.knows("max_items", "default_period", "lender_periods")
    borrowing["max_items"].whole()
    borrowing["default_period"].period()
    for row in borrowing["lender_periods"].rows():
        row.knows("lender", "when", "period")
        row.require("lender", "period")
        row["lender"].refers_to(known)  # type: ignore[arg-type]  # the values were checked to be texts
        check_when(row["when"], None)
        row["period"].period()


def _check_cards(cards: Place) -> None:
    if not cards.is_section():
        return
    cards.knows("max_per_reader", "period", "fine", "rights", "book_loan_period")
    cards.require("max_per_reader", "period")
    cards["book_loan_period"].text()
    for right in cards["rights"].rows():
        right.text()
    cards["max_per_reader"].whole(1)
    cards["period"].period()
    cards["fine"].knows("rate", "day")
    cards["fine"]["rate"].money()
    cards["fine"]["day"].one_of(["started", "full"])
