from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.card_factories import BULC, DUE, a_card, an_issued_card, card_known, happened
from tests.factories import ANNA, BJTU, DAY, PKU, START, _documents, a_patron, the_book
from workflows.accounts.account import Kind
from workflows.calendars import LibraryCalendar
from workflows.cards.card import (
    CARD_TABLE,
    CardCharge,
    CardCommand,
    CardFound,
    CardIssued,
    CardNotice,
    CardRefused,
    CardReturned,
    CardStatus,
    CardStep,
    CardStocked,
    CardWithdrawn,
    HolderReminded,
    IssueCard,
    LoanCard,
    RecordCardFound,
    RemindHolder,
    ReportCardLost,
    TakeCardBack,
    WithdrawCard,
    WrongCardState,
    held_by,
)
from workflows.cards.decide import (
    book_due,
    card_bookings,
    card_consortium,
    decide_card,
    evolve_card,
    fine_so_far,
    stock,
)
from workflows.decisions.charges import Owed
from workflows.errors import InvalidCase
from workflows.money import Money
from workflows.policies.book import PolicyBook
from workflows.policies.conditions import Period, When
from workflows.policies.policy import Policy
from workflows.policies.sections import CardFine, LoanRule

COMMANDS: tuple[CardCommand, ...] = (
    IssueCard(),
    TakeCardBack(),
    ReportCardLost(),
    RecordCardFound(),
    WithdrawCard(),
    RemindHolder(),
)


def at_status(status: CardStatus) -> LoanCard:
    if status is CardStatus.ISSUED:
        return an_issued_card()
    if status is CardStatus.LOST:
        return an_issued_card(status=status, lost_at=START + DAY, remind_at=None)
    return a_card(status=status)


def cny(amount: str) -> Money:
    return Money.parse(amount, "CNY")


def refusal(card: LoanCard, **facts: Any) -> list[str]:
    with pytest.raises(CardRefused) as refused:
        decide_card(card, IssueCard(), card_known(**facts))
    reasons = refused.value.facts["reasons"]
    assert isinstance(reasons, list)
    return reasons


#: a fine of which the consortium states no rate
NO_RATE = CardFine(rate=None, full_days=False)


def bulc(**terms: Any) -> Policy:
    policy = the_book().policy(BULC)
    assert policy.loan_cards is not None
    return replace(policy, loan_cards=replace(policy.loan_cards, **terms))


def test_a_card_is_handed_out_for_thirty_days() -> None:
    decision = decide_card(a_card(), IssueCard(), card_known())

    assert decision.card.status is CardStatus.ISSUED
    assert decision.card.loan is not None
    assert (ANNA, START, DUE) == (
        decision.card.loan.patron,
        decision.card.loan.issued,
        decision.card.loan.due,
    )
    assert (CardNotice.ISSUED,) == decision.notices


def test_an_issue_says_what_its_due_date_rests_on() -> None:
    because = happened(a_card(), IssueCard()).because

    assert ("R-BULC-6", True) == (because.rule, str(because.policy).startswith("bulc@"))
    assert str(because.calendar).startswith("cn-university-sample@")


def test_the_day_of_issue_is_the_day_at_the_consortium() -> None:
    late_evening_in_utc = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
    event = happened(a_card(), IssueCard(), now=late_evening_in_utc)

    assert isinstance(event, CardIssued)
    assert date(2026, 4, 2) == event.due


def test_a_second_card_is_handed_out_and_a_third_is_not() -> None:
    assert isinstance(happened(a_card(), IssueCard(), cards_held=1), CardIssued)
    assert ["card_limit"] == refusal(a_card(), cards_held=2)


def test_an_overdue_card_does_not_stand_in_the_way_of_a_second_one() -> None:
    event = happened(a_card(), IssueCard(), cards_held=1, now=START + 90 * DAY)

    assert isinstance(event, CardIssued)


def test_a_home_card_that_is_nobodys_gets_no_card() -> None:
    assert ["unknown_home_card"] == refusal(a_card(), patron=None)


def test_a_patron_whose_address_is_not_verified_gets_no_card() -> None:
    assert ["email_not_verified"] == refusal(a_card(), patron=a_patron(verified_at=None))


def test_a_refusal_names_every_reason() -> None:
    unverified = a_patron(verified_at=None)

    assert ["card_not_in_stock", "email_not_verified", "card_limit"] == refusal(
        an_issued_card(), patron=unverified, cards_held=2
    )
    assert ["card_not_in_stock", "unknown_home_card"] == refusal(an_issued_card(), patron=None)


