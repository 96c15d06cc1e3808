"""What the templates of amendments are given: days, sums and the picture of moved dates, never records."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from ill_broker.pages.libraries import library_name
from ill_broker.pages.office.told import moment, names
from ill_broker.services.office.amendments import DryRun
from ill_broker.storage.amendments import STANDING, UNFINISHED, AmendmentStatus, KeptAmendment
from ill_broker.texts.amendment_chart import as_picture, said_pair
from ill_broker.texts.catalogue import say, say_count
from ill_broker.texts.days_and_amounts import said_amount, said_day
from ill_broker.web.language import page_language
from workflows.loan_clock.amendments import Amendment
from workflows.money import Money


def shown_rule(amendment: Amendment) -> dict[str, Any]:
    """Return what an amendment says: which loans, which day, why."""
    spoken = page_language()
    first = amendment.issued_from or amendment.issued_after
    facts = {
        "first": said_day(first, spoken) if first else "",
        "last": said_day(amendment.issued_until, spoken) if amendment.issued_until else "",
    }
    if amendment.issued_after:
        made = say("amendment_page.made_after", spoken, facts)
    else:
        made = say("amendment_page.made_from", spoken, facts)
    named = [library_name(one) for one in (*amendment.lenders, *amendment.exclude_lenders)]
    whose = (
        say("amendment_page.only", spoken)
        if amendment.lenders
        else say("amendment_page.except", spoken)
        if amendment.exclude_lenders
        else say("amendment_page.every", spoken)
    )
    return {
        "made": made,
        "until": say("amendment_page.made_until", spoken, facts) if amendment.issued_until else "",
        "whose": whose,
        "named": named,
        "new_due": said_day(amendment.new_due, spoken),
        "reason": amendment.reason,
    }


def shown_amendment(kept: KeptAmendment) -> dict[str, Any]:
    """Return an amendment with what has become of it."""
    spoken = page_language()
    states = {
        AmendmentStatus.APPLYING: say("amendment_page.applying", spoken),
        AmendmentStatus.APPLIED: say("amendment_page.applied", spoken),
        AmendmentStatus.REVOKING: say("amendment_page.revoking", spoken),
        AmendmentStatus.REVOKED: say("amendment_page.revoked", spoken),
    }
    people = names(one for one in (kept.author, kept.revoked_by) if one)
    return {
        "id": kept.amendment.id,
        "new_due": said_day(kept.amendment.new_due, spoken),
        "reason": kept.amendment.reason,
        "state": states[kept.status],
        "mood": "look" if kept.status in UNFINISHED else "good" if kept.status in STANDING else "quiet",
        "stands": kept.status in STANDING,
        "touched": say_count("count.loans", spoken, kept.touched),
        "author": people[kept.author],
        "at": moment(kept.created_at),
        "revoked_who": people.get(kept.revoked_by or "", ""),
        "revoked_at": moment(kept.revoked_at),
        "revoked_because": kept.revoked_because or "",
    }


def shown_dry_run(found: DryRun) -> dict[str, Any]:
    """Return what an amendment would change: by days as a picture and a table, and loan by loan."""
    spoken, totals = page_language(), found.totals
    loans = [
        {
            "number": one.request.number,
            "title": one.request.citation.title,
            "lender": library_name(one.request.lender),
            "was": said_day(one.move[0], spoken),
            "goes": said_day(one.move[1], spoken),
            "fine": _fine(one.before.fine.amount),
            "new_fine": _fine(one.after.fine.amount),
        }
        for one in found.items
    ]
    told: dict[str, Any] = {"loans": loans, "next": found.next, "is_first": totals is not None}
    if totals is None:
        return told
    return told | {
        "examined": say_count("count.loans", spoken, totals.examined),
        "touched": totals.touched,
        "touched_loans": say_count("count.loans", spoken, totals.touched),
        "unjudged": totals.unjudged,
        "sums": [
            {"fine": said_amount(each.fine, spoken), "new_fine": said_amount(each.new_fine, spoken)}
            for _, each in sorted(totals.currencies.items())
            if each.fine != each.new_fine
        ],
        "moves": [(*said_pair(pair, spoken), totals.moves[pair]) for pair in sorted(totals.moves)],
        "picture": Markup(as_picture(totals.moves, spoken)),  # noqa: S704 - drawn by us, every word escaped
    }


def _fine(amount: Money | None) -> str:
    """Return a fine; nothing where the lender states no rate."""
    return said_amount(amount, page_language()) if amount is not None else ""
