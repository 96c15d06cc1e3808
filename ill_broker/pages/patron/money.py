"""What the templates of the account are given: sums and days in words, never records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ill_broker.pages.frame import local_day, me
from ill_broker.pages.libraries import library_name
from ill_broker.services.accounts.account import Accruing, Shown
from ill_broker.services.requests.overview import Overview
from ill_broker.storage.journal import Posted
from ill_broker.texts.catalogue import say, say_count
from ill_broker.texts.days_and_amounts import said_amount, said_day
from ill_broker.web.context import service
from ill_broker.web.language import page_language
from workflows.accounts.account import CHARGES, Kind
from workflows.ids import PostingId, RequestId

#: requests whose titles are told beside what they cost
_MOST = 100


def shown_account(seen: Shown) -> dict[str, Any]:
    """Return a reader's account as its page shows it."""
    spoken = page_language()
    titles = {
        each.request.id: each.request.citation.title
        for each in service(Overview).page(me(), limit=_MOST, role="desk", patron=seen.patron.id).items
    }
    notes = noted(seen.postings)
    balances = [
        {
            "library": library_name(each.lender),
            "lender": each.lender,
            "currency": each.currency,
            "owed": said_amount(each.balance, spoken),
            "is_owed": each.balance.minor > 0,
            "sums": [said_amount(sum_, spoken) for sum_ in (each.charged, each.paid, each.waived)],
        }
        for each in seen.accounts
    ]
    return {
        "balances": balances,
        "owes": any(one["is_owed"] for one in balances),
        "accruing": [_growing(each) for each in seen.accruing],
        "postings": [shown_posting(each, titles, notes) for each in seen.postings],
        "next": seen.next,
    }


def noted(postings: Iterable[Posted]) -> dict[PostingId | None, Kind]:
    """Return by entry what was said of it since: that it is disputed, or that it was taken back."""
    return {
        posted.entry.posting.concerns: posted.entry.posting.kind
        for posted in reversed(tuple(postings))
        if posted.entry.posting.kind in {Kind.DISPUTE, Kind.REVERSAL}
    }


def shown_posting(
    posted: Posted, titles: Mapping[RequestId, str], notes: Mapping[PostingId | None, Kind] | None = None
) -> dict[str, Any]:
    """Return a charge, a payment or a note as a line.

    :param notes: what was said of charges since: that they are disputed, or that they were taken back
    """
    spoken = page_language()
    entry, posting = posted.entry, posted.entry.posting
    since = (notes or {}).get(entry.id)
    return {
        "id": entry.id,
        "what": say(f"posting.{posting.kind}", spoken),
        "title": titles.get(posting.request, "") if posting.request else "",
        "request": posting.request,
        "reason": posting.reason or "",
        "library": library_name(posted.lender),
        "day": said_day(local_day(entry.posted_at), spoken),
        "amount": said_amount(posting.effect, spoken) if posting.effect else "",
        "balance": said_amount(entry.balance, spoken),
        "can_dispute": posting.kind in CHARGES and since is None,
        "since": "" if since is None else say(f"posting.since_{since}", spoken),
    }


def _growing(each: Accruing) -> dict[str, Any]:
    spoken, amount = page_language(), each.fine.amount
    return {
        "request": each.request.id,
        "title": each.request.citation.title,
        "library": library_name(each.request.lender),
        "due": said_day(each.request.due, spoken) if each.request.due else "",
        "late": say_count("count.days", spoken, each.overdue_days),
        "amount": said_amount(amount, spoken) if amount is not None else "",
        "pieces": ", ".join(str(number) for number in each.pieces_out),
    }
