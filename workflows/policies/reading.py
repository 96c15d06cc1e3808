"""From a resolved and faultless policy or calendar document to records."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from workflows.calendars import Almanac, LibraryCalendar
from workflows.policies.calendar_file import CALENDAR
from workflows.policies.conditions import HOURS, WEEKDAYS
from workflows.policies.policy import POLICY, Policy

Doc = Mapping[str, Any]


def version_of(document: Doc) -> str:
    """Return a short name that changes with every word of the document."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, default=str)
    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:12]


def almanac(doc: Doc) -> Almanac:
    """Read a calendar document."""
    return Almanac(version=version_of(doc), **CALENDAR.values(doc, None))


def policy(doc: Doc, calendar: Almanac) -> Policy:
    """Read a policy document that has everything it inherits."""
    version, doc = version_of(doc), _without_nulls(doc)
    hours = tuple(HOURS.read(doc["opening_hours"][day], None) for day in WEEKDAYS)
    days = LibraryCalendar(ZoneInfo(doc["timezone"]), hours, calendar)
    return Policy(version=version, calendar=days, **POLICY.values(doc, doc["currency"]))


def _without_nulls(value: Any) -> Any:
    """Return a document without its nulls, which say nothing."""
    if isinstance(value, Mapping):
        return {key: _without_nulls(row) for key, row in value.items() if row is not None}
    return [_without_nulls(row) for row in value] if isinstance(value, list) else value
