"""What every connector promises, whatever it speaks: one class for each port."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from connectors.failures import PartnerFailure
from connectors.ports import (
    ArrivedItem,
    Finder,
    HoldShelf,
    Letter,
    Mailer,
    PatronDirectory,
    StatusQuestion,
    Supplier,
    Witness,
)
from tests.connectors.factories import NOW, ask, cancel, letter
from workflows.citation import Hit, Query


class FinderPromises:
    """A finder whose library has at least one book with "法律" in its title."""

    @pytest.fixture
    def finder(self) -> Finder:
        raise NotImplementedError

    @pytest.fixture
    def broken_finder(self) -> Finder:
        raise NotImplementedError

    def test_a_book_that_is_there_is_found_with_its_copies(self, finder: Finder) -> None:
        found = asyncio.run(finder.find(Query(title="法律"), deadline=60))

        assert found.hits
        assert found.total >= len(found.hits)
        assert all(hit.citation.title and hit.holdings for hit in found.hits)
        assert {holding.library for hit in found.hits for holding in hit.holdings} == {found.library}

    def test_further_records_are_those_behind_the_known_ones(self, finder: Finder) -> None:
        every = asyncio.run(finder.find(Query(title="法律"), deadline=60))
        hits: list[Hit] = []
        known = 0
        for _ in range(every.taken):
            found = asyncio.run(finder.find(Query(title="法律"), deadline=60, after=known, most=2))
            hits += found.hits
            known += found.taken

            assert every.total == found.total

        assert [*every.hits] == hits

    def test_a_book_that_is_not_there_is_no_failure(self, finder: Finder) -> None:
        found = asyncio.run(finder.find(Query(text="xyzzy plugh"), deadline=60))

        assert () == found.hits

    @pytest.mark.parametrize("term", ['"', "\\", "a\\", "*", "and", ")(", "a/b", "=", "三\x00体", "' or 1=1"])
    def test_no_term_breaks_out_of_the_query(self, finder: Finder, term: str) -> None:
        found = asyncio.run(finder.find(Query(text=f"qwertz {term}", author=term), deadline=60))

        assert () == found.hits

    def test_what_goes_wrong_is_a_partner_failure(self, broken_finder: Finder) -> None:
        with pytest.raises(PartnerFailure):
            asyncio.run(broken_finder.find(Query(text="法律"), deadline=60))


class SupplierPromises:
    @pytest.fixture
    def supplier(self) -> Supplier:
        raise NotImplementedError

    def test_an_ask_is_acknowledged_under_its_own_id(self, supplier: Supplier) -> None:
        taken = supplier.ask(ask(message_id="msg_own"))

        assert taken.message_id == "msg_own"

    def test_asking_twice_is_acknowledged_alike(self, supplier: Supplier) -> None:
        first = supplier.ask(ask(message_id="msg_twice"))
        second = supplier.ask(ask(message_id="msg_twice"))

        assert first == second

    def test_what_follows_an_ask_is_acknowledged(self, supplier: Supplier) -> None:
        supplier.ask(ask())
        question = StatusQuestion(message_id="msg_question", request_id="req_1", at=NOW)

        assert [supplier.tell(cancel()).message_id, supplier.tell(question).message_id] == [
            "msg_2",
            "msg_question",
        ]


class WitnessPromises(SupplierPromises):
    """A supplier that remembers what it was sent."""

    def test_a_message_that_came_is_remembered_and_no_other(
        self, supplier: Supplier, witness: Witness
    ) -> None:
        supplier.ask(ask(message_id="msg_came"))

        assert [witness.did_you_get("msg_came"), witness.did_you_get("msg_never")] == [True, False]

    @pytest.fixture
    def witness(self) -> Witness:
        raise NotImplementedError


class MailerPromises:
    @pytest.fixture
    def mailer(self) -> Mailer:
        raise NotImplementedError

    @pytest.fixture
    def unreachable(self) -> Mailer:
        raise NotImplementedError

    def arrived(self) -> list[Letter]:
        raise NotImplementedError

    def test_a_letter_arrives_with_every_character(self, mailer: Mailer) -> None:
        mailer.send(letter())

        assert [letter()] == self.arrived()

    def test_a_dead_server_is_worth_another_try(self, unreachable: Mailer) -> None:
        with pytest.raises(PartnerFailure) as caught:
            unreachable.send(letter())

        assert caught.value.again


class PatronDirectoryPromises:
    """A directory that knows P1, against whom nothing stands, and P2, against whom something does."""

    @pytest.fixture
    def directory(self) -> PatronDirectory:
        raise NotImplementedError

    @pytest.fixture
    def broken_directory(self) -> PatronDirectory:
        raise NotImplementedError

    def test_a_card_that_somebody_has_is_found(self, directory: PatronDirectory) -> None:
        found = directory.look_up("P1")

        assert found is not None
        assert ("P1", ()) == (found.card_number, found.blocks)

    def test_what_stands_against_a_patron_is_told(self, directory: PatronDirectory) -> None:
        found = directory.look_up("P2")

        assert found is not None
        assert found.blocks

    @pytest.mark.parametrize("card_number", ["P", "p1", "P1 ", "<P1>", "P1&", "' or 1=1"])
    def test_a_card_that_nobody_has_is_nobodys(self, directory: PatronDirectory, card_number: str) -> None:
        assert directory.look_up(card_number) is None

    def test_what_goes_wrong_is_a_partner_failure(self, broken_directory: PatronDirectory) -> None:
        with pytest.raises(PartnerFailure):
            broken_directory.look_up("P1")


class HoldShelfPromises:
    """A hold shelf in whose system P1 is a patron."""

    @pytest.fixture
    def hold_shelf(self) -> HoldShelf:
        raise NotImplementedError

    def test_a_book_that_is_put_there_twice_has_one_number(self, hold_shelf: HoldShelf) -> None:
        first = hold_shelf.accept(_BOOK)

        assert first
        assert first == hold_shelf.accept(_BOOK)

    def test_a_book_for_nobody_is_not_taken(self, hold_shelf: HoldShelf) -> None:
        with pytest.raises(PartnerFailure):
            hold_shelf.accept(replace(_BOOK, card_number="nobody"))


_BOOK = ArrivedItem(message_id="msg_9", request_id="req_9", card_number="P1", barcode="B9", title="三体 <&>")
