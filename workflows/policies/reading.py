"""From a resolved and faultless policy or calendar document to records."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, time
from decimal import Decimal
from hashlib import sha256
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from workflows.calendars import Almanac, Holiday, LibraryCalendar, Span, day_hours
from workflows.money import Money
from workflows.policies import policy as terms

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Doc = Mapping[str, Any]
SpanT = TypeVar("SpanT", bound=Span)


def version_of(document: Doc) -> str:
    """Return a short name that changes with every word of the document."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, default=str)
    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:12]


def almanac(doc: Doc) -> Almanac:
    """Read a calendar document."""
    return Almanac(
        id=doc["id"],
        version=version_of(doc),
        coverage=_span(doc["coverage"]),
        sample=doc.get("sample", False),
        terms=_sorted_spans(Span(*_ends(row), row["id"]) for row in _rows(doc, "terms")),
        holidays=_sorted_spans(Holiday(*_ends(row), row["kind"]) for row in _rows(doc, "holidays")),
        closures=_sorted_spans(_span(row) for row in _rows(doc, "closures")),
        extra_open={_day(row["date"]): day_hours(row["hours"]) for row in _rows(doc, "extra_open")},
    )


def policy(doc: Doc, calendar: Almanac) -> terms.Policy:
    """Read a policy document that has everything it inherits."""
    version, doc = version_of(doc), _without_nulls(doc)
    money = _money_reader(doc["currency"])
    return terms.Policy(
        id=doc["id"],
        version=version,
        name=doc["name"],
        kind=doc["kind"],
        currency=doc["currency"],
        calendar=_library_calendar(doc, calendar),
        clock=_clock(doc.get("clock", {})),
        categories={key: _category(key, row) for key, row in doc["categories"].items()},
        default_category=doc["default_category"],
        special_collections=frozenset(doc.get("special_collections", ())),
        lendability=tuple(map(_lending_rule, _rows(doc, "lendability"))),
        loan_rules=tuple(map(_loan_rule, _rows(doc, "loan_rules"))),
        renewal=_renewal(doc.get("renewal", {})),
        fine=_fine(doc.get("fine", {}), money),
        recall=_recall(doc.get("recall", {})),
        grace=tuple(map(_grace, _rows(doc, "grace"))),
        bulk_extensions=tuple(map(_bulk_extension, _rows(doc, "bulk_extensions"))),
        due_before_holidays=frozenset(_section(doc, "due_before_holiday").get("holidays", ())),
        processing_stops=frozenset(_section(doc, "processing_stops").get("holidays", ())),
        monthly_quota=_section(doc, "quota").get("monthly"),
        prefers_foreign=doc.get("prefers_language") == "foreign",
        accepts_same_day_return=doc.get("same_day_return", "accept") == "accept",
        block_when_overdue=doc.get("block_when_overdue", False),
        hold_shelf=_hold_shelf(doc.get("hold_shelf", {})),
        pickup={key: _pickup_site(row) for key, row in _section(doc, "pickup").items()},
        compensation={key: _compensation(row, money) for key, row in _section(doc, "compensation").items()},
        suspensions={key: _suspension(row) for key, row in _section(doc, "suspensions").items()},
        borrowing=_borrowing(_section(doc, "borrowing")),
        loan_cards=_loan_cards(doc["loan_cards"], money) if doc.get("loan_cards") else None,
        calls_patrons=doc.get("notice_channel") == "phone_call",
        sources=tuple(doc.get("sources", ())),
        assumed=tuple(doc.get("assumed", ())),
    )


def _without_nulls(value: Any) -> Any:
    """Return a document without its nulls, which say nothing."""
    if isinstance(value, Mapping):
        return {key: _without_nulls(row) for key, row in value.items() if row is not None}
    return [_without_nulls(row) for row in value] if isinstance(value, list) else value


def _section(doc: Doc, key: str) -> Doc:
    section: Doc = doc.get(key) or {}
    return section


