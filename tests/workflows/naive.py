"""The loan calculation once more, day by day and straight from the files: slow, and written by itself."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from workflows.policies.book import PolicyBook

DAY = dt.timedelta(days=1)
WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Doc = dict[str, Any]
FOREVER = dt.datetime.max.replace(tzinfo=dt.UTC)


class NoAnswer(Exception):
    """The loan cannot be judged; the text is the code."""


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
        self.roads = [
            (dt.datetime.fromisoformat(t["from"]), dt.datetime.fromisoformat(t["to"]))
            for t in case.get("transfers", [])
        ]

    def answer(self) -> Doc:
        """Return what is answered of the loan, but for the steps to its first due date."""
        started = self.line["shipped" if self.included else self.clock["starts"]]
        start = self.day(started)
        try:
            due = first_due = self.first_due(start)
            due, events = self.run_events(start, first_due)
        except NoAnswer as error:
            return {"error": str(error)}
        ended = self.ending()
        days = [self.late(due, until) for until in self.untils(ended.pop("end"))]
        away = dt.timedelta(days=0 if self.included else self.clock["return_allowance_days"])
        return {
            "clock_start": start.isoformat(),
            "first_due": first_due.isoformat(),
            **({"events": events} if events else {}),
            "due": due.isoformat(),
            "lender_due": (due + away).isoformat(),
            **self.provisional(away),
            "last_desk_day": self.last_desk_day(start, due),
            **ended,
            "overdue_days": days[0],
            "fine": self.fine(days),
        }

    def ending(self) -> Doc:
        """Return how the loan ended, and when its fine stopped."""
        line, back = self.line, self.line.get("returned")
        found: Doc = {}
        if back is not None and "lost_reported" in line and back >= line.get("settled", FOREVER):
            found["found_after_settlement"], back = True, None
        elif back is not None and self.refuses(back):
            found["return"], back = "refused_same_day", None
        if back is not None:
            found |= {"return": "accepted", "desk_closed_at_return": not self.is_open_at(self.desk, back)}
            return found | {
                "status": "returned",
                "end": line.get("lender_received") if self.included else back,
            }
        if "lost_reported" in line:
            status = "settled" if "settled" in line else "lost"
            return found | {"status": status, "end": line["lost_reported"]}
        return found | {"status": "on_loan", "end": None}

    def refuses(self, back: dt.datetime) -> bool:
        same_day = self.day(back) == self.day(self.line["handover"])
        override = self.case.get("staff_override", False)
        return same_day and not override and self.lender.get("same_day_return") == "refuse"

    def untils(self, end: dt.datetime | None) -> list[dt.date | None]:
        """Return up to which day lateness counts: for the book, then for each piece."""
        if end is None and "as_of" in self.case:
            end = dt.datetime.fromisoformat(self.case["as_of"])
        book = None if end is None else self.day(end)
        if not self.lender["fine"].get("accompanying"):
            return [book]
        pieces = self.case.get("accompanying", [])
        own = [
            self.day(dt.datetime.fromisoformat(p["returned"])) if "returned" in p else book for p in pieces
        ]
        return [book, *own]

    def provisional(self, away: dt.timedelta) -> Doc:
        """Return the date that the lender can expect at shipping: of a loan to which nothing happens."""
        if self.included:
            return {}
        ahead = self.clock["outbound_allowance_days"] + self.lender["hold_shelf"]["days"]
        roads, self.roads = self.roads, []
        try:
            due = self.first_due(self.day(self.line["shipped"]) + DAY * ahead)
        except NoAnswer:
            return {}
        finally:
            self.roads = roads
        return {"lender_due_provisional": (due + away).isoformat()}

    def last_desk_day(self, start: dt.date, due: dt.date) -> str | None:
        days = [start + DAY * n for n in range((due - start).days + 1)]
        return next((day.isoformat() for day in reversed(days) if self.is_open(self.desk, day)), None)

    def fine(self, days: list[int]) -> Doc:
        terms = self.lender["fine"]
        currency = self.lender["currency"]
        if terms.get("rate") is None:
            return {"currency": currency, "amount": None, "cap": None}
        each = [round(float(terms["rate"]) * 100) * number for number in days]
        cap = round(float(terms["cap_per_item"]) * 100) if terms.get("cap_per_item") else None
        capped = cap is not None and any(cents > cap for cents in each)
        cents = sum(one if cap is None else min(one, cap) for one in each)
        amount = f"{cents // 100}.{cents % 100:02d}"
        return {"currency": currency, "amount": amount, "cap": "item" if capped else None}

    def day(self, at: dt.datetime) -> dt.date:
        return at.astimezone(self.zone).date()

    def on_road(self, day: dt.date) -> bool:
        if self.included or not self.roads:
            return False
        midnight = dt.datetime(day.year, day.month, day.day, tzinfo=self.zone)
        return any(start < midnight <= end for start, end in self.roads)

    def is_open(self, library: Doc, day: dt.date) -> bool:
        calendar = self.calendars[library["calendar"]]
        for extra in calendar["extra_open"]:
            if extra["date"] == day.isoformat():
                return True
        closed = any(c["from"] <= day.isoformat() <= c["to"] for c in calendar["closures"])
        return not closed and library["opening_hours"][WEEK[day.weekday()]] != []

    def is_open_at(self, library: Doc, at: dt.datetime) -> bool:
        local = at.astimezone(ZoneInfo(library["timezone"]))
        calendar, day = self.calendars[library["calendar"]], local.date()
        hours = library["opening_hours"][WEEK[day.weekday()]] if self.is_open(library, day) else []
        for extra in calendar["extra_open"]:
            if extra["date"] == day.isoformat():
                hours = extra["hours"]
        return any(text[:5] <= local.strftime("%H:%M") < text[6:] for text in hours)

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
            known = start.isoformat() >= self.calendars[self.lender["calendar"]]["coverage"]["from"]
            ends = [t["to"] for t in terms if t["to"] > start.isoformat()]
            if not known or not ends:
                raise NoAnswer("calendar_gap")
            return dt.date.fromisoformat(min(ends))
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
        periods = [r["period"] for r in self.lender["loan_rules"] if self.matches(r["when"])]
        if self.home is not None and not periods:
            periods = [p for p in [self.home.get("borrowing", {}).get("default_period")] if p]
        if not periods:
            raise NoAnswer("no_loan_rule")
        if start.isoformat() < self.calendars[self.lender["calendar"]]["coverage"]["from"]:
            raise NoAnswer("calendar_gap")
        due = self.period(start, periods[0])
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
            day = issued.isoformat()
            fits = day > row.get("issued_after", "") and day >= row.get("issued_from", "")
            if (
                fits
                and day <= row.get("issued_until", "9999")
                and self.lender["id"] not in row.get("exclude_lenders", [])
            ):
                due = max(due, dt.date.fromisoformat(row["new_due"]))
        for notice in self.notices(early=True):
            due = max(due, dt.date.fromisoformat(notice["new_due"]))
        if self.clock.get("due_on_closed_day") == "next_open_day":
            days = [due + DAY * n for n in range(400)]
            due = next((day for day in days if self.is_open(self.desk, day)), due)
        return due

    def graced(self, grace: Doc, start: dt.date, due: dt.date) -> dt.date:
        calendar = self.calendars[self.lender["calendar"]]
        if grace["kind"] == "holiday":
            if self.category in grace.get("categories", [self.category]):
                for holiday in calendar["holidays"]:
                    if (
                        holiday["kind"] in grace["holidays"]
                        and holiday["from"] <= due.isoformat() <= holiday["to"]
                    ):
                        return dt.date.fromisoformat(holiday["to"]) + dt.timedelta(days=grace["days_after"])
            return due
        for term, following in zip(calendar["terms"], calendar["terms"][1:], strict=False):
            if term["from"] <= start.isoformat() <= term["to"] < due.isoformat():
                begin = dt.date.fromisoformat(following["from"])
                return max(due, begin + dt.timedelta(days=grace["days_into_next_term"] - 1))
        return due

    def notices(self, *, early: bool) -> list[Doc]:
        """Return the amendments from before the clock started, or those from then on."""
        started = self.line["shipped" if self.included else self.clock["starts"]]
        return [
            row
            for row in self.case.get("amendments", [])
            if (dt.datetime.fromisoformat(row["at"]) < started) is early
        ]

    def gone(self) -> dt.datetime:
        """Return when the patron had the book no more."""
        ended = self.ending()
        key = "returned" if ended.get("return") == "accepted" else "lost_reported"
        return self.line.get(key, FOREVER)

    def todo(self, gone: dt.datetime) -> list[tuple[dt.datetime, str, Doc]]:
        """Return what is to be looked at by time; at one instant the kinds come in this order."""
        kinds = ["renewal", "amendment", "recall"]
        found = [(dt.datetime.fromisoformat(row["at"]), "renewal", row) for row in self.case["renewals"]]
        for row in self.notices(early=False):
            at = dt.datetime.fromisoformat(row["at"])
            if at <= gone:
                found.append((at, "amendment", row))
        if "recall" in self.case:
            called = dt.datetime.fromisoformat(self.case["recall"]["at"])
            heard = dt.datetime.fromisoformat(self.case["recall"].get("heard", self.case["recall"]["at"]))
            unheard = called <= gone < heard
            if not unheard:
                found.append((max(called, heard), "recall", {}))
        return sorted(found, key=lambda entry: (entry[0], kinds.index(entry[1])))

    def run_events(self, issued: dt.date, due: dt.date) -> tuple[dt.date, list[Doc]]:
        used, recalled, events = 0, False, list[Doc]()
        gone = self.gone()
        for at, kind, asked in self.todo(gone):
            today = self.day(at)
            if kind == "amendment":
                if not recalled:
                    due = max(due, dt.date.fromisoformat(asked["new_due"]))
                events.append({"amendment": asked["at"], "due": due.isoformat()})
                continue
            if not self.line["handover"] <= at <= gone:
                raise NoAnswer("event_outside_loan")
            if kind == "recall":
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

    def renewal(  # noqa: PLR0911 - one return for each reason, in their order
        self, asked: Doc, today: dt.date, issued: dt.date, due: dt.date, *, used: int, recalled: bool
    ) -> tuple[str, dt.date]:
        terms = self.lender.get("renewal", {})
        if terms.get("max_count", 0) == 0:
            return "policy_no_renewal", due
        if not self.matches(terms["when"]):
            return "item_not_renewable", due
        if any(self.stops(stop, today.isoformat()) for stop in self.case.get("suspended", [])):
            return "suspended", due
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

    def stops(self, stop: Doc, today: str) -> bool:
        lasts: bool = stop["from"] <= today < stop.get("until", "9999")
        return lasts and bool(stop["policy"] == self.lender["id"])

    def late(self, due: dt.date, end: dt.date | None) -> int:
        fine, days, day = self.lender["fine"], 0, due
        if end is None:
            return 0
        while day < end:
            day += DAY
            closed = not fine.get("count_closed_days", True) and not self.is_open(self.desk, day)
            if not self.on_road(day) and not closed:
                days += 1
        if fine.get("day") == "full":
            days -= 1
        return max(0, days - int(fine.get("grace_days", 0)))


def merge(target: Doc, patch: Doc) -> Doc:
    """Lay a patch over a file; a null takes away."""
    result = {key: value for key, value in target.items() if patch.get(key, 0) is not None}
    for key, value in patch.items():
        if value is not None:
            result[key] = merge(result.get(key, {}), value) if isinstance(value, dict) else value
    return result
