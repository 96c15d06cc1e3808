"""The sandbox library as a catalogue: what it owns, and how it answers searches."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest

from connectors.marc.records import Field, MarcRecord
from connectors.ports import Finder
from connectors.sandbox.catalogue import Catalogue, folded
from connectors.sandbox.config import Config
from connectors.sandbox.cql import CqlFault, parse
from connectors.sandbox.shelf import Title, owners
from connectors.sru.client import SruFinder
from connectors.sru.codec import decode
from connectors.sru.mapping import BATH, Indexes
from connectors.transport import AsyncTarget
from tests.connectors.promises import FinderPromises
from tests.connectors.sandboxes import CODES, Sandbox, sandbox, shelf
from workflows.citation import Query


class _InProcess(httpx.AsyncBaseTransport):
    """Carries calls into a WSGI application."""

    def __init__(self, box: Sandbox) -> None:
        self._client = box.app.test_client()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._client.get(request.url.raw_path.decode())
        return httpx.Response(answer.status_code, headers=dict(answer.headers), content=answer.data)


def finder_of(box: Sandbox) -> SruFinder:
    return SruFinder(AsyncTarget("bhu", transport=_InProcess(box)), "http://bhu.example/sru")


class TestMarc21Finder(FinderPromises):
    @pytest.fixture
    def finder(self) -> Finder:
        return finder_of(sandbox())

    @pytest.fixture
    def broken_finder(self) -> Finder:
        return finder_of(sandbox(scenario="garbled"))


class TestCnmarcFinder(FinderPromises):
    @pytest.fixture
    def finder(self) -> Finder:
        return finder_of(sandbox(marc="cnmarc"))

    @pytest.fixture
    def broken_finder(self) -> Finder:
        return finder_of(sandbox(marc="cnmarc", scenario="garbled"))


def test_every_title_has_two_to_four_owners_and_each_time_the_same() -> None:
    codes = ("a", "b", "c", "d", "e")
    counts = Counter(len(owners(str(number), codes)) for number in range(200))

    assert set(counts) == {2, 3, 4}
    assert owners("1", codes) == owners("1", codes)


def test_libraries_share_titles_but_no_barcodes() -> None:
    held = [{title.record.record_id for title in shelf(code)} for code in CODES]
    barcodes = [copy.barcode for code in CODES for title in shelf(code) for copy in title.copies]

    assert held[0] & held[1]
    assert held[0] - held[1]
    assert len(set(barcodes)) == len(barcodes)


def test_an_unknown_scenario_record_format_or_setting_is_refused() -> None:
    for content in ({"scenario": "x"}, {"marc": "x"}, {"colour": "x"}):
        with pytest.raises(ValueError, match=r"x|colour"):
            Config.of({"library": "bhu", **content})


def test_a_library_alone_knows_itself() -> None:
    assert Config.of({"library": "bhu"}).codes == ("bhu",)


def answer(**params: str) -> Any:
    body = sandbox().app.test_client().get("/sru", query_string=params).data
    return decode(body)


def first_isbn() -> str:
    return next(title.record.first("020", "a") for title in shelf("bhu") if title.record.first("020", "a"))


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"operation": "scan"}, "4"),
        ({"version": "3", "query": "x"}, "5"),
        ({"query": "x", "maximumRecords": "many"}, "6"),
        ({"query": "x", "startRecord": "0"}, "6"),
        ({"operation": "searchRetrieve"}, "7"),
        ({"query": "(a"}, "10"),
        ({"query": "("}, "10"),
        ({"query": 'a "'}, "10"),
        ({"query": "a b"}, "10"),
        ({"query": "dc.title = )"}, "10"),
        ({"query": ")"}, "10"),
        ({"query": "a)"}, "10"),
        ({"query": "(a b"}, "10"),
        ({"query": "(" * 60 + "a" + ")" * 60}, "10"),
        ({"query": "dc.nope = a"}, "16"),
        ({"query": "dc.title > a"}, "19"),
        ({"query": "xyzzy", "startRecord": "9"}, "61"),
        ({"query": "x", "recordSchema": "mods"}, "66"),
        ({"query": "x", "recordPacking": "box"}, "71"),
    ],
)
def test_what_cannot_be_answered_is_diagnosed(params: dict[str, str], code: str) -> None:
    assert [diagnostic.code for diagnostic in answer(**params).diagnostics] == [code]


def test_a_book_is_found_by_its_isbn_its_id_and_its_words() -> None:
    record = next(title.record for title in shelf("bhu") if title.record.first("020", "a"))
    isbn = record.first("020", "a").split()[0]

    assert answer(query=f"bath.isbn = {isbn}").total >= 1
    assert answer(query=f"rec.id = {record.record_id}").total == 1
    assert answer(query="bath.isbn = nothing").total == 0


def test_a_serial_is_found_by_its_issn() -> None:
    serial = MarcRecord("", (), (Field("022", "  ", (("a", "0317-8471"),)),))
    catalogue = Catalogue([Title(serial, ())])

    assert 1 == len(catalogue.search(parse('bath.issn = "0317-8471"')))
    assert 0 == len(catalogue.search(parse('bath.issn = "0317-8472"')))


def test_and_or_and_not_mean_what_they_say() -> None:
    law, book = answer(query="法律").total, answer(query="law").total
    both = answer(query="法律 and law").total

    assert answer(query="法律 or law").total == law + book - both
    assert answer(query="法律 not law").total == law - both
    assert answer(query="(法律)").total == law
    assert answer(query='dc.title any "法律 law"').total >= answer(query="dc.title = 法律").total


def test_records_come_in_pages_and_in_either_packing() -> None:
    first = answer(query="law", maximumRecords="1")
    again = answer(query="law", maximumRecords="1", recordPacking="string")
    second = answer(query="law", maximumRecords="1", startRecord="2")

    assert len(first.records) == len(again.records) == len(second.records) == 1
    assert first.total == second.total


def test_a_server_explains_itself() -> None:
    body = sandbox().app.test_client().get("/sru").data

    assert b"explainResponse" in body
    assert b"serverChoice" in body


def test_words_are_folded_and_han_runs_stand_apart() -> None:
    assert folded("Über-ABC三体!") == " uber abc 三体 "


def test_cql_with_quotes_and_escapes_is_read() -> None:
    assert getattr(parse(r'"a \"b\""'), "term", None) == 'a "b"'
    with pytest.raises(CqlFault):
        parse("")


@pytest.mark.parametrize(
    "query",
    [
        Query(title="中国", subject="economic"),
        Query(title="中国现代", year="1990-1999"),
        Query(title="中国", none_of=(Query(subject="china"),)),
        Query(
            title="中国现代",
            any_of=(Query(year="1998"), Query(subject="history"), Query(publisher="人民出版社")),
        ),
        Query(text='"economic policy" 中国'),
        Query(publisher="人民出版社", year="-1997"),
    ],
)
def test_whether_a_server_has_an_index_or_not_the_same_is_found(query: Query) -> None:
    target = AsyncTarget("bhu", transport=_InProcess(sandbox()))
    able = Indexes(subject="dc.subject", publisher="dc.publisher", year="dc.date", phrases="adj")
    found, sifted = (
        asyncio.run(
            SruFinder(target, "http://bhu.example/sru", indexes=indexes, size=100).find(query, deadline=60)
        )
        for indexes in (able, BATH)
    )

    assert found.hits
    assert found.hits == sifted.hits
    assert sifted.total >= found.total
