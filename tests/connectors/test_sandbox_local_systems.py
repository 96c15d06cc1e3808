"""The sandbox library's own system, asked by our own clients: NCIP, SIP2, Koha and Z39.50."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest

from connectors.addresses import ANYWHERE
from connectors.failures import PartnerFailure, Refused
from connectors.koha.calls import KohaCalls
from connectors.koha.client import KohaFinder, KohaSystem
from connectors.koha.keeper import Keeper
from connectors.koha.mapping import KohaProfile
from connectors.koha.mapping import Login as KohaLogin
from connectors.ncip.client import NcipSystem
from connectors.ncip.mapping import NcipProfile
from connectors.ports import Finder, HoldShelf, PatronDirectory
from connectors.sip2.client import Sip2System
from connectors.sip2.mapping import Login, Sip2Profile
from connectors.sip2.messages import ItemState
from connectors.transport import AsyncTarget, Limits, Target
from connectors.z3950.client import Z3950Finder
from connectors.z3950.mapping import Habits, Z3950Profile
from connectors.z3950.messages import Credentials, Syntax
from tests.connectors.factories import NOW
from tests.connectors.promises import FinderPromises, HoldShelfPromises, PatronDirectoryPromises
from tests.connectors.sandboxes import Sandbox, opened, sandbox
from workflows.citation import Query

EVERYTHING = ("iso18626", "ncip", "koha", "sip2", "z3950")
BROKEN = ["500", "garbled", "closed_connection"]


def box(scenario: str = "accepts", **facts: Any) -> Sandbox:
    return sandbox(**{"protocols": EVERYTHING, "scenario": scenario, **facts})


def ncip(known: Sandbox) -> NcipSystem:
    target = Target("bhu", transport=httpx.WSGITransport(known.app))
    profile = NcipProfile(url="http://bhu.example/ncip", our_agency="us", their_agency="bhu")
    return NcipSystem(target, profile, lambda: NOW)


def keeper(password: str = "s3cret", kind: Any = "oauth") -> Keeper:
    profile = KohaProfile(
        base_url="http://bhu.example", login=KohaLogin("broker", "koha", kind), library_id="BHU"
    )
    return Keeper("bhu", profile, lambda _: password)


def koha(known: Sandbox, **login: Any) -> KohaSystem:
    target = Target("bhu", transport=httpx.WSGITransport(known.app))
    return KohaSystem(KohaCalls(target, keeper(**login)))


def sip2(port: int, password: str = "s3cret") -> Sip2System:
    profile = Sip2Profile(host="127.0.0.1", port=port, login=Login("broker", "sip2"))
    limits = Limits(connect=2.0, total=2.0, size=64 * 1024)
    return Sip2System("bhu", profile, secrets=lambda _: password, now=lambda: NOW, limits=limits)


class TestNcip(PatronDirectoryPromises, HoldShelfPromises):
    @pytest.fixture
    def directory(self) -> PatronDirectory:
        return ncip(box())

    @pytest.fixture(params=["500", "garbled"])
    def broken_directory(self, request: pytest.FixtureRequest) -> PatronDirectory:
        return ncip(box(request.param))

    @pytest.fixture
    def hold_shelf(self) -> HoldShelf:
        return ncip(box())


class TestKoha(PatronDirectoryPromises, HoldShelfPromises):
    @pytest.fixture(params=["oauth", "basic"])
    def directory(self, request: pytest.FixtureRequest) -> PatronDirectory:
        return koha(box(), kind=request.param)

    @pytest.fixture(params=["500", "garbled"])
    def broken_directory(self, request: pytest.FixtureRequest) -> PatronDirectory:
        return koha(box(request.param))

    @pytest.fixture
    def hold_shelf(self) -> HoldShelf:
        return koha(box())


class TestSip2(PatronDirectoryPromises):
    @pytest.fixture
    def directory(self) -> Iterator[PatronDirectory]:
        with opened(box()) as ports:
            system = sip2(ports["sip2"])
            yield system
            system.close()

    @pytest.fixture(params=BROKEN)
    def broken_directory(self, request: pytest.FixtureRequest) -> Iterator[PatronDirectory]:
        with opened(box(request.param)) as ports:
            system = sip2(ports["sip2"])
            yield system
            system.close()


class TestKohaCatalogue(FinderPromises):
    @pytest.fixture
    def finder(self) -> Finder:
        return self._finder(box())

    @pytest.fixture(params=["500", "garbled"])
    def broken_finder(self, request: pytest.FixtureRequest) -> Finder:
        return self._finder(box(request.param))

    @staticmethod
    def _finder(known: Sandbox) -> Finder:
        # httpx has no asynchronous way into an application of ours, so that the answer is fetched beside it
        def carried(request: httpx.Request) -> httpx.Response:
            with httpx.Client(transport=httpx.WSGITransport(known.app)) as client:
                answer = client.send(request)
            return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

        return KohaFinder(AsyncTarget("bhu", transport=httpx.MockTransport(carried)), keeper())


@pytest.mark.parametrize("marc", ["marc21", "cnmarc"])
class TestZ3950(FinderPromises):
    @pytest.fixture
    def finder(self, marc: str) -> Iterator[Finder]:
        with opened(box(marc=marc)) as ports:
            syntax = Syntax.UNIMARC if marc == "cnmarc" else Syntax.MARC21
            yield target_of(ports["z3950"], syntaxes=(syntax,))

    @pytest.fixture(params=BROKEN)
    def broken_finder(self, marc: str, request: pytest.FixtureRequest) -> Iterator[Finder]:
        with opened(box(request.param, marc=marc)) as ports:
            yield target_of(ports["z3950"])


def target_of(port: int, **facts: Any) -> Z3950Finder:
    profile = Z3950Profile(**{"host": "127.0.0.1", "port": port, "encoding": "utf-8", **facts})
    return Z3950Finder("bhu", profile, Limits(connect=2.0, total=2.0), ANYWHERE)


@pytest.fixture(scope="module")
def z3950() -> Iterator[int]:
    with opened(box()) as ports:
        yield ports["z3950"]


def test_a_target_sends_xml_too_and_only_what_it_has(z3950: int) -> None:
    query = Query(title="law")
    found = asyncio.run(target_of(z3950, syntaxes=(Syntax.XML,)).find(query, deadline=60))

    assert found.hits
    with pytest.raises(PartnerFailure, match="239"):
        asyncio.run(target_of(z3950, syntaxes=(Syntax.UNIMARC,)).find(query, deadline=60))


def test_a_target_complains_of_what_it_cannot_look_up(z3950: int) -> None:
    with pytest.raises(PartnerFailure, match="114"):
        asyncio.run(target_of(z3950, habits=Habits(title=99)).find(Query(title="law"), deadline=60))


def test_a_target_finds_what_is_combined(z3950: int) -> None:
    query = Query(
        title="law", year="2000-2001", any_of=(Query(subject="united states"), Query(text='"case law"'))
    )
    able = Habits(subject=21, year=31, phrase=1)
    without = replace(query, none_of=(Query(title="work"), Query(year="2001")))
    told = [
        {hit.citation for hit in asyncio.run(target_of(z3950, habits=habits).find(asked, deadline=60)).hits}
        for asked in (query, without)
        for habits in (able, Habits())
    ]

    assert told[0] == told[1] > told[2] == told[3] > set()
    assert not any(work.year == 2001 or "judicial" in work.title for work in told[2])


@pytest.mark.parametrize(("password", "is_known"), [("s3cret", True), ("guess", False)])
def test_a_target_believes_whoever_says_nothing_or_the_right_thing(
    z3950: int, password: str, *, is_known: bool
) -> None:
    finder = target_of(z3950, credentials=Credentials(user="broker", password=password))
    if is_known:
        assert asyncio.run(finder.find(Query(title="law"), deadline=60)).hits
    else:
        with pytest.raises(Refused):
            asyncio.run(finder.find(Query(title="law"), deadline=60))


@pytest.mark.parametrize("kind", ["ncip", "sip2"])
def test_a_book_is_lent_and_comes_back(kind: str) -> None:
    known = box()
    copy = next(
        copy for title in known.library.catalogue.titles(99) for copy in title.copies if copy.available
    )
    with opened(known) as ports:
        system: Any = ncip(known) if kind == "ncip" else sip2(ports["sip2"])
        system.check_out("m1", card_number="P1", barcode=copy.barcode, due=date(2026, 4, 1))
        lent = known.library.local.book(copy.barcode)
        assert lent is not None
        assert lent.holder == "P1"
        system.check_out("m1", card_number="P1", barcode=copy.barcode, due=date(2026, 4, 1))
        system.check_in("m2", barcode=copy.barcode)
        system.check_in("m2", barcode=copy.barcode)
        assert lent.holder == ""
        for card, barcode in (("P2", copy.barcode), ("P1", "none"), ("P9", copy.barcode)):
            with pytest.raises(Refused):
                system.check_out("m3", card_number=card, barcode=barcode, due=date(2026, 4, 1))
        if kind == "sip2":
            system.close()


def test_koha_lends_what_it_took_in_and_what_it_owns() -> None:
    known = box()
    copy = next(
        copy for title in known.library.catalogue.titles(99) for copy in title.copies if copy.available
    )
    system = koha(known)
    system.check_out("m1", card_number="P1", barcode=copy.barcode, due=date(2026, 4, 1))
    system.check_out("m1", card_number="P1", barcode=copy.barcode, due=date(2026, 4, 1))

    assert [("P1", False)] == [(book.holder, book.is_foreign) for book in known.library.local.books()]
    for card, barcode in (("P2", copy.barcode), ("P1", "none"), ("P9", copy.barcode)):
        with pytest.raises(Refused):
            system.check_out("m2", card_number=card, barcode=barcode, due=date(2026, 4, 1))


@pytest.mark.parametrize(("password", "right"), [("1234", True), ("4321", False)])
def test_a_readers_password_is_known_by_every_system(password: str, *, right: bool) -> None:
    known = box()
    with opened(known) as ports:
        over_sip2 = sip2(ports["sip2"])
        found = [each.look_up("P1", password=password) for each in (ncip(known), koha(known), over_sip2)]
        over_sip2.close()

    assert [right] * 3 == [each.password_is_right for each in found if each is not None]
    assert {("p1@example.org", "UG")} == {(each.email, each.category) for each in found if each is not None}


def test_ncip_takes_a_request_and_forgets_a_book_that_is_not_its_own() -> None:
    system = ncip(box())
    arrived = HoldShelfPromises.test_a_book_that_is_put_there_twice_has_one_number
    arrived(HoldShelfPromises(), system)
    number = system.request_copy("req_9", card_number="P1", barcode="B9")
    system.cancel_request(number, card_number="P1")
    system.cancel_request(number, card_number="P1")
    system.forget("m1", barcode="B9")
    system.forget("m1", barcode="B9")

    with pytest.raises(Refused):
        system.check_out("m2", card_number="P1", barcode="B9", due=date(2026, 4, 1))


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"<x>", "Invalid Message Syntax Error"),
        (b"<NCIPMessage/>", "Invalid Message Syntax Error"),
        (b"<NCIPMessage><Dance/></NCIPMessage>", "Unsupported Service"),
        (
            b"<NCIPMessage><AcceptItem><UserIdentifierValue>P1</UserIdentifierValue></AcceptItem></NCIPMessage>",
            "Needed Data Missing",
        ),
    ],
)
def test_ncip_names_the_problem(body: bytes, problem: str) -> None:
    assert problem in box().app.test_client().post("/ncip", data=body).text


def test_sip2_knows_where_a_copy_is_and_holds_it() -> None:
    known = box()
    copy = next(
        copy for title in known.library.catalogue.titles(99) for copy in title.copies if copy.available
    )
    with opened(known) as ports:
        system = sip2(ports["sip2"])
        states = [system.item_state(copy.barcode), system.item_state("none")]
        system.hold(card_number="P1", barcode=copy.barcode)
        states.append(system.item_state(copy.barcode))
        system.renew(card_number="P1", barcode=copy.barcode, due=date(2026, 5, 1))
        states.append(system.item_state(copy.barcode))
        system.close()

    assert states == [ItemState.AVAILABLE, ItemState.OTHER, ItemState.ON_HOLD_SHELF, ItemState.CHARGED]


def test_sip2_and_koha_turn_away_whoever_is_not_known() -> None:
    known = box()
    with opened(known) as ports:
        system = sip2(ports["sip2"], password="guess")
        with pytest.raises(PartnerFailure):
            system.look_up("P1")
        system.close()
    for kind in ("oauth", "basic"):
        with pytest.raises(PartnerFailure):
            koha(known, password="guess", kind=kind).look_up("P1")


@pytest.mark.parametrize(
    ("method", "path", "said", "status"),
    [
        ("GET", "biblios", {"headers": {"accept": "text/html"}}, 406),
        ("GET", "items?q=[]", {}, 400),
        ("GET", 'items?q={"title":{"-not":1}}', {}, 400),
        ("GET", "items", {"headers": {"content-type": "application/json"}}, 400),
        ("POST", "biblios", {"json": {}}, 406),
        ("POST", "biblios", {"data": b"<x>", "content_type": "application/marcxml+xml"}, 400),
        ("POST", "holds", {"json": {"patron_id": 5, "item_id": 11}}, 400),
        ("POST", "holds", {"json": {"patron_id": 9, "item_id": 11, "pickup_library_id": "B"}}, 400),
        ("POST", "holds", {"json": {"patron_id": 5, "item_id": 19, "pickup_library_id": "B"}}, 400),
        ("POST", "holds", {"json": {"patron_id": 6, "item_id": 11, "pickup_library_id": "B"}}, 403),
        ("POST", "checkouts", {"json": {"patron_id": 5, "item_id": "x"}}, 412),
    ],
)
def test_koha_refuses_as_koha_does(method: str, path: str, said: dict[str, Any], status: int) -> None:
    client = box(user="").app.test_client()

    assert status == client.open(f"/api/v1/{path}", method=method, **said).status_code


def test_a_slow_library_answers_when_its_time_has_come() -> None:
    known = box("slow", pace=0.1)
    with opened(known) as ports:
        system = sip2(ports["sip2"])
        found = system.look_up("P1")
        system.close()

    assert found is not None
