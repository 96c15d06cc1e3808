"""The loan calculation once more, day by day and straight from the files: slow, and written by itself."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from workflows.policy_book import PolicyBook

DAY = dt.timedelta(days=1)
WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Doc = dict[str, Any]


class NaiveLoan:
    """One loan that has been handed over."""

    def __init__(self, case: Doc, book: PolicyBook, calendars: dict[str, Doc]) -> None:
        self.case = case
        self.lender = merge(book.resolved(case["policy"]), case.get("patch", {}))
        self.home = book.resolved(case["borrower"]) if "borrower" in case else None
        self.desk = self.home or self.lender
        self.calendars = calendars
        self.zone = ZoneInfo(self.lender["timezone"])
        self.category = case.get("category", self.lender["default_category"])
        self.line = {name: dt.datetime.fromisoformat(at) for name, at in case["timeline"].items()}
        self.clock = self.lender["clock"]
        self.included = self.clock.get("logistics") == "included"

    def answer(self) -> Doc:
        started = self.line["shipped" if self.included else self.clock["starts"]]
        start = self.day(started)
        due = first_due = self.first_due(start)
        due, events = self.run_events(start, first_due)
        end = self.line.get("lender_received" if self.included else "returned")
        if end is None and "as_of" in self.case:
            end = dt.datetime.fromisoformat(self.case["as_of"])
        late = 0 if end is None else self.late(due, self.day(end))
        return {
            "clock_start": start.isoformat(),
            "first_due": first_due.isoformat(),
            "due": due.isoformat(),
            "events": events,
            "overdue_days": late,
            "amount": self.amount(late),
        }

    def day(self, at: dt.datetime) -> dt.date:
        return at.astimezone(self.zone).date()

    def on_road(self, day: dt.date) -> bool:
        midnight = dt.datetime(day.year, day.month, day.day, tzinfo=self.zone)
        instants = [
            (dt.datetime.fromisoformat(t["from"]), dt.datetime.fromisoformat(t["to"]))
            for t in self.case.get("transfers", [])
        ]
        return not self.included and any(start < midnight <= end for start, end in instants)

    def is_open(self, library: Doc, day: dt.date) -> bool:
        calendar = self.calendars[library["calendar"]]
        for extra in calendar["extra_open"]:
            if extra["date"] == day.isoformat():
                return True
        closed = any(c["from"] <= day.isoformat() <= c["to"] for c in calendar["closures"])
        return not closed and library["opening_hours"][WEEK[day.weekday()]] != []

    def count(self, start: dt.date, days: int) -> dt.date:
        day = start
        while days > 0:
            day += DAY
            if not self.on_road(day):
                days -= 1
        return day

    def period(self, start: dt.date, period: Doc) -> dt.date:
        if "days" in period:
            return self.count(start, period["days"])
        if "overnight" in period:
            day = start + DAY
            while not self.is_open(self.lender, day):
                day += DAY
            return day
        if "semesters" in period:
            terms = self.calendars[self.lender["calendar"]]["terms"]
            return dt.date.fromisoformat(min(t["to"] for t in terms if t["to"] > start.isoformat()))
        month = start.month - 1 + period["months"]
        year, month, number = start.year + month // 12, month % 12 + 1, start.day
        while True:
            try:
                end = dt.date(year, month, number)
            except ValueError:
                number -= 1
            else:
                return self.count(start, (end - start).days)

    def matches(self, when: Doc) -> bool:
        item = {"type": "book", "language": "zh", "collection": "general", "new_book": False}
        item |= self.case.get("item", {})
        item["language"] = "chinese" if item["language"] in ("zh", "chi", "zho") else "foreign"
        item["category"] = self.category
        for key, value in when.items():
            if item[key] not in (value if isinstance(value, list) else [value]):
                return False
        return True

    def first_due(self, start: dt.date) -> dt.date:
        due = next(
            self.period(start, r["period"]) for r in self.lender["loan_rules"] if self.matches(r["when"])
        )
        if self.home is not None:
            for row in self.home.get("borrowing", {}).get("lender_periods", []):
                if row["lender"] == self.lender["id"] and self.matches(row["when"]):
                    due = min(due, self.period(start, row["period"]))
                    break
        return self.moved(start, start, due)

    def moved(self, start: dt.date, issued: dt.date, due: dt.date) -> dt.date:
        holidays = self.calendars[self.lender["calendar"]]["holidays"]
        for kind in self.lender.get("due_before_holiday", {}).get("holidays", []):
            for holiday in holidays:
                first = dt.date.fromisoformat(holiday["from"])
                latest = first - DAY * (1 + self.clock["return_allowance_days"])
                if holiday["kind"] == kind and first > start and due > latest:
                    due = max(latest, start)
        for grace in self.lender.get("grace", []):
            due = self.graced(grace, start, due)
        for row in self.lender.get("bulk_extensions", []):
            after = "issued_after" not in row or issued.isoformat() > row["issued_after"]
            if after and self.lender["id"] not in row.get("exclude_lenders", []):
                due = max(due, dt.date.fromisoformat(row["new_due"]))
        if self.clock.get("due_on_closed_day") == "next_open_day":
            while not self.is_open(self.desk, due):
                due += DAY
        return due

    def graced(self, grace: Doc, start: dt.date, due: dt.date) -> dt.date:
        calendar = self.calendars[self.lender["calendar"]]
        if grace["kind"] == "holiday":
            if self.category in grace["categories"]:
                for holiday in calendar["holidays"]:
                    if holiday["from"] <= due.isoformat() <= holiday["to"]:
                        return dt.date.fromisoformat(holiday["to"]) + dt.timedelta(days=grace["days_after"])
            return due
        for term, following in zip(calendar["terms"], calendar["terms"][1:], strict=False):
            if term["from"] <= start.isoformat() <= term["to"] < due.isoformat():
                begin = dt.date.fromisoformat(following["from"])
                return max(due, begin + dt.timedelta(days=grace["days_into_next_term"] - 1))
        return due

    def run_events(self, issued: dt.date, due: dt.date) -> tuple[dt.date, list[Doc]]:
        todo = [(dt.datetime.fromisoformat(r["at"]), 0, r) for r in self.case.get("renewals", [])]
        if "recall" in self.case:
            todo.append((dt.datetime.fromisoformat(self.case["recall"]["at"]), 1, {}))
        used, recalled, events = 0, False, []
        for at, kind, asked in sorted(todo, key=lambda entry: entry[:2]):
            today = self.day(at)
            if kind == 1:
                terms = self.lender.get("recall", {})
                if not terms.get("allowed"):
                    events.append({"recall": "refused", "reason": "recall_not_allowed"})
                    continue
                recalled = True
                due = min(due, self.count(today, terms["notice_days"]))
                events.append({"recall": "accepted", "due": due.isoformat()})
                continue
            reason, later = self.renewal(asked, today, issued, due, used=used, recalled=recalled)
            if reason:
                events.append({"renewal": "refused", "reason": reason})
            else:
                due, used = later, used + 1
                events.append({"renewal": "accepted", "due": due.isoformat()})
        return due, events

    def renewal(
        self, asked: Doc, today: dt.date, issued: dt.date, due: dt.date, *, used: int, recalled: bool
    ) -> tuple[str, dt.date]:
        terms = self.lender.get("renewal", {})
        if terms.get("max_count", 0) == 0:
            return "policy_no_renewal", due
        if not self.matches(terms["when"]):
            return "item_not_renewable", due
        if recalled:
            return "recalled", due
        if used >= terms["max_count"]:
            return "limit_reached", due
        if today > due:
            return "overdue", due
        if today > due - DAY * terms["advance_days"]:
            return "too_late", due
        if asked.get("on_hold") and not terms["allow_on_hold"]:
            return "on_hold", due
        base = today if terms["from"] == "renewal_date" else due
        later = self.moved(base, issued, self.period(base, terms["period"]))
        return ("", later) if later > due else ("no_gain", due)

    def late(self, due: dt.date, end: dt.date) -> int:
        fine, days, day = self.lender["fine"], 0, due
        while day < end:
            day += DAY
            closed = not fine.get("count_closed_days", True) and not self.is_open(self.desk, day)
            if not self.on_road(day) and not closed:
                days += 1
        if fine.get("day") == "full":
            days -= 1
        return max(0, days - int(fine.get("grace_days", 0)))

    def amount(self, days: int) -> str | None:
        fine = self.lender["fine"]
        if fine["rate"] is None:
            return None
        cents = round(float(fine["rate"]) * 100) * days
        if fine.get("cap_per_item") is not None:
            cents = min(cents, round(float(fine["cap_per_item"]) * 100))
        return f"{cents // 100}.{cents % 100:02d}"


def merge(target: Doc, patch: Doc) -> Doc:
    """Lay a patch without nulls over a file."""
    result = dict(target)
    for key, value in patch.items():
        result[key] = merge(result.get(key, {}), value) if isinstance(value, dict) else value
    return result
