"""How long each table keeps what it holds; the one place that says so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import Connection

from ill_broker.storage import (
    attempts,
    connector_days,
    idempotency,
    inbox,
    libraries,
    outbox,
    registrations,
    searches,
    sessions,
    tallies,
    typed_requests,
    wishes,
)

_DAY = timedelta(days=1)
#: letters with links in them are good for a day
_LETTERS = _DAY
_ANSWERS = 2 * _DAY
_DELIVERIES = 30 * _DAY
#: of connectors a month is shown, and the days of any zone are whole
_MONTH = 32 * _DAY
#: how long somebody may see to what went wrong
_TROUBLES = 180 * _DAY
#: how long somebody may ask what a patron was told
_NOTICES = 730 * _DAY
#: months of quotas that are over; what is given back to them counts no more
_MONTHS = 62 * _DAY

Forget = Callable[[Connection, datetime], int]


@dataclass(frozen=True, slots=True)
class Kept:
    """A table that is not tidied, and why."""

    why: str


_RECORD = Kept("the record of lending and money, which libraries account by")
_OFFICE = Kept("as much as the office and the libraries have set up")

TERMS: Mapping[str, Forget | Kept] = MappingProxyType(
    {
        **dict.fromkeys(("requests", "events", "lender_ids", "accounts", "postings"), _RECORD),
        **dict.fromkeys(("loan_cards", "loan_card_events", "partner_requests", "amendments"), _RECORD),
        **dict.fromkeys(("libraries", "staff", "api_keys", "policy_versions", "policy_editions"), _OFFICE),
        "announcements": _OFFICE,
        "library_changes": Kept("who changed what of a member, for as long as it is one"),
        "audit_entries": Kept("who did what stands for good, and names nobody but by an id"),
        **dict.fromkeys(("catalogue_records", "catalogue_lists"), Kept("as much as members have")),
        **dict.fromkeys(("patrons", "identities", "privilege_events"), Kept("until a patron is forgotten")),
        **dict.fromkeys(
            ("report_requests", "report_asks", "report_limits", "report_marks"),
            Kept("what the record of lending adds up to"),
        ),
        "report_refusals": Kept("a few rows a day and library"),
        **dict.fromkeys(("leases", "partner_health", "probes"), Kept("a row for each of what there is")),
        "outbox": lambda conn, now: outbox.forget(
            conn,
            letters_before=now - _LETTERS,
            done_before=now - _DELIVERIES,
            dead_before=now - _TROUBLES,
            notices_before=now - _NOTICES,
        ),
        "inbox": lambda conn, now: inbox.forget(
            conn, applied_before=now - _TROUBLES / 2, set_aside_before=now - _TROUBLES
        ),
        "tallies": lambda conn, now: tallies.forget(conn, months_before=f"{now - _MONTHS:%Y-%m}"),
        "idempotency": lambda conn, now: idempotency.forget(conn, before=now - _ANSWERS),
        "searches": lambda conn, now: searches.forget_expired(conn, now=now),
        "search_parts": lambda conn, now: searches.forget_parts(conn, now=now),
        "search_works": lambda conn, now: searches.forget_works(conn, now=now),
        "sessions": lambda conn, now: sessions.forget_expired(conn, before=now),
        "verifications": lambda conn, now: sessions.forget_links(conn, before=now),
        "registrations": lambda conn, now: registrations.forget_expired(conn, before=now),
        "attempts": lambda conn, now: attempts.forget(conn, now=now),
        "wishes": lambda conn, now: wishes.forget_ended(conn, before=now - _TROUBLES / 2),
        "typed_requests": lambda conn, now: typed_requests.forget_ended(conn, before=now - _TROUBLES / 2),
        "connector_days": lambda conn, now: connector_days.forget(conn, before=(now - _MONTH).date()),
        "secrets": lambda conn, now: libraries.forget_secrets(conn, before=now - _DELIVERIES),
    }
)


def tidy(conn: Connection, now: datetime) -> int:
    """Delete what has had its time in every table, and return how many rows that were."""
    return sum(term(conn, now) for term in TERMS.values() if not isinstance(term, Kept))
