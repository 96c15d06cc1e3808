"""A patron's accounts beside the journeys that fill them, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.factories import ANNA, DAY, START, SZUTL, Journey, the_book
from workflows.accounts.account import Account, Key, Kind, Posting
from workflows.decisions.charges import bookings, postings
from workflows.ids import LibraryCode, PostingId
from workflows.requests.commands import Command


class Till:
    """Keeps the accounts of one patron as the events of requests fill them."""

    def __init__(self) -> None:
        self.accounts: dict[LibraryCode, Account] = {}

    def account(self, lender: LibraryCode = SZUTL) -> Account:
        currency = the_book().policy(lender).currency
        return self.accounts.setdefault(lender, Account(key=Key(ANNA, lender, currency)))

    def add(self, lender: LibraryCode, *new: Posting) -> None:
        account = self.account(lender)
        entries = list(account.entries)
        for posting in new:
            entries.append((PostingId(f"p{len(entries) + 1}"), posting))
        self.accounts[lender] = replace(account, entries=tuple(entries))

    def do(self, journey: Journey, command: Command, wait: timedelta = DAY) -> list[Posting]:
        """Do it, post what it means, and return what was posted."""
        before, known = journey.request, len(journey.events)
        journey.do(command, wait)
        posted: list[Posting] = []
        told = bookings(before, journey.request, journey.events[known:], the_book(), now=journey.now)
        for booking in told:
            lender = booking.owing.lender
            new = postings(self.account(lender), booking)
            self.add(lender, *new)
            posted += new
        return posted


def kinds(posted: list[Posting] | tuple[Posting, ...]) -> list[tuple[Kind, str]]:
    return [(one.kind, one.effect.amount) for one in posted]


NOW = START + 100 * DAY
