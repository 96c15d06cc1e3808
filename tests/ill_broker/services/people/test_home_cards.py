"""The patron's own library is asked about the card; where it does not answer the desk's word counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from connectors.failures import Garbled, PartnerFailure, Unreachable
from connectors.ports import LocalPatron
from ill_broker.services.cards.loan_cards import LoanCards, NewCard
from ill_broker.services.discovery.search import Discovery
from ill_broker.services.people.home_cards import HomeCards
from ill_broker.services.places import Places
from ill_broker.services.refusals import Unknown
from ill_broker.services.requests.submissions import Submission, Submissions
from ill_broker.storage import events, people
from ill_broker.storage.store import Store
from tests.factories import BJTU, PKU, START, SZUTL, a_citation, held
from tests.ill_broker.services.lending import DESK, OFFICE, as_patron
from tests.ill_broker.services.local import AtHome, OwnSystem
from tests.support.stored import events_of
from workflows.actors import Actor, Role
from workflows.cards.card import CardIssued, CardRefused
from workflows.citation import Citation, Holding
from workflows.home_cards import HomeCard
from workflows.ids import PatronId
from workflows.patrons import Patron
from workflows.refusals import NotEligible
from workflows.requests.events import Submitted

GOOD = LocalPatron(card_number="card-anna", name="Anna", valid_until=date(2026, 3, 2))


@pytest.fixture
def at_home(store: Store) -> AtHome:
    return AtHome(store, OwnSystem(patron=GOOD))


@pytest.fixture
def anna(at_home: AtHome) -> Patron:
    return at_home.patron()


def home_cards(at_home: AtHome) -> HomeCards:
    return HomeCards(at_home.store, at_home.directory, at_home.lenders)


def failing(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


class Found(Discovery):
    """Finds every citation at one library."""

    def __init__(self) -> None:
        """Know nothing: no thread is needed for this."""

    def holdings_of(self, _: Citation, *, now: object) -> tuple[Holding, ...]:
        return (held(SZUTL),)


def submissions(at_home: AtHome, checks: HomeCards | None) -> Submissions:
    return Submissions(at_home.store, at_home.requests, Found(), at_home.directory, checks)


def submitted(at_home: AtHome, patron: Patron, checks: HomeCards | None) -> HomeCard | None:
    """Return what is kept of the card with a new request."""
    wanted = Submission(citation=a_citation())
    request = submissions(at_home, checks).submit(wanted, as_patron(patron), now=START)
    with at_home.store.reading() as conn:
        first = events.all_of(conn, request.id)[0].event
    assert isinstance(first, Submitted)
    return first.home_card


# ---------------------------------------------------------------- asking


def test_a_card_is_asked_about_by_its_number(at_home: AtHome, anna: Patron) -> None:
    report = home_cards(at_home).check(anna, now=START)

    assert report is not None
    assert (HomeCard.VALID, GOOD, BJTU, START) == (
        report.state,
        report.holder,
        report.library,
        report.checked_at,
    )
    assert [("card-anna", None)] == at_home.system.looked_up


def test_a_card_is_good_until_its_last_day_has_ended_at_the_library(at_home: AtHome, anna: Patron) -> None:
    checks = home_cards(at_home)
    last_moment = START.replace(hour=15, minute=59)

    assert [HomeCard.VALID, HomeCard.EXPIRED] == [
        checks.state(anna, now=at) for at in (last_moment, last_moment + timedelta(minutes=1))
    ]


@pytest.mark.parametrize(
    ("patron", "expected"),
    [
        (None, HomeCard.UNKNOWN),
        (LocalPatron(card_number="card-anna", blocks=("owes 5.00",)), HomeCard.BLOCKED),
        (LocalPatron(card_number="card-anna", password_is_right=False), HomeCard.WRONG_PASSWORD),
    ],
)
def test_what_the_library_says_is_what_is_said(
    at_home: AtHome, anna: Patron, patron: LocalPatron | None, expected: HomeCard
) -> None:
    at_home.system.patron = patron

    assert expected is home_cards(at_home).state(anna, now=START)


def test_a_password_is_passed_on(at_home: AtHome, anna: Patron) -> None:
    home_cards(at_home).check(anna, now=START, password="1234")

    assert [("card-anna", "1234")] == at_home.system.looked_up


def test_a_library_without_a_directory_is_not_asked(at_home: AtHome, anna: Patron) -> None:
    at_home.plug(patrons=None)

    assert home_cards(at_home).state(anna, now=START) is None


@pytest.mark.parametrize("failure", [Unreachable("bjtu", "ReadTimeout"), Garbled("bjtu", "no NCIP")])
def test_a_library_that_does_not_answer_leaves_the_card_unchecked(
    at_home: AtHome, anna: Patron, failure: PartnerFailure
) -> None:
    at_home.system.obey = failing(failure)
    report = home_cards(at_home).check(anna, now=START)

    assert report is not None
    assert (HomeCard.NOT_CHECKED, None) == (report.state, report.holder)


def test_nobody_else_waits_for_a_library_that_did_not_answer(at_home: AtHome, anna: Patron) -> None:
    at_home.system.obey = failing(Unreachable("bjtu", "ReadTimeout"))
    checks = home_cards(at_home)
    seconds = (0, 59, 60)
    asked = []
    for passed in seconds:
        checks.check(anna, now=START + timedelta(seconds=passed))
        asked.append(len(at_home.system.looked_up))

    assert [1, 1, 2] == asked


def test_a_library_that_answers_nonsense_is_asked_again_at_once(at_home: AtHome, anna: Patron) -> None:
    at_home.system.obey = failing(Garbled("bjtu", "no NCIP"))
    checks = home_cards(at_home)
    checks.check(anna, now=START)
    at_home.system.obey = lambda: None

    assert HomeCard.VALID is checks.state(anna, now=START)


# ---------------------------------------------------------------- for the desk


@pytest.mark.parametrize("actor", [DESK, OFFICE])
def test_the_patrons_desk_and_the_office_may_ask(at_home: AtHome, anna: Patron, actor: Actor) -> None:
    assert HomeCard.VALID is home_cards(at_home).of(anna.id, actor, now=START).state


def test_a_patron_of_another_library_does_not_exist(at_home: AtHome, anna: Patron) -> None:
    with pytest.raises(Unknown):
        home_cards(at_home).of(anna.id, Actor(Role.STAFF, "stf_2", PKU), now=START)

    assert [] == at_home.system.looked_up


def test_nobody_is_asked_about_nobody(at_home: AtHome) -> None:
    with pytest.raises(Unknown):
        home_cards(at_home).of(PatronId("pat_nobody"), OFFICE, now=START)


def test_nobody_is_asked_about_a_patron_who_is_forgotten(at_home: AtHome, anna: Patron) -> None:
    with at_home.store.writing() as conn:
        people.erase(conn, anna.id, now=START)
    with pytest.raises(Unknown):
        home_cards(at_home).of(anna.id, OFFICE, now=START)


def test_a_desk_whose_library_cannot_be_asked_learns_nothing(at_home: AtHome, anna: Patron) -> None:
    at_home.plug(patrons=None)
    with pytest.raises(Unknown):
        home_cards(at_home).of(anna.id, DESK, now=START)


# ---------------------------------------------------------------- requests and loan cards


def test_a_request_is_made_with_a_good_card(at_home: AtHome, anna: Patron) -> None:
    assert HomeCard.VALID is submitted(at_home, anna, home_cards(at_home))


def test_a_request_is_not_made_with_a_card_that_nobody_has(at_home: AtHome, anna: Patron) -> None:
    at_home.system.patron = None
    with pytest.raises(NotEligible) as caught:
        submitted(at_home, anna, home_cards(at_home))

    assert ["home_card_unknown"] == caught.value.facts["reasons"]


def test_a_request_that_was_made_unchecked_says_so(at_home: AtHome, anna: Patron) -> None:
    at_home.system.obey = failing(Unreachable("bjtu", "ReadTimeout"))

    assert HomeCard.NOT_CHECKED is submitted(at_home, anna, home_cards(at_home))


def test_a_request_is_made_where_nobody_checks(at_home: AtHome, anna: Patron) -> None:
    assert submitted(at_home, anna, None) is None


def loan_cards(at_home: AtHome, checks: HomeCards | None) -> LoanCards:
    known = LoanCards(at_home.store, at_home.directory, checks)
    known.stock_in(NewCard(barcode="C1", library=PKU, desk=BJTU), DESK, now=START)
    return known


@pytest.mark.parametrize("checked", [True, False])
def test_a_loan_card_is_handed_out_on_a_good_home_card(
    at_home: AtHome, anna: Patron, *, checked: bool
) -> None:
    known = loan_cards(at_home, home_cards(at_home) if checked else None)
    issued = known.issue("C1", anna.card_number, DESK, now=START)
    with at_home.store.reading() as conn:
        last = events_of(conn, issued.id)[-1].event

    assert isinstance(last, CardIssued)
    assert (HomeCard.VALID if checked else None) == last.home_card


def test_a_loan_card_is_not_handed_out_on_a_card_that_has_run_out(at_home: AtHome, anna: Patron) -> None:
    at_home.system.patron = LocalPatron(card_number="card-anna", valid_until=date(2026, 3, 1))
    with pytest.raises(CardRefused) as caught:
        loan_cards(at_home, home_cards(at_home)).issue("C1", anna.card_number, DESK, now=START)

    assert ["home_card_expired"] == caught.value.facts["reasons"]


def test_a_home_card_that_is_no_patrons_is_refused_without_asking(at_home: AtHome) -> None:
    with pytest.raises(CardRefused) as caught:
        loan_cards(at_home, home_cards(at_home)).issue("C1", "nobody's", DESK, now=START)

    assert ["unknown_home_card"] == caught.value.facts["reasons"]
    assert [] == at_home.system.looked_up


# ---------------------------------------------------------------- silence


def test_a_system_that_was_silent_is_tried_by_one_caller_a_minute(at_home: AtHome, anna: Patron) -> None:
    checks = home_cards(at_home)
    at_home.system.obey = failing(Unreachable(BJTU, "no answer in time"))
    for second in (0, 1, 59):
        assert HomeCard.NOT_CHECKED == checks.state(anna, now=START + timedelta(seconds=second))

    def nobody_else_tries() -> None:
        assert HomeCard.NOT_CHECKED == checks.state(anna, now=START + timedelta(seconds=61))

    at_home.system.obey = nobody_else_tries

    assert HomeCard.VALID == checks.state(anna, now=START + timedelta(seconds=60))
    assert 2 == len(at_home.system.looked_up)

    at_home.system.obey = list

    assert HomeCard.VALID == checks.state(anna, now=START + timedelta(seconds=61))


def test_where_too_many_wait_already_the_desks_word_counts(at_home: AtHome, anna: Patron) -> None:
    places = Places(waiting=1)
    checks = HomeCards(at_home.store, at_home.directory, at_home.lenders, places)
    with places.waiting("another library"):
        assert HomeCard.NOT_CHECKED == checks.state(anna, now=START)

    assert HomeCard.VALID == checks.state(anna, now=START)
