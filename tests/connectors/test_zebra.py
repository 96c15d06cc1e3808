"""Real targets: Zebra over the project's records by Z39.50 and SRU, and the test server of YAZ."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from typing import Any

import pytest

from connectors.addresses import ANYWHERE
from connectors.failures import Refused
from connectors.ports import FoundRecords
from connectors.probes import try_out
from connectors.profiles import read_profile
from connectors.sru import codec as sru_codec
from connectors.sru.client import SruFinder
from connectors.sru.mapping import Indexes, chosen, found_records
from connectors.sru.messages import Explanation
from connectors.sru.messages import SearchRequest as SruRequest
from connectors.transport import MEGABYTE, AsyncTarget
from connectors.z3950 import ber, codec
from connectors.z3950.client import Z3950Finder
from connectors.z3950.mapping import Habits, Z3950Profile
from connectors.z3950.messages import (
    InitializeRequest,
    Operand,
    PresentRequest,
    PresentResponse,
    Request,
    Response,
    SearchRequest,
    SearchResponse,
    Syntax,
)
from tests.connectors.factories import NOW
from tests.connectors.promises import FinderPromises
from tests.support.zebra import Target
from workflows.citation import Query

pytestmark = pytest.mark.ci

SRU_VERSIONS = ("1.1", "1.2", "2.0")
#: Zebra keeps ISBNs as they are printed.
CHINA = Operand(((1, 1016),), b"china")
INDEXES = Indexes(asks_both_isbns=True)


def finder(target: Target, *, size: int = 10, **profile: Any) -> Z3950Finder:
    return Z3950Finder("bhu", Z3950Profile(host=target.host, port=target.port, **profile), size=size)


def found(target: Target, query: Query, *, size: int = 10, **profile: Any) -> FoundRecords:
    return asyncio.run(finder(target, size=size, **profile).find(query, deadline=60))


class Sru:
    """An SRU finder that opens and closes its connections with each search."""

    def __init__(self, target: Target, *, path: str = "", **facts: Any) -> None:
        self._url = target.url + path
        self._facts = {"indexes": INDEXES, **facts}

    async def find(self, query: Query, **told: Any) -> FoundRecords:
        target = AsyncTarget("bhu")
        try:
            return await SruFinder(target, self._url, **self._facts).find(query, **told)
        finally:
            await target.close()

    async def explain(self) -> Explanation:
        target = AsyncTarget("bhu")
        try:
            return await SruFinder(target, self._url, **self._facts).explain(deadline=60)
        finally:
            await target.close()


def searched(target: Target, query: Query, **facts: Any) -> FoundRecords:
    return asyncio.run(Sru(target, **facts).find(query, deadline=60))


class TestZebraByZ3950(FinderPromises):
    @pytest.fixture
    def finder(self, zebra: Target) -> Z3950Finder:
        return finder(zebra)

    @pytest.fixture
    def broken_finder(self, zebra: Target) -> Z3950Finder:
        return finder(zebra, database="Nowhere")


class TestZebraBySru(FinderPromises):
    @pytest.fixture
    def finder(self, zebra: Target) -> Sru:
        return Sru(zebra)

    @pytest.fixture
    def broken_finder(self, zebra: Target) -> Sru:
        return Sru(zebra, path="/none")


#: Queries and the title of a book that each must find.
WANTED = [
    (Query(title="中国科技法学"), "中国科技法学"),
    (Query(title="civil law"), "中国民法案例与学理硏究: Case studies in Chinese civil law"),
    (Query(author="Xie, Hui"), "价值重建与规范选择: 中国法治现代化沉思"),
    (Query(isbn="7-209-02212-0"), "价值重建与规范选择: 中国法治现代化沉思"),
    (Query(isbn="9787209022125"), "价值重建与规范选择: 中国法治现代化沉思"),
    (Query(text="Hui 法治"), "价值重建与规范选择: 中国法治现代化沉思"),
]


@pytest.mark.parametrize(("query", "title"), WANTED)
@pytest.mark.parametrize("form", [{}, {"syntaxes": (Syntax.XML,), "element_set": "marcxml"}])
def test_zebra_finds_by_z3950(zebra: Target, query: Query, title: str, form: dict[str, Any]) -> None:
    answer = found(zebra, query, **form)

    assert title in {hit.citation.title for hit in answer.hits}
    assert answer.complaints == ()


def test_zebra_combines_what_it_is_asked(zebra: Target) -> None:
    either = Query(title="civil", any_of=(Query(title='"civil law"'), Query(title="rights")))
    without = replace(either, none_of=(Query(title="movement"), Query(title="chinese", year="1900")))
    told = [
        {hit.citation for hit in ask(zebra, query).hits}
        for query in (either, without)
        for ask in (
            lambda target, query: found(target, query, size=100),
            lambda target, query: found(target, query, size=100, habits=Habits(phrase=1)),
            searched,
        )
    ]

    assert told[0] == told[1] == told[2] > told[3] == told[4] == told[5] > set()


@pytest.mark.parametrize(("query", "title"), WANTED)
@pytest.mark.parametrize("version", SRU_VERSIONS)
def test_zebra_finds_by_sru(zebra: Target, query: Query, title: str, version: str) -> None:
    answer = searched(zebra, query, version=version)

    assert title in {hit.citation.title for hit in answer.hits}
    assert answer.complaints == ()


def test_both_ways_find_the_same(zebra: Target) -> None:
    query = Query(title="中国")
    one, other = found(zebra, query, size=20), searched(zebra, query, size=20)

    assert [hit.citation for hit in one.hits] == [hit.citation for hit in other.hits]
    assert one.total == other.total > 20


@pytest.mark.parametrize("size", [1, 7, 30])
def test_as_many_records_are_presented_as_asked_for(zebra: Target, size: int) -> None:
    answer = found(zebra, Query(text="china"), size=size)

    assert len(answer.hits) == size < answer.total < zebra.size


def test_a_form_that_zebra_has_not_gives_way_to_one_it_has(zebra: Target) -> None:
    answer = found(zebra, Query(title="法律"), syntaxes=(Syntax.UNIMARC, Syntax.MARC21))

    assert answer.hits


@pytest.mark.parametrize(
    ("profile", "code"),
    [
        ({"database": "Nowhere"}, "109 "),
        ({"habits": Habits(title=9999)}, "114 "),
        ({"habits": Habits(relation=99)}, "117 "),
        ({"habits": Habits(truncation=99)}, "120 "),
        ({"syntaxes": (Syntax.UNIMARC,)}, "239 "),
    ],
)
def test_what_zebra_refuses_is_named(zebra: Target, profile: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as caught:
        found(zebra, Query(title="法律"), **profile)

    assert caught.value.detail.startswith(code)
    assert not caught.value.again


@pytest.mark.parametrize(
    ("facts", "code"), [({"indexes": Indexes(title="dc.nope")}, "16 "), ({"schema": "mods"}, "66 ")]
)
@pytest.mark.parametrize("version", SRU_VERSIONS)
def test_what_zebra_refuses_by_sru_is_named(
    zebra: Target, facts: dict[str, Any], code: str, version: str
) -> None:
    with pytest.raises(Refused) as caught:
        searched(zebra, Query(title="法律"), version=version, **facts)

    assert caught.value.detail.startswith(code)


def conversation(target: Target, *requests: Request) -> list[Response]:
    """Return what *target* answers to each request in turn."""
    framer, answers = ber.Framer(MEGABYTE), []
    with socket.create_connection((target.host, target.port), timeout=60) as line:
        for request in (InitializeRequest(message_size=MEGABYTE), *requests):
            line.sendall(codec.encode(request))
            while (answer := framer.message()) is None:
                framer.feed(line.recv(65536))
            answers.append(codec.decode(answer))
    return answers[1:]


def test_any_range_of_the_result_set_is_presented(zebra: Target) -> None:
    search = SearchRequest(database="Default", query=CHINA, syntax=Syntax.MARC21)
    three, last, beyond = (
        PresentRequest(start=start, size=size, syntax=Syntax.MARC21)
        for start, size in ((1, 3), (3, 1), (999, 1))
    )
    found, first, second, third = conversation(zebra, search, three, last, beyond)

    assert isinstance(found, SearchResponse)
    assert isinstance(first, PresentResponse)
    assert [found.is_success, len(first.records)] == [True, 3]
    assert second == PresentResponse(first.records[2:], (), 1)
    assert isinstance(third, PresentResponse)
    assert [diagnostic.code for diagnostic in third.diagnostics] == [13]


@pytest.mark.parametrize("version", SRU_VERSIONS)
def test_zebra_says_by_sru_what_lies_beyond_the_last_record(zebra: Target, version: str) -> None:
    request = sru_codec.parameters(SruRequest(query="dc.title = china", version=version, start=999))

    async def ask() -> bytes:
        target = AsyncTarget("bhu")
        try:
            return (await target.get(zebra.url, params=request, deadline=60)).body
        finally:
            await target.close()

    answer = sru_codec.decode(asyncio.run(ask()))

    assert [diagnostic.code for diagnostic in answer.diagnostics] == ["61"]
    assert found_records(answer, library="bhu").total > 20


@pytest.mark.parametrize("version", SRU_VERSIONS)
def test_zebra_explains_what_to_ask_for(zebra: Target, version: str) -> None:
    told = asyncio.run(Sru(zebra, version=version).explain())

    assert chosen(told) == Indexes()
    assert "marcxml" in told.schemas


def test_the_test_server_finds_by_z3950(yaz_ztest: Target) -> None:
    answer = found(yaz_ztest, Query(title="computer"))

    assert answer.hits[0].citation.title == "How to program a computer"
    assert answer.total > len(answer.hits) == 10


def test_the_test_server_tells_the_copies_in_the_opac_form(yaz_ztest: Target) -> None:
    (hit,) = found(yaz_ztest, Query(title="computer"), syntaxes=(Syntax.OPAC,), size=1).hits
    (copy,) = hit.holdings

    assert [copy.barcode, copy.call_number, copy.available] == ["1226176", "MLCM 89/00602 (N)", True]


def test_the_test_server_is_asked_by_sru(yaz_ztest: Target) -> None:
    assert searched(yaz_ztest, Query(title="computer")).hits


def test_a_trial_names_what_a_real_target_refuses(zebra: Target) -> None:
    told = {
        "sru": {"url": zebra.url, "schema": "nosuch", "indexes": {"title": "dc.nosuch"}},
        "z3950": {"host": zebra.host, "port": zebra.port, "habits": {"author": 9999}, "syntaxes": ["MARC21"]},
    }
    right = {"sru": {"url": zebra.url}, "z3950": {"host": zebra.host, "port": zebra.port}}

    def refused(profile: dict[str, Any]) -> set[str]:
        trials = try_out(read_profile("bhu", profile, {}), now=lambda: NOW, reach=ANYWHERE)
        return {each.field for trial in trials for each in trial.refused}

    # It has no index of ISSNs.
    always = {"sru.indexes.issn", "z3950.habits.issn"}

    assert always | {"sru.indexes.title", "sru.schema", "z3950.habits.author"} == refused(told)
    assert always == refused(right)