@pytest.mark.parametrize(
    ("days", "overdue", "fine"),
    [(29, 0, "0.00"), (30, 0, "0.00"), (31, 1, "0.10"), (34, 4, "0.40"), (130, 100, "10.00")],
)
def test_a_card_costs_ten_fen_a_started_day_and_there_is_no_cap(days: int, overdue: int, fine: str) -> None:
    event = happened(an_issued_card(), TakeCardBack(), now=START + days * DAY)

    assert isinstance(event, CardReturned)
    assert CardCharge(patron=ANNA, overdue_days=overdue, amount=cny(fine)) == event.charge
    assert "R-BULC-7" == event.because.rule


def test_a_day_that_has_only_just_started_counts() -> None:
    midnight = datetime(2026, 4, 1, 16, 0, tzinfo=UTC)
    before, after = (
        fine_so_far(an_issued_card(), bulc(), at) for at in (midnight - timedelta(seconds=1), midnight)
    )

    assert before is not None
    assert after is not None
    assert (0, 1) == (before.overdue_days, after.overdue_days)


def test_where_no_rate_is_stated_the_fine_is_not_stated_either() -> None:
    event = happened(an_issued_card(), TakeCardBack(), now=START + 40 * DAY, policy=bulc(fine=NO_RATE))

    assert isinstance(event, CardReturned)
    assert CardCharge(patron=ANNA, overdue_days=10, amount=None) == event.charge


def test_a_fine_says_why() -> None:
    fine = fine_so_far(an_issued_card(), bulc(), START + 34 * DAY)

    assert fine is not None
    assert (4, cny("0.40"), cny("0.10")) == (fine.overdue_days, fine.amount, fine.per_day)
    assert (DUE, date(2026, 4, 5), "R-BULC-7") == (fine.due, fine.until, fine.rule)


def test_a_card_that_nobody_has_costs_nothing() -> None:
    assert fine_so_far(a_card(), bulc(), START) is None


def test_a_lost_card_stops_costing_more() -> None:
    lost = decide_card(
        an_issued_card(), ReportCardLost("left on the bus"), card_known(now=START + 32 * DAY)
    ).card
    later = fine_so_far(lost, bulc(), START + 60 * DAY)

    assert CardStatus.LOST is lost.status
    assert later is not None
    assert (2, date(2026, 4, 3)) == (later.overdue_days, later.until)


def test_a_lost_card_still_counts_against_its_holder_until_it_is_back_or_given_up() -> None:
    lost = at_status(CardStatus.LOST)
    found = decide_card(lost, RecordCardFound(), card_known()).card
    given_up = decide_card(lost, WithdrawCard(), card_known()).card

    assert (ANNA, None, None) == (held_by(lost), held_by(found), held_by(given_up))
    assert (CardStatus.IN_STOCK, CardStatus.WITHDRAWN) == (found.status, given_up.status)
    assert (None, None) == (found.lost_at, given_up.lost_at)


def test_a_lost_card_that_is_back_was_with_its_holder_until_then() -> None:
    lost = an_issued_card(status=CardStatus.LOST, lost_at=START + 31 * DAY)
    found = happened(lost, RecordCardFound(), now=START + 35 * DAY)
    given_up = happened(lost, WithdrawCard("worn"), now=START + 35 * DAY)

    assert isinstance(found, CardFound)
    assert isinstance(given_up, CardWithdrawn)
    assert CardCharge(patron=ANNA, overdue_days=5, amount=cny("0.50")) == found.charge
    assert CardCharge(patron=ANNA, overdue_days=1, amount=cny("0.10")) == given_up.charge
    assert "worn" == given_up.note


def test_a_card_lost_out_of_the_stock_is_charged_to_nobody() -> None:
    lost = decide_card(a_card(), ReportCardLost(), card_known()).card
    found = happened(lost, RecordCardFound())

    assert CardStatus.LOST is lost.status
    assert isinstance(found, CardFound)
    assert found.charge is None


def test_every_event_counts_in_the_version() -> None:
    card = a_card()
    for command in (IssueCard(), ReportCardLost(), RecordCardFound(), IssueCard(), TakeCardBack()):
        card = decide_card(card, command, card_known()).card

    assert 6 == card.version


@pytest.mark.parametrize("status", CardStatus)
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.step)
def test_the_table_says_what_may_be_done(status: CardStatus, command: CardCommand) -> None:
    card, known = at_status(status), card_known(now=START + 27 * DAY)
    leads_to = CARD_TABLE[status].get(command.step)
    if leads_to is not None:
        assert leads_to is decide_card(card, command, known).card.status
    elif isinstance(command, RemindHolder):
        assert card == decide_card(card, command, known).card
    else:
        with pytest.raises((WrongCardState, CardRefused)):
            decide_card(card, command, known)


def test_the_wrong_state_is_told() -> None:
    with pytest.raises(WrongCardState) as wrong:
        decide_card(a_card(), TakeCardBack(), card_known())

    assert {"status": CardStatus.IN_STOCK, "step": CardStep.TAKE_BACK} == wrong.value.facts


