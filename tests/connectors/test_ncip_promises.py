"""NCIP keeps what every local system promises, with a responder at the other end of a socket."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from connectors.failures import Refused
from connectors.ncip.client import NcipSystem
from connectors.ncip.mapping import NcipProfile
from connectors.transport import Limits, Target
from tests.connectors.promises import HoldShelfPromises, PatronDirectoryPromises
from tests.support.ncip import LocalSystem, served

NOW = datetime(2026, 3, 2, 2, 15, tzinfo=UTC)


def reached(url: str) -> NcipSystem:
    profile = NcipProfile(url=url, our_agency="BROKER", their_agency="BJTU")
    return NcipSystem(Target("bjtu", Limits(connect=2.0, total=5.0)), profile, lambda: NOW)


@pytest.fixture(scope="module")
def responder() -> Iterator[LocalSystem]:
    with served(LocalSystem(readers={"P1": "", "P2": "owes 5.00"})) as system:
        yield system


@pytest.fixture
def system(responder: LocalSystem) -> NcipSystem:
    return reached(responder.url)


class TestPatrons(PatronDirectoryPromises):
    @pytest.fixture
    def directory(self, system: NcipSystem) -> NcipSystem:
        return system

    @pytest.fixture
    def broken_directory(self) -> NcipSystem:
        return reached("http://127.0.0.1:1/ncip")


class TestHoldShelf(HoldShelfPromises):
    @pytest.fixture
    def hold_shelf(self, system: NcipSystem) -> NcipSystem:
        return system


def test_a_book_that_the_system_does_not_know_is_not_lent(system: NcipSystem) -> None:
    with pytest.raises(Refused, match="Unknown Item"):
        system.check_out("msg_1", card_number="P1", barcode="nobody's", due=date(2026, 4, 20))


def test_a_book_that_was_forgotten_before_is_forgotten(system: NcipSystem, responder: LocalSystem) -> None:
    system.forget("msg_1", barcode="nobody's")

    assert "DeleteItem" == responder.asked[-1]
