"""Koha: finding, patrons and the hold shelf, against a Koha of our own that has the real one's habits."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest
from flask import Response

from connectors.failures import Garbled, PartnerFailure, Refused, Unreachable
from connectors.koha.calls import KohaCalls
from connectors.koha.client import KohaFinder, KohaSystem
from connectors.koha.keeper import Keeper
from connectors.koha.mapping import KohaProfile, Login
from connectors.ports import ArrivedItem, Finder, FoundRecords, HoldShelf, LocalPatron, PatronDirectory
from connectors.transport import AsyncTarget, Reply, Target
from tests.connectors.koha_fake import SECRET, USER, FakeKoha, mij, reader, said
from tests.connectors.promises import FinderPromises
from workflows.citation import Query

SECRETS = {"koha-bhu": SECRET, "wrong": "guess"}.__getitem__
OAUTH, BASIC = Login(USER, "koha-bhu"), Login(USER, "koha-bhu", "basic")
ARRIVED = ArrivedItem(
    message_id="m1",
    request_id="req_1",
    card_number="P1",
    barcode="ILL7",
    title="三体",
    author="刘慈欣",
    isbn="1",
)
LIBRARY = "bhu"


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[FakeKoha, str]]:
    koha = FakeKoha()
    with koha.running() as url:
        yield koha, url


@pytest.fixture
def koha(served: tuple[FakeKoha, str]) -> FakeKoha:
    """A Koha as it was before any test."""
    fresh = vars(FakeKoha())
    fresh.pop("app")
    vars(served[0]).update(fresh)
    return served[0]


@pytest.fixture
def url(served: tuple[FakeKoha, str]) -> str:
    return served[1]


def keeper(url: str, **facts: Any) -> Keeper:
    profile = KohaProfile(**{"base_url": f"{url}/", "login": OAUTH, "library_id": "MAIN", **facts})
    return Keeper(LIBRARY, profile, SECRETS)


@pytest.fixture
def target() -> Iterator[Target]:
    target = Target(LIBRARY)
    yield target
    target.close()


@pytest.fixture
def system(koha: FakeKoha, url: str, target: Target) -> KohaSystem:
    return KohaSystem(KohaCalls(target, keeper(url)))


def token_reply(status: int, content: Any) -> Reply:
    return Reply(status, {}, json.dumps(content).encode())


class OwnLoop:
    """A finder whose connections end with each question, as every test has an event loop of its own."""

    def __init__(self, held: Keeper) -> None:
        self.keeper = held

    async def find(self, query: Query, **told: Any) -> FoundRecords:
        target = AsyncTarget(LIBRARY)
        try:
            return await KohaFinder(target, self.keeper).find(query, **told)
        finally:
            await target.close()


def found(url: str, query: Query, **facts: Any) -> FoundRecords:
    return asyncio.run(OwnLoop(keeper(url, **facts)).find(query, deadline=60))


class TestKohaFinder(FinderPromises):
    @pytest.fixture
    def finder(self, koha: FakeKoha, url: str) -> Finder:
        return OwnLoop(keeper(url))

    @pytest.fixture
    def broken_finder(self, koha: FakeKoha, url: str) -> Finder:
        koha.instead["biblios"] = Response("<html><body>Maintenance</body></html>", 503)
        return OwnLoop(keeper(url))


def test_copies_are_told_with_where_they_are(koha: FakeKoha, url: str) -> None:
    (hit,) = found(url, Query(text="民法 李四", isbn="9787536692930")).hits

    assert [("B11", True), ("B12", False)] == [(each.barcode, each.available) for each in hit.holdings]
    assert {("1", "D9/1", "gen")} == {
        (each.record_id, each.call_number, each.collection) for each in hit.holdings
    }


def test_a_token_is_fetched_once_for_many_questions(koha: FakeKoha, url: str) -> None:
    finder = OwnLoop(keeper(url))
    for _ in range(2):
        asyncio.run(finder.find(Query(title="法律"), deadline=60))

    assert ["POST oauth/token", *["GET biblios", "GET items"] * 2] == koha.heard


def test_a_token_that_is_no_longer_believed_is_fetched_anew_once(koha: FakeKoha, url: str) -> None:
    finder = OwnLoop(keeper(url))
    asyncio.run(finder.find(Query(title="法律"), deadline=60))
    koha.tokens.clear()
    again = asyncio.run(finder.find(Query(title="法律"), deadline=60))
    koha.instead["biblios"] = said(401, {"error": "Authentication failure."})
    koha.heard.clear()
    with pytest.raises(Refused, match="not let in"):
        asyncio.run(finder.find(Query(title="法律"), deadline=60))

    assert 2 == len(again.hits)
    assert ["GET biblios", "POST oauth/token", "GET biblios"] == koha.heard


def test_a_user_with_a_password_needs_no_token(koha: FakeKoha, url: str) -> None:
    assert 2 == found(url, Query(title="法律"), login=BASIC).total
    assert ["GET biblios", "GET items"] == koha.heard


@pytest.mark.parametrize("kind", ["oauth", "basic"])
def test_a_wrong_secret_is_told_apart_from_a_refusal(koha: FakeKoha, url: str, kind: Any) -> None:
    with pytest.raises(Refused, match="we are not let in"):
        found(url, Query(title="法律"), login=Login(USER, "wrong", kind))


def test_works_are_told_without_copies_where_these_are_not_to_be_had(koha: FakeKoha, url: str) -> None:
    koha.instead["items"] = said(
        403, {"error": "Authorization failure.", "required_permissions": {"catalogue": "1"}}
    )
    answer = found(url, Query(title="民法"))

    assert ("no copies: we are not let in: Authorization failure.",) == answer.complaints
    assert [None] == [each.available for hit in answer.hits for each in hit.holdings]


def test_a_record_without_koha_s_number_is_told_as_it_stands(koha: FakeKoha, url: str) -> None:
    koha.biblios[0]["marc"] = mij(0, "民法")
    koha.biblios[0]["marc"]["fields"] = [{"245": {"subfields": [{"a": "民法"}]}}]
    answer = found(url, Query(title="民法"))

    assert ["民法"] == [hit.citation.title for hit in answer.hits]
    assert "GET items" not in koha.heard


def test_a_query_for_nothing_asks_nobody(koha: FakeKoha, url: str) -> None:
    assert FoundRecords(LIBRARY, (), 0) == found(url, Query(text=" ", isbn=" \x00"))
    assert [] == koha.heard


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (Response("<html><h1>Oops</h1></html>", 200), Garbled),
        (said(200, {"error": "no list"}), Garbled),
        (said(200, [{"leader": "x"}]), Garbled),
        (said(200, [mij(1, "")]), Garbled),
        (said(302, "", location="/elsewhere"), Refused),
        (said(500, {"error": "Something went wrong, check Koha logs for details."}), Unreachable),
    ],
)
def test_a_finder_fails_in_our_words(
    koha: FakeKoha, url: str, answer: Response, failure: type[PartnerFailure]
) -> None:
    koha.instead["biblios"] = answer
    with pytest.raises(failure):
        found(url, Query(title="法律"))


# ---------------------------------------------------------------- patrons


def test_a_patron_is_found_by_the_very_card(koha: FakeKoha, system: KohaSystem) -> None:
    directory: PatronDirectory = system
    expected = LocalPatron(
        card_number="P1", name="张, 三", email="z@bhu.example", phone="138", category="UG",
        valid_until=date(2027, 6, 30),
    )  # fmt: skip

    assert expected == directory.look_up("P1")
    assert [None, None] == [directory.look_up("P"), directory.look_up("p1")]


def test_a_card_that_only_contains_the_number_is_another(koha: FakeKoha, system: KohaSystem) -> None:
    koha.instead["patrons"] = said(200, [reader(6, "P10")])

    assert system.look_up("P1") is None


def test_what_stands_against_a_patron_is_told(koha: FakeKoha, system: KohaSystem) -> None:
    blocked = system.look_up("P10")

    assert blocked is not None
    assert ("restricted", "card reported lost") == blocked.blocks


@pytest.mark.parametrize(
    ("password", "instead", "right"),
    [
        ("1234", None, True),
        ("4321", None, False),
        ("1234", said(201, {"patron_id": 6}), False),
        ("1234", said(404, {"error": "Not Found"}), None),
        ("1234", said(400, {"errors": [{"message": "Missing property.", "path": "/body/userid"}]}), None),
    ],
)
def test_a_password_is_right_wrong_or_not_spoken_of(
    koha: FakeKoha,
    system: KohaSystem,
    password: str,
    instead: Response | None,
    *,
    right: bool | None,
) -> None:
    if instead is not None:
        koha.instead["auth/password/validation"] = instead
    patron = system.look_up("P1", password=password)

    assert patron is not None
    assert patron.password_is_right is right


def test_a_password_that_we_may_not_ask_about_is_a_failure(koha: FakeKoha, system: KohaSystem) -> None:
    koha.instead["auth/password/validation"] = said(
        403, {"error": "x", "required_permissions": {"borrowers": 1}}
    )
    with pytest.raises(Refused, match="not let in"):
        system.look_up("P1", password="1234")


def test_nobody_has_an_unknown_card_and_a_password(system: KohaSystem) -> None:
    assert system.look_up("P9", password="1234") is None


# ---------------------------------------------------------------- the hold shelf


@pytest.mark.parametrize("flavour", ["MARC21", "UNIMARC"])
def test_an_arrived_book_is_made_known_and_held(
    koha: FakeKoha, url: str, target: Target, flavour: Any
) -> None:
    shelf: HoldShelf = KohaSystem(KohaCalls(target, keeper(url, flavour=flavour)))

    assert "ILL7" == shelf.accept(ARRIVED)
    assert "三体" == koha.biblios[-1]["title"]
    assert {"external_id": "ILL7", "item_type_id": "ILL", "home_library_id": "MAIN"}.items() <= koha.items[
        -1
    ].items()
    assert [(5, koha.items[-1]["item_id"], "MAIN", "req_1")] == [
        (hold["patron_id"], hold["item_id"], hold["pickup_library_id"], hold["notes"]) for hold in koha.holds
    ]


def test_a_book_that_came_in_by_halves_is_not_made_twice(koha: FakeKoha, system: KohaSystem) -> None:
    koha.instead["holds"] = said(503, {"error": "System is under maintenance."})
    with pytest.raises(Unreachable, match="maintenance"):
        system.accept(ARRIVED)
    koha.instead.clear()
    barcodes = [system.accept(ARRIVED) for _ in range(2)]

    assert ["ILL7", "ILL7"] == barcodes
    assert [3, 4, 1] == [len(koha.biblios), len(koha.items), len(koha.holds)]


def test_a_hold_that_is_refused_is_refused_with_its_reason(koha: FakeKoha, system: KohaSystem) -> None:
    with pytest.raises(Refused, match=r"bhu: Hold cannot be placed\. Reason: tooManyReserves") as caught:
        system.accept(replace(ARRIVED, card_number="P10"))

    assert caught.value.again is False


def test_a_place_that_is_missing_is_named(koha: FakeKoha, url: str, target: Target) -> None:
    nowhere = KohaSystem(KohaCalls(target, keeper(url, library_id="")))
    with pytest.raises(Refused, match=r"/body/pickup_library_id: Missing property\."):
        nowhere.accept(ARRIVED)


def test_a_book_goes_to_the_desk_that_is_asked_for(koha: FakeKoha, system: KohaSystem) -> None:
    system.accept(replace(ARRIVED, pickup_location="EAST", author=None, isbn=None))

    assert ["EAST"] == [hold["pickup_library_id"] for hold in koha.holds]


def test_nobody_s_book_is_not_taken_in(koha: FakeKoha, system: KohaSystem) -> None:
    with pytest.raises(Refused, match="nobody holds this card"):
        system.accept(replace(ARRIVED, card_number="P9"))

    assert 2 == len(koha.biblios)


def test_an_answer_that_does_not_say_what_was_made_is_garbled(koha: FakeKoha, system: KohaSystem) -> None:
    koha.instead["biblios"] = said(200, {})
    with pytest.raises(Garbled, match="no id"):
        system.accept(ARRIVED)


# ---------------------------------------------------------------- lending


def test_a_book_is_lent_once_however_often_it_is_told(koha: FakeKoha, system: KohaSystem) -> None:
    for _ in range(2):
        system.check_out("m", card_number="P1", barcode="B11", due=date(2026, 2, 1))

    assert [(5, 11)] == [(loan["patron_id"], loan["item_id"]) for loan in koha.checkouts]


def test_a_book_that_another_has_is_refused(koha: FakeKoha, system: KohaSystem) -> None:
    system.check_out("m", card_number="P10", barcode="B11", due=date(2026, 2, 1))
    with pytest.raises(Refused, match="Confirmation error"):
        system.check_out("m", card_number="P1", barcode="B11", due=date(2026, 2, 1))
    with pytest.raises(Refused, match="no such item"):
        system.check_out("m", card_number="P1", barcode="B1", due=date(2026, 2, 1))


# ---------------------------------------------------------------- who we are


def test_a_system_fetches_a_token_anew_once_when_its_own_is_not_believed(
    koha: FakeKoha, system: KohaSystem
) -> None:
    system.look_up("P1")
    koha.tokens.clear()
    koha.heard.clear()
    system.look_up("P1")
    koha.instead["patrons"] = said(401, {"error": "Authentication failure."})
    with pytest.raises(Refused, match="not let in"):
        system.look_up("P1")

    assert ["GET patrons", "POST oauth/token", "GET patrons"] * 2 == koha.heard


def test_a_token_is_not_trusted_to_its_last_second() -> None:
    now = [0.0]
    held = Keeper(LIBRARY, keeper("http://x").profile, SECRETS, clock=lambda: now[0])
    reply = token_reply(200, {"access_token": "t", "expires_in": 60})
    shown = held.keep(reply)
    now[0] = 29.0
    before = held.authorization()
    now[0] = 31.0

    assert ["Bearer t", "Bearer t", None] == [shown, before, held.authorization()]


@pytest.mark.parametrize(
    "content", [{}, {"access_token": ""}, {"access_token": "a\nb"}, {"access_token": "密"}, []]
)
def test_an_answer_without_a_token_is_garbled(content: Any) -> None:
    with pytest.raises(Garbled):
        keeper("http://x").keep(token_reply(200, content))


def test_what_another_fetched_meanwhile_is_not_forgotten() -> None:
    held = keeper("http://x")
    held.keep(token_reply(200, {"access_token": "old", "expires_in": "soon"}))
    held.keep(token_reply(200, {"access_token": "new"}))

    assert held.forget("Bearer old")
    assert "Bearer new" == held.authorization()


def test_a_koha_that_does_not_answer_is_unreachable() -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("down", request=request)

    system = KohaSystem(KohaCalls(Target(LIBRARY, transport=httpx.MockTransport(fail)), keeper("http://x")))
    with pytest.raises(Unreachable):
        system.look_up("P1")