def _rows(doc: Doc, key: str) -> Iterable[Doc]:
    rows: Iterable[Doc] = doc.get(key) or ()
    return rows


def _money_reader(currency: str) -> Callable[[str | None], Money | None]:
    return lambda text: None if text is None else Money.parse(text, currency)


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _optional_day(text: str | None) -> date | None:
    return None if text is None else _day(text)


def _ends(row: Doc) -> tuple[date, date]:
    return _day(row["from"]), _day(row["to"])


def _span(row: Doc) -> Span:
    return Span(*_ends(row))


def _sorted_spans(spans: Iterable[SpanT]) -> tuple[SpanT, ...]:
    return tuple(sorted(spans, key=lambda span: span.first))


def _library_calendar(doc: Doc, calendar: Almanac) -> LibraryCalendar:
    hours = tuple(day_hours(doc["opening_hours"][day]) for day in WEEKDAYS)
    return LibraryCalendar(ZoneInfo(doc["timezone"]), hours, calendar)


def _when(doc: Doc | None) -> terms.When:
    return terms.When(
        tuple(
            (key, frozenset(value if isinstance(value, list) else [value]))
            for key, value in (doc or {}).items()
        )
    )


def _period(doc: Doc) -> terms.Period:
    unit: terms.Unit
    ((unit, count),) = doc.items()  # type: ignore[assignment]  # the file was checked before it is read
    return terms.Period(unit, count)


def _optional_period(doc: Doc | None) -> terms.Period | None:
    return None if doc is None else _period(doc)


def _clock(doc: Doc) -> terms.Clock:
    included = doc.get("logistics") == "included"
    return terms.Clock(
        start="shipped" if included else doc.get("starts", "handover"),
        logistics_included=included,
        moves_to_open_day=doc.get("due_on_closed_day") == "next_open_day",
        outbound_days=doc.get("outbound_allowance_days", 0),
        return_days=doc.get("return_allowance_days", 0),
    )


def _category(key: str, doc: Doc) -> terms.Category:
    return terms.Category(key, doc.get("label", key), doc.get("limits") or {})


def _lending_rule(doc: Doc) -> terms.LendingRule:
    return terms.LendingRule(_when(doc.get("when")), doc["lend"], doc.get("code", ""))


def _loan_rule(doc: Doc) -> terms.LoanRule:
    return terms.LoanRule(doc["id"], _when(doc.get("when")), _period(doc["period"]))


def _renewal(doc: Doc) -> terms.Renewal:
    return terms.Renewal(
        max_count=doc.get("max_count", 0),
        period=_optional_period(doc.get("period")),
        from_renewal_date=doc.get("from") == "renewal_date",
        advance_days=doc.get("advance_days", 0),
        when=_when(doc.get("when")),
        allow_on_hold=doc.get("allow_on_hold", False),
    )


def _fine(doc: Doc, money: Callable[[str | None], Money | None]) -> terms.FineTerms:
    return terms.FineTerms(
        rate=money(doc.get("rate")),
        full_days=doc.get("day") == "full",
        grace_days=doc.get("grace_days", 0),
        cap_per_item=money(doc.get("cap_per_item")),
        cap_per_card=money(doc.get("cap_per_card")),
        count_closed_days=doc.get("count_closed_days", True),
        accompanying=doc.get("accompanying", False),
    )


def _recall(doc: Doc) -> terms.RecallTerms:
    return terms.RecallTerms(doc.get("allowed", False), doc.get("notice_days", 0))


def _grace(doc: Doc) -> terms.HolidayGrace | terms.TermGrace:
    if doc["kind"] == "end_of_term":
        return terms.TermGrace(doc["days_into_next_term"])
    categories = doc.get("categories")
    return terms.HolidayGrace(
        frozenset(doc["holidays"]), None if categories is None else frozenset(categories), doc["days_after"]
    )


