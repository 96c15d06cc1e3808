"""Loans drawn at random, likely or not: every lender, reader, item, option and edge of a calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tests.workflows.books import builtin, documents

Case = dict[str, Any]

LENDERS = ("szutl", "fjmu", "jinan", "bhu", "nlc", "shlib", "pku", "bjtu", "balis")
HOMES = ("bjtu", "pku", "szutl", "fjmu", "jinan", "bhu", "nlc", "shlib")
CALENDARS = {doc["id"]: doc for doc in documents("calendars").values()}
#: half an hour beside the others, and one that moves its clock
ZONES = [
    ZoneInfo(name) for name in ("Asia/Shanghai", "Asia/Kolkata", "UTC", "America/New_York", "Asia/Kathmandu")
]
TYPES = ("book", "bound_periodical", "reference", "thesis", "cd", "video", "dvd", "standard", "rare_book")
LANGUAGES = ("zh", "chi", "zho", "en", "hi")
COLLECTIONS = ("general", "text_book_bank", "sc_st_book_bank")
FIRST, LAST = date(2023, 10, 20), date(2028, 6, 30)
#: the days of some year whose neighbours differ most
EDGES = ("12-31", "01-01", "01-29", "01-30", "01-31", "02-28", "02-29", "03-31", "04-30", "08-31")
#: a seed's changed policies: few enough that reading them takes no time
PATCHES = 12
#: minutes of a local day whose neighbours lie on another day, and an ordinary one
MINUTES = (0, 1, 600, 1439)


def loan_cases(seed: int, number: int) -> Iterator[Case]:
    """Yield so many loans, always the same ones of a seed; half of them under a changed policy."""
    chance = Random(seed)  # noqa: S311 - the same loans for the same seed; nothing secret
    patches = [_patch(chance) for _ in range(PATCHES)]
    for _ in range(number):
        yield _loan_case(chance) | chance.choice([{}, {"patch": chance.choice(patches)}])


@cache
def resolved(name: str) -> Case:
    """Return a policy with all it inherits; not to be changed."""
    return builtin().resolved(name)


def _loan_case(chance: Random) -> Case:
    """Return a loan that was handed over."""
    name = chance.choice(LENDERS)
    policy = resolved(name)
    line = _line(chance, ZoneInfo(policy["timezone"]), policy["calendar"])
    zone = chance.choice(ZONES)

    def written(at: datetime) -> str:
        return at.astimezone(zone).isoformat()

    handover = line["handover"]
    renewals = sorted(_after(chance, handover, 80) for _ in range(chance.choice((0, 0, 1, 2, 3))))
    recall = _after(chance, handover, 80) if chance.random() < 0.3 else None
    end = max([handover, *renewals, *([recall] if recall else [])])
    case: Case = {"policy": name, "timeline": {}} | _ending(chance, line, end, written)
    case["timeline"] = {event: written(at) for event, at in line.items()}
    case["renewals"] = [{"at": written(at), "on_hold": chance.random() < 0.2} for at in renewals]
    if recall:
        case["recall"] = {"at": written(recall)} | _heard(chance, recall, handover, written)
    case["amendments"] = _notices(chance, handover, renewals, written)
    _stray(chance, case, line, written)
    case["transfers"] = [
        {"from": written(leaves), "to": written(_after(chance, leaves, 9))}
        for leaves in (_after(chance, handover, 120) for _ in range(chance.choice((0, 0, 1, 2, 4))))
    ]
    case["accompanying"] = [
        {"returned": written(_after(chance, handover, 150))} if chance.random() < 0.6 else {}
        for _ in range(chance.choice((0, 0, 1, 3)))
    ]
    case["suspended"] = _suspensions(chance, name, handover.date())
    return case | _reader(chance, policy)


def _heard(chance: Random, recall: datetime, handover: datetime, written: Any) -> Case:
    """Say of some recalls when they were heard of: late, or bearing a date from before the loan."""
    fate = chance.choice(("", "", "late", "early"))
    if fate == "late":
        return {"heard": written(_after(chance, recall, 40))}
    if fate == "early":
        return {"heard": written(recall), "at": written(handover - timedelta(days=chance.randrange(9)))}
    return {}


def _notices(chance: Random, handover: datetime, renewals: list[datetime], written: Any) -> list[Case]:
    """Return amendments from before the loan until after it, some at the very instant of something else."""
    found = []
    for _ in range(chance.choice((0, 0, 0, 1, 2))):
        at = chance.choice((handover, *renewals, _after(chance, handover - timedelta(days=30), 150)))
        due = handover.date() + timedelta(days=chance.randrange(200))
        found.append({"at": written(at), "new_due": due.isoformat()})
    return found


def _stray(chance: Random, case: Case, line: dict[str, datetime], written: Any) -> None:
    """Let something happen to a few loans before or after the patron has the book."""
    end = line.get("returned") or line.get("lost_reported")
    at = line["handover"] - timedelta(minutes=chance.choice((1, 9000)))
    if end and chance.random() < 0.5:
        at = end + timedelta(minutes=1)
    if chance.random() < 0.04:
        case["renewals"].append({"at": written(at)})


def _line(chance: Random, zone: ZoneInfo, calendar: str) -> dict[str, datetime]:
    handover = _moment(chance, zone, calendar)
    notified = handover - timedelta(minutes=chance.choice((0, 90, 3000, 9000)))
    arrived = notified - timedelta(minutes=chance.choice((0, 120, 1500)))
    shipped = arrived - timedelta(minutes=chance.randrange(1, 9 * 1440))
    return {"shipped": shipped, "arrived": arrived, "notified": notified, "handover": handover}


def _moment(chance: Random, zone: ZoneInfo, calendar: str) -> datetime:
    """Return an instant; half of them lie at an edge of the calendar, the month or the year, or near one."""
    day = FIRST + timedelta(days=chance.randrange((LAST - FIRST).days))
    if chance.random() < 0.5:
        day = chance.choice(_edges(calendar)) + timedelta(
            days=chance.choice((0, 0, 1, -1, -14, -28, -31, -45, -60))
        )
    minute = chance.choice(MINUTES) if chance.random() < 0.5 else chance.randrange(1440)
    return datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone).astimezone(UTC)


@cache
def _edges(calendar_id: str) -> list[date]:
    calendar = CALENDARS[calendar_id]
    spans = [*calendar["terms"], *calendar["holidays"], *calendar["closures"]]
    written = [span[end] for span in spans for end in ("from", "to")]
    written += [
        f"{year}-{edge}" for year in (2024, 2025, 2026, 2027, 2028) for edge in EDGES if edge != "02-29"
    ]
    written += ["2024-02-29", "2028-02-29", *(extra["date"] for extra in calendar["extra_open"])]
    return [day for text in written if FIRST + timedelta(days=61) < (day := date.fromisoformat(text)) < LAST]


def _after(chance: Random, at: datetime, days: int) -> datetime:
    return at + timedelta(minutes=chance.randrange(1, days * 1440))


def _ending(chance: Random, line: dict[str, datetime], last: datetime, written: Any) -> Case:
    """Give the loan its end: back, reported lost, found again before or after that was settled, or none."""
    fate = chance.choice(("back", "back", "same day", "lost", "found", "found late", "out", "open"))
    if fate == "same day":
        line["returned"] = last + timedelta(minutes=chance.randrange(240))
    elif fate == "back":
        line["returned"] = _after(chance, last, 150)
    elif fate in ("lost", "found", "found late"):
        line["lost_reported"] = _after(chance, last, 90)
        line["settled"] = _after(chance, line["lost_reported"], 60)
        if fate == "found":
            line["returned"] = line["settled"] - timedelta(minutes=1)
        elif fate == "found late":
            line["returned"] = line["settled"] + timedelta(minutes=chance.choice((0, 1, 5000)))
        elif chance.random() < 0.5:
            del line["settled"]
    if "returned" in line and chance.random() < 0.8:
        line["lender_received"] = _after(chance, line["returned"], 9)
    told = fate == "out" or chance.random() < 0.2
    return ({"as_of": written(_after(chance, last, 200))} if told else {}) | {
        "staff_override": chance.random() < 0.3
    }


def _suspensions(chance: Random, name: str, start: date) -> list[Case]:
    found = []
    for _ in range(chance.choice((0, 0, 0, 1, 2))):
        begins = start + timedelta(days=chance.randrange(60))
        stop: Case = {"policy": chance.choice((name, name, "nlc")), "from": begins.isoformat()}
        if chance.random() < 0.7:
            stop["until"] = (begins + timedelta(days=chance.randrange(30))).isoformat()
        found.append(stop)
    return found


def _reader(chance: Random, policy: Case) -> Case:
    case: Case = {}
    if chance.random() < 0.7:
        case["category"] = chance.choice(sorted(policy["categories"]))
    if chance.random() < 0.6:
        case["borrower"] = chance.choice(HOMES)
    if chance.random() < 0.7:
        case["item"] = {
            "type": chance.choice(TYPES),
            "language": chance.choice(LANGUAGES),
            "collection": chance.choice(COLLECTIONS),
            "origin": chance.choice(("domestic", "foreign")),
            "new_book": chance.random() < 0.5,
        }
    return case


def _patch(chance: Random) -> Case:
    """Return two options of a policy at once."""
    options: list[Case] = [
        {"clock": {"starts": chance.choice(("handover", "notified", "arrived"))}},
        {"clock": {"logistics": "included"}},
        {"clock": {"due_on_closed_day": "next_open_day"}},
        {"fine": {"rate": chance.choice(("0.35", None)), "day": "full"}},
        {"fine": {"grace_days": chance.choice((1, 5)), "cap_per_item": "1.00"}},
        {"fine": {"count_closed_days": False, "accompanying": True}},
        {"recall": {"allowed": True, "notice_days": chance.choice((0, 3))}},
        {"renewal": _renewal(chance)},
        {"same_day_return": "refuse"},
        {"loan_rules": []},
        {"bulk_extensions": _amendments(chance)},
        {"due_before_holiday": {"holidays": ["winter", "summer"]}},
        {"grace": [{"kind": "holiday", "holidays": ["summer", "winter"], "days_after": 7}]},
        {"grace": [{"kind": "end_of_term", "days_into_next_term": 5}]},
    ]
    chosen: Case = {}
    for option in chance.sample(options, 2):
        for key, value in option.items():
            both = isinstance(value, dict) and key in chosen
            chosen[key] = chosen[key] | value if both else value
    return chosen


def _renewal(chance: Random) -> Case:
    return {
        "max_count": chance.choice((0, 1, 2)),
        "period": chance.choice(({"days": 5}, {"days": 31}, {"months": 1, "days": None})),
        "from": chance.choice(("due_date", "renewal_date")),
        "advance_days": chance.choice((0, 2, 30)),
        "when": chance.choice(({}, {"language": ["chinese"]})),
        "allow_on_hold": chance.random() < 0.5,
    }


def _amendments(chance: Random) -> list[Case]:
    """Return notices laid over the loans of some days: one after the other, the latest date holds."""
    notices = []
    for _ in range(chance.choice((1, 2))):
        first = FIRST + timedelta(days=chance.randrange(1400))
        notice: Case = {chance.choice(("issued_after", "issued_from")): first.isoformat()}
        if chance.random() < 0.5:
            notice["issued_until"] = (first + timedelta(days=chance.randrange(200))).isoformat()
        if chance.random() < 0.3:
            notice["exclude_lenders"] = ["nlc", "szutl"]
        notices.append(notice | {"new_due": (first + timedelta(days=chance.randrange(300))).isoformat()})
    return notices
