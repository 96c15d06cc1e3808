from __future__ import annotations

import pytest

from ill_broker.texts.catalogue import LANGUAGES, say
from ill_broker.texts.reasons import why
from tests.factories import the_book
from workflows.reasons import PassedOver, Placed, Refusal

CODES = [code.value for code in (*Refusal, *PassedOver, *Placed)]


def test_no_code_stands_in_two_lists_of_reasons() -> None:
    assert len(CODES) == len(set(CODES))


def test_the_policies_that_come_along_give_no_reason_without_a_sentence() -> None:
    book = the_book()
    given = {rule.code for id_ in book.ids for rule in book.policy(id_).lendability if rule.lend != "yes"}

    assert given
    assert given <= set(CODES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reason_is_told_as_its_list_has_it_and_a_policys_own_as_not_lent(language: str) -> None:
    assert say("passed_over.silent", language) == why("silent", language)
    assert say("placed.available", language) == why("available", language)
    assert say("refusal.not_lendable", language) == why("on_exhibition", language)