def _bulk_extension(doc: Doc) -> terms.BulkExtension:
    return terms.BulkExtension(
        id=doc.get("id", ""),
        issued_after=_optional_day(doc.get("issued_after")),
        issued_from=_optional_day(doc.get("issued_from")),
        issued_until=_optional_day(doc.get("issued_until")),
        new_due=_day(doc["new_due"]),
        exclude_lenders=frozenset(doc.get("exclude_lenders", ())),
    )


def _hold_shelf(doc: Doc) -> terms.HoldShelf:
    return terms.HoldShelf(doc.get("days", 0), doc.get("count") == "opening_days")


def _pickup_site(doc: Doc) -> terms.PickupSite:
    cutoff, weekday = doc.get("cutoff"), doc.get("weekday")
    return terms.PickupSite(
        cutoff=None if cutoff is None else time.fromisoformat(cutoff),
        opening_days=doc["opening_days"],
        opening_days_after_cutoff=doc.get("opening_days_after_cutoff", doc["opening_days"]),
        weekday=None if weekday is None else WEEKDAYS.index(weekday),
    )


def _compensation(doc: Doc, money: Callable[[str | None], Money | None]) -> terms.CompensationTerms:
    return terms.CompensationTerms(
        treated_as=doc.get("as"),
        replacement=_replacement(doc["replacement"], money) if doc.get("replacement") else None,
        cash_if_unavailable=doc.get("cash") == "if_unavailable",
        suspends=doc.get("suspend") == "until_settled",
        waived_if=doc.get("waived_if"),
        reference_price=doc.get("price_missing") == "reference_price",
        charges=tuple(_charge(row, money) for row in _rows(doc, "charges")),
        recover_item=doc.get("recover_item", False),
    )


def _replacement(doc: Doc, money: Callable[[str | None], Money | None]) -> terms.Replacement:
    fee = money(doc.get("fee_per_volume") or "0.00")
    deadline = doc.get("deadline") or {}
    return terms.Replacement(frozenset(doc["editions"]), deadline.get("months"), fee)  # type: ignore[arg-type]  # the file was checked before it is read


def _charge(doc: Doc, money: Callable[[str | None], Money | None]) -> terms.Charge:
    factor = doc.get("factor", "1")
    cash = doc.get("cash")
    return terms.Charge(
        when=_when(doc.get("when")),
        basis=doc.get("basis"),
        factor_min=Decimal(doc.get("factor_min", factor)),
        factor_max=Decimal(doc.get("factor_max", factor)),
        amount_min=money(doc.get("amount_min")),
        amount_max=money(doc.get("amount_max")),
        refer=doc.get("refer"),
        plus=tuple((row["basis"], Decimal(row.get("factor", "1"))) for row in _rows(doc, "plus")),
        keep_remainder=doc.get("keep_remainder"),
        cash_if_unavailable=None if cash is None else cash == "if_unavailable",
    )


def _suspension(doc: Doc) -> terms.SuspensionTerms:
    return terms.SuspensionTerms(
        doc.get("months_min"), doc.get("months_max"), cancels_card=doc.get("cancel_card") is True
    )


def _borrowing(doc: Doc) -> terms.Borrowing:
    return terms.Borrowing(
        max_items=doc.get("max_items"),
        default_period=_optional_period(doc.get("default_period")),
        lender_periods=tuple(
            terms.LenderPeriod(row["lender"], _when(row.get("when")), _period(row["period"]))
            for row in _rows(doc, "lender_periods")
        ),
    )


def _loan_cards(doc: Doc, money: Callable[[str | None], Money | None]) -> terms.CardTerms:
    fine = doc.get("fine") or {}
    return terms.CardTerms(
        max_per_reader=doc["max_per_reader"],
        period=_period(doc["period"]),
        rate=money(fine.get("rate")),
        full_days=fine.get("day") == "full",
        rights=tuple(doc.get("rights", ())),
    )
