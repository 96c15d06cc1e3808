from __future__ import annotations

import pytest

from tests.card_factories import a_card, an_issued_card
from tests.factories import ANNA, BJTU, NLC, PKU, SHLIB
from workflows.actors import SYSTEM, Actor, Role
from workflows.cards.card import (
    MAY_TAKE,
    CardFound,
    CardLost,
    CardRelation,
    CardReturned,
    CardSettled,
    CardStep,
    CardWithdrawn,
    card_actions,
    card_relations,
    held_key,
    may_stock,
    may_take_card_step,
)


def staff(library: str) -> Actor:
    return Actor(Role.STAFF, "stf_1", library)  # type: ignore[arg-type]  # a text does for an id


@pytest.mark.parametrize(
    ("actor", "relations"),
    [
        (Actor(Role.PATRON, ANNA, BJTU), {CardRelation.HOLDER}),
        (Actor(Role.PATRON, "pat_other", BJTU), set()),
        (staff(BJTU), {CardRelation.DESK}),
        (staff(PKU), {CardRelation.OWNER}),
        (staff(NLC), set()),
        (Actor(Role.PARTNER, "pku", PKU), set()),
        (Actor(Role.OFFICE, "stf_2"), {CardRelation.OFFICE}),
        (SYSTEM, {CardRelation.SYSTEM}),
    ],
    ids=lambda each: each.role if isinstance(each, Actor) else "",
)
def test_a_card_exists_for_its_holder_its_desk_its_library_and_the_office(
    actor: Actor, relations: set[CardRelation]
) -> None:
    assert relations == card_relations(actor, an_issued_card())


def test_a_card_in_stock_exists_for_no_patron() -> None:
    assert frozenset() == card_relations(Actor(Role.PATRON, ANNA, BJTU), a_card())


def test_the_desk_hands_out_and_takes_back_and_the_library_may_only_give_up() -> None:
    assert (CardStep.ISSUE, CardStep.REPORT_LOSS, CardStep.WITHDRAW) == card_actions(staff(BJTU), a_card())
    assert (CardStep.TAKE_BACK, CardStep.REPORT_LOSS) == card_actions(staff(BJTU), an_issued_card())
    assert (CardStep.REPORT_LOSS,) == card_actions(staff(PKU), an_issued_card())
    assert () == card_actions(staff(NLC), an_issued_card())


def test_every_step_is_somebodys() -> None:
    assert set(CardStep) == set().union(*MAY_TAKE.values())


def test_no_person_sends_reminders() -> None:
    takers = (staff(BJTU), staff(PKU), Actor(Role.OFFICE, "stf_2"), Actor(Role.PATRON, ANNA, BJTU))

    assert [False] * 4 == [may_take_card_step(actor, an_issued_card(), CardStep.REMIND) for actor in takers]
    assert may_take_card_step(SYSTEM, an_issued_card(), CardStep.REMIND)


@pytest.mark.parametrize(
    ("actor", "may"),
    [
        (staff(BJTU), True),
        (staff(PKU), True),
        (staff(SHLIB), False),
        (Actor(Role.OFFICE, "stf_2"), True),
        (Actor(Role.PATRON, ANNA, BJTU), False),
        (Actor(Role.PARTNER, "pku", PKU), False),
    ],
    ids=lambda each: f"{each.role}-{each.library}" if isinstance(each, Actor) else "",
)
def test_the_library_the_desk_and_the_office_take_cards_into_stock(actor: Actor, *, may: bool) -> None:
    assert may is may_stock(actor, library=PKU, desk=BJTU)


def test_a_patron_has_a_tally_of_cards() -> None:
    assert "cards:pat_anna" == held_key(ANNA)


def test_only_what_ends_the_time_with_the_patron_carries_a_charge() -> None:
    settling = {
        kind for kind in (CardReturned, CardFound, CardWithdrawn, CardLost) if issubclass(kind, CardSettled)
    }

    assert {CardReturned, CardFound, CardWithdrawn} == settling
