"""Asking a library through the ILL module of its Koha."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from connectors.failures import Refused
from connectors.koha.calls import KohaCalls
from connectors.koha.keeper import Keeper
from connectors.koha.mapping import IllModule, KohaProfile, Login
from connectors.koha.supplier import KohaSupplier
from connectors.manual import ByHand
from connectors.ports import Supplier, Witness
from connectors.transport import Target
from tests.connectors.factories import ask, cancel
from tests.connectors.koha_fake import SECRET, USER, FakeKoha
from tests.connectors.promises import WitnessPromises
from workflows.citation import Citation


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[FakeKoha, str]]:
    koha = FakeKoha()
    with koha.running() as url:
        yield koha, url


@pytest.fixture
def koha(served: tuple[FakeKoha, str]) -> FakeKoha:
    served[0].requests.clear()
    return served[0]


@pytest.fixture
def target() -> Iterator[Target]:
    target = Target("bhu")
    yield target
    target.close()


@pytest.fixture
def partner(koha: FakeKoha, served: tuple[FakeKoha, str], target: Target) -> KohaSupplier:
    return supplier_of(target, served[1], "Standard")


def supplier_of(target: Target, url: str, backend: str) -> KohaSupplier:
    module = IllModule(backend, 77)
    profile = KohaProfile(base_url=url, login=Login(USER, "koha"), library_id="MAIN", ill=module)
    calls = KohaCalls(target, Keeper("bhu", profile, {"koha": SECRET}.__getitem__))
    return KohaSupplier(calls, module, ByHand("bhu"))


class TestKohaSupplier(WitnessPromises):
    @pytest.fixture
    def supplier(self, partner: KohaSupplier) -> Supplier:
        return partner

    @pytest.fixture
    def witness(self, partner: KohaSupplier) -> Witness:
        return partner


def test_a_request_says_everything_a_lender_needs(koha: FakeKoha, partner: KohaSupplier) -> None:
    work = Citation(title="三体", isbn="9787536692930", year=2008)
    taken = partner.ask(ask(citation=work, needed_by=date(2026, 4, 1)))
    (made,) = koha.requests
    told = {each["type"]: each["value"] for each in made["extended_attributes"]}

    assert "50" == taken.lender_request_id
    assert ("Standard", 77, "MAIN") == (made["ill_backend_id"], made["patron_id"], made["library_id"])
    assert {
        "type": "book",
        "title": "三体",
        "isbn": "9787536692930",
        "year": "2008",
        "item_barcode": "B1",
        "needed_by": "2026-04-01",
        "desk": "Main desk (jinan)",
        "ill_broker_message": "msg_1",
        "ill_broker_request": "req_1",
    } == told


def test_a_request_for_no_copy_names_none(koha: FakeKoha, partner: KohaSupplier) -> None:
    partner.ask(ask(holding=None))

    assert "item_barcode" not in {each["type"] for each in koha.requests[0]["extended_attributes"]}


def test_asking_twice_makes_one_request(koha: FakeKoha, partner: KohaSupplier) -> None:
    taken = {partner.ask(ask()).lender_request_id for _ in range(2)}

    assert (1, {"50"}) == (len(koha.requests), taken)


def test_a_value_that_names_no_message_is_not_taken_for_one(koha: FakeKoha, partner: KohaSupplier) -> None:
    partner.ask(ask(note="msg_9"))

    assert not partner.did_you_get("msg_9")


def test_what_the_module_cannot_be_told_goes_to_the_desk(partner: KohaSupplier) -> None:
    assert "cancel_by_hand" == partner.tell(cancel()).desk_task


def test_a_module_that_takes_no_requests_refuses(
    koha: FakeKoha, served: tuple[FakeKoha, str], target: Target
) -> None:
    with pytest.raises(Refused, match="does not allow request creation"):
        supplier_of(target, served[1], "FreeForm").ask(ask())
