"""A library's own system by SIP2: against a server that is not ours."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from connectors.failures import Refused
from connectors.ports import LocalCirculation, PatronDirectory
from connectors.sip2.client import Sip2System
from connectors.sip2.mapping import Login
from connectors.sip2.messages import ItemState
from tests.connectors.sip2_clients import DUE, OPEN, system
from tests.connectors.sip2_servers import Peer


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Close the clients of a test when it is over."""
    yield
    while OPEN:
        OPEN.pop().close()


@pytest.fixture(scope="module")
def peers() -> Iterator[dict[str, tuple[Peer, int]]]:
    both = {encoding: Peer(encoding) for encoding in ("utf-8", "gb18030")}
    with both["utf-8"].running() as first, both["gb18030"].running() as second:
        yield {"utf-8": (both["utf-8"], first), "gb18030": (both["gb18030"], second)}


@pytest.fixture(params=["utf-8", "gb18030"])
def peer(request: pytest.FixtureRequest, peers: dict[str, tuple[Peer, int]]) -> tuple[Peer, int, str]:
    return (*peers[request.param], request.param)


@pytest.fixture
def library(peer: tuple[Peer, int, str]) -> Sip2System:
    """A client of a server by somebody else, who wants a login and checksums."""
    _, port, encoding = peer
    login = Login("broker", "sip2-bhu", "desk")
    return system(port, encoding=encoding, login=login, greets=True, institution="CN-420001", connections=2)


class TestSomebodyElsesServer:
    def test_a_patron_is_found_by_card_and_password(self, library: Sip2System) -> None:
        directory: PatronDirectory = library
        right, wrong = (directory.look_up("P0001", password=text) for text in ("1234", "4321"))

        assert right is not None
        assert wrong is not None
        assert ("张瓅", "zhang@bhu.example", (), True) == (
            right.name, right.email, right.blocks, right.password_is_right,
        )  # fmt: skip
        assert wrong.password_is_right is False

    def test_nobody_holds_an_unknown_card(self, library: Sip2System) -> None:
        assert library.look_up("P9999") is None

    def test_a_blocked_patron_is_told_apart(self, library: Sip2System) -> None:
        found = library.look_up("P0002")

        assert found is not None
        assert ("请到总台", "may not borrow", "too much owed in fines") == found.blocks
        assert found.password_is_right is None

    def test_a_book_goes_out_and_comes_back(self, peer: tuple[Peer, int, str], library: Sip2System) -> None:
        desk: LocalCirculation = library
        desk.check_out("m1", card_number="P0001", barcode="B1", due=DUE)
        out = library.item_state("B1")
        desk.check_in("m2", barcode="B1")

        assert [ItemState.CHARGED, ItemState.AVAILABLE] == [out, library.item_state("B1")]
        assert {} == peer[0].loans

    def test_what_is_done_already_is_confirmed(self, library: Sip2System) -> None:
        for _ in range(2):
            library.check_out("m1", card_number="P0001", barcode="B2", due=DUE)
        for _ in range(2):
            library.check_in("m2", barcode="B2")

        assert ItemState.AVAILABLE is library.item_state("B2")

    def test_a_book_that_another_has_is_refused_in_the_librarys_words(self, library: Sip2System) -> None:
        library.check_out("m1", card_number="P0001", barcode="B3", due=DUE)
        with pytest.raises(Refused, match="该册已借出") as caught:
            library.check_out("m2", card_number="P0002", barcode="B3", due=DUE)
        library.check_in("m3", barcode="B3")

        assert caught.value.again is False

    def test_a_copy_is_held_and_a_loan_renewed(self, library: Sip2System) -> None:
        library.check_out("m1", card_number="P0001", barcode="B4", due=DUE)
        place = library.hold(card_number="P0002", barcode="B4", pickup_location="总馆")
        until = library.renew(card_number="P0001", barcode="B4", due=date(2026, 3, 1))
        library.check_in("m3", barcode="B4")

        assert (2, date(2026, 3, 1)) == (place, until)

    def test_a_wrong_password_of_ours_is_refused(self, peer: tuple[Peer, int, str]) -> None:
        _, port, encoding = peer
        with pytest.raises(Refused, match="login refused"):
            system(port, encoding=encoding, login=Login("broker", "wrong")).look_up("P0001")

    def test_threads_share_the_few_connections_and_get_their_own_answers(
        self, peer: tuple[Peer, int, str], library: Sip2System
    ) -> None:
        cards = ["P0001", "P0002"] * 10
        with ThreadPoolExecutor(6) as threads:
            found = [patron.card_number for patron in threads.map(library.look_up, cards) if patron]

        assert cards == found
        assert 2 == peer[0].most_busy