def test_a_holder_is_reminded_before_the_due_date_then_after_it_then_every_week() -> None:
    card = decide_card(a_card(), IssueCard(), card_known()).card
    told = []
    for _ in range(4):
        assert card.remind_at is not None
        now = card.remind_at
        decision = decide_card(card, RemindHolder(), card_known(now=now))
        told.append((*decision.notices, bulc().calendar.local_day(now)))
        card = decision.card

    assert [
        (CardNotice.DUE_SOON, date(2026, 3, 29)),
        (CardNotice.OVERDUE, date(2026, 4, 2)),
        (CardNotice.OVERDUE, date(2026, 4, 9)),
        (CardNotice.OVERDUE, date(2026, 4, 16)),
    ] == told


def test_a_holder_is_reminded_only_so_often() -> None:
    card = decide_card(a_card(), IssueCard(), card_known()).card
    told: list[CardNotice] = []
    while card.remind_at is not None:
        decision = decide_card(card, RemindHolder(), card_known(now=card.remind_at))
        told += decision.notices
        card = decision.card

    assert [CardNotice.DUE_SOON, *[CardNotice.OVERDUE] * 4] == told


def test_a_reminder_that_comes_too_early_or_twice_does_nothing() -> None:
    card = an_issued_card()
    assert card.remind_at is not None
    early = decide_card(card, RemindHolder(), card_known(now=card.remind_at - DAY))
    once = decide_card(card, RemindHolder(), card_known(now=card.remind_at))
    twice = decide_card(once.card, RemindHolder(), card_known(now=card.remind_at))

    assert ((), ()) == (early.events, early.notices)
    assert [HolderReminded] == [type(event) for event in once.events]
    assert ((), once.card) == (twice.events, twice.card)


def test_a_new_card_comes_into_stock() -> None:
    decision = stock(a_card(version=0), card_known())

    assert (CardStocked(at=START, barcode="C1", library=PKU, desk=BJTU),) == decision.events
    assert (CardStatus.IN_STOCK, 1) == (decision.card.status, decision.card.version)


def test_nobody_needs_a_card_for_their_own_library() -> None:
    with pytest.raises(CardRefused) as refused:
        stock(a_card(library=BJTU), card_known())

    assert ["own_library"] == refused.value.facts["reasons"]


def test_evolving_takes_back_what_a_loan_brought() -> None:
    issued = an_issued_card()
    for event in (CardReturned(at=START), CardFound(at=START)):
        assert replace(a_card(), version=2) == evolve_card(issued, event)


def test_the_consortium_is_the_one_that_lends_cards() -> None:
    assert BULC == card_consortium(the_book()).id


def test_without_such_a_consortium_there_are_no_cards() -> None:
    others = {name: doc for name, doc in _documents("policies").items() if doc["id"] != BULC}
    with pytest.raises(InvalidCase) as none:
        card_consortium(PolicyBook.load(others, _documents("calendars")))

    assert "no_loan_cards" == none.value.code


def test_a_book_borrowed_on_a_card_is_due_by_its_owners_rule() -> None:
    sixty_days = book_due(the_book().policy("jinan"), START)

    assert date(2026, 5, 1) == sixty_days


def test_where_the_owner_states_no_period_nothing_is_told_of_the_book() -> None:
    assert book_due(replace(the_book().policy(PKU), loan_rules=()), START) is None


def test_where_the_owners_calendar_ends_nothing_is_told_of_the_book() -> None:
    policy = the_book().policy(PKU)
    for_terms = LoanRule(id="terms", when=When(), period=Period("semesters", 50))

    assert isinstance(policy.calendar, LibraryCalendar)
    assert book_due(replace(policy, loan_rules=(for_terms,)), START) is None


def test_the_fine_is_owed_to_the_consortium() -> None:
    event = happened(an_issued_card(), TakeCardBack(), now=START + 34 * DAY)
    (booking,) = card_bookings([event], bulc())

    assert isinstance(booking, Owed)
    assert (Kind.CARD_FINE, cny("0.40"), event.at) == (booking.kind, booking.amount, booking.at)
    assert (ANNA, BULC, "CNY", None) == (
        booking.owing.patron,
        booking.owing.lender,
        booking.owing.currency,
        booking.owing.request,
    )


def test_nothing_is_posted_where_nothing_is_owed() -> None:
    in_time = happened(an_issued_card(), TakeCardBack())
    unstated = happened(an_issued_card(), TakeCardBack(), now=START + 34 * DAY, policy=bulc(fine=NO_RATE))
    from_stock = happened(a_card(status=CardStatus.LOST), RecordCardFound())
    issued = happened(a_card(), IssueCard())

    assert () == card_bookings([in_time, unstated, from_stock, issued], bulc())
