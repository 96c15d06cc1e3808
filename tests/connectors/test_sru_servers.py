"""SRU beyond the search: what servers offer, copies asked for separately, and answers meant to do harm."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.failures import Garbled, PartnerFailure, Refused
from connectors.ports import FoundRecords
from connectors.sru.client import SruFinder
from connectors.sru.codec import NotSru, decode, decode_explanation, explain_parameters
from connectors.sru.mapping import BATH, Indexes, chosen, cql, found_records
from connectors.sru.messages import Explanation
from connectors.transport import MEGABYTE, AsyncTarget
from tests.support.reference import reference
from workflows.citation import Query

MARC = """<record><controlfield tag="001">7</controlfield>
<datafield tag="245"><subfield code="a">X</subfield></datafield></record>"""
COPY = """<copyInformation><pieceIdentifier><value>{}</value></pieceIdentifier></copyInformation>"""
NAMED = "<resource><resourceIdentifier><value>7</value></resourceIdentifier></resource>"
DIAGNOSTIC = "<diagnostic><uri>info:srw/diagnostic/1/{}</uri></diagnostic>"


def recorded(name: str) -> Path:
    return reference(f"standards/sru/{name}")


def response(*records: str, diagnostics: str = "", total: int = 1) -> str:
    wrapped = "".join(f"<record><recordData>{record}</recordData></record>" for record in records)
    return (
        f"<searchRetrieveResponse><numberOfRecords>{total}</numberOfRecords><records>{wrapped}</records>"
        f"<diagnostics>{diagnostics}</diagnostics></searchRetrieveResponse>"
    )


def search(answer: Callable[[str], str], *, status: int = 200) -> FoundRecords:
    """Return what a finder makes of a server that answers each schema so."""

    def carry(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, text=answer(request.url.params["recordSchema"]))

    target = AsyncTarget("bhu", transport=httpx.MockTransport(carry))
    finder = SruFinder(target, "http://bhu.example/sru", holdings_schema="isohold")
    return asyncio.run(finder.find(Query(title="X"), deadline=60))


# ---------------------------------------------------------------- what servers offer


def explained(*names: str) -> bytes:
    told = "".join(
        f'<index><map><name set="{context}">{name}</name></map></index>'
        for context, _, name in (each.rpartition(".") for each in names)
    )
    return f"""<explainResponse><record><recordData><explain><serverInfo version="1.2"/>
    <indexInfo>{told}</indexInfo><schemaInfo><schema name="dc" identifier="info:dc"/><schema/></schemaInfo>
    </explain></recordData></record></explainResponse>""".encode()


def test_a_server_says_what_it_offers() -> None:
    assert decode_explanation(explained("dc.title", "any")) == Explanation(
        frozenset({"dc.title", "any"}), frozenset({"dc", "info:dc"}), "1.2"
    )


def test_an_explanation_may_be_bare_or_come_as_text() -> None:
    packed = "<r><recordData>&lt;explain/&gt;</recordData></r>"

    assert (
        decode_explanation(b"<explain/>") == decode_explanation(packed.encode()) == Explanation(frozenset())
    )


@pytest.mark.parametrize(
    "body", [b"", b"<html/>", b"<r><recordData/></r>", b"<r><recordData>&lt;a/&gt;</recordData></r>"]
)
def test_what_explains_nothing_is_said_to_explain_nothing(body: bytes) -> None:
    with pytest.raises(NotSru):
        decode_explanation(body)


@pytest.mark.parametrize(
    ("offered", "indexes"),
    [
        ((), BATH),
        (("dc.title", "dc.creator", "dc.identifier"), Indexes(isbn="dc.identifier", issn="dc.identifier")),
        (("DC.Title", "bath.isbn", "bath.issn"), Indexes(title="DC.Title")),
        (("dc.subject", "dc.date", "issn"), Indexes(subject="dc.subject", year="dc.date", issn="issn")),
        (
            ("alma.all_for_ui", "alma.title", "alma.creator", "alma.isbn"),
            Indexes(text="alma.all_for_ui", title="alma.title", author="alma.creator", isbn="alma.isbn"),
        ),
    ],
)
def test_indexes_are_chosen_from_what_is_offered(offered: tuple[str, ...], indexes: Indexes) -> None:
    assert indexes == chosen(Explanation(frozenset(offered)))


def test_a_server_is_asked_to_explain_in_the_words_of_its_version() -> None:
    assert explain_parameters("1.1") == {"version": "1.1", "operation": "explain"}
    assert explain_parameters("2.0") == {}


def test_a_finder_asks_what_is_offered() -> None:
    def explain(body: bytes) -> Explanation:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, content=body))
        finder = SruFinder(AsyncTarget("bhu", transport=transport), "http://bhu.example/sru")
        return asyncio.run(finder.explain(deadline=60))

    assert explain(explained("dc.title")).indexes == {"dc.title"}
    with pytest.raises(Garbled):
        explain(b"<html/>")


@given(st.binary(max_size=100))
def test_nothing_but_our_own_failure_comes_of_a_garbled_explanation(body: bytes) -> None:
    with pytest.raises(NotSru):
        decode_explanation(body)


def test_a_book_is_asked_for_under_both_forms_of_its_isbn_where_a_server_wants_it() -> None:
    both = Indexes(asks_both_isbns=True)

    assert cql(Query(isbn="7536692935"), both)[0] == (
        '(bath.isbn = "9787536692930" or bath.isbn = "7536692935")'
    )
    assert cql(Query(isbn="9791090636071"), both)[0] == 'bath.isbn = "9791090636071"'
    assert cql(Query(isbn="12"), both)[0] == 'bath.isbn = "12"'


# ---------------------------------------------------------------- copies told separately


@pytest.mark.parametrize(
    "copies",
    [
        f"<holdings>{COPY.format('B1')}{NAMED}</holdings>",
        f"<holdings>{COPY.format('B1')}</holdings></recordData><recordIdentifier>7</recordIdentifier><recordData>",
    ],
)
def test_copies_come_to_the_record_they_belong_to(copies: str) -> None:
    found = search(lambda schema: response(MARC if schema == "marcxml" else copies))

    assert [copy.barcode for copy in found.hits[0].holdings] == ["B1"]


def test_copies_of_another_record_are_nobodys() -> None:
    copies = f"<holdings>{COPY.format('B1')}</holdings>"
    found = search(lambda schema: response(MARC if schema == "marcxml" else copies))

    assert [copy.barcode for copy in found.hits[0].holdings] == [None]


@pytest.mark.parametrize(
    ("copies", "complaint"),
    [("<html/>", "copies: a html document"), (response(diagnostics=DIAGNOSTIC.format(66)), "copies: 66")],
)
def test_works_are_found_where_their_copies_are_not(copies: str, complaint: str) -> None:
    found = search(lambda schema: response(MARC) if schema == "marcxml" else copies)

    assert [len(found.hits), found.complaints] == [1, (complaint,)]


# ---------------------------------------------------------------- complaints and other answers


@pytest.mark.parametrize("root", ["explainResponse", "diagnostics", "scanResponse"])
def test_a_complaint_in_another_answer_is_a_complaint(root: str) -> None:
    with pytest.raises(Refused, match="10"):
        search(lambda _: f"<{root}><x>{DIAGNOSTIC.format(10)}</x></{root}>")


@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("diag-10-syntax", "10 Query syntax error"),
        ("diag-16-index", "16 Unsupported index"),
        ("diag-66-schema", "66 Unknown schema for retrieval mods"),
    ],
)
def test_recorded_complaints_are_named(name: str, detail: str) -> None:
    with pytest.raises(Refused) as caught:
        found_records(decode(recorded(f"responses/{name}.xml").read_bytes()), library="bhu")

    assert detail == caught.value.detail


@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "hits", "title"),
    [
        (
            "responses/search-12-dc-string",
            1,
            "What if China doesn't democratize? : implications for war and peace",
        ),
        ("responses/search-20-dc", 1, "Zhongguo shi wai jiao jia = Ten diplomats of China"),
        ("alma/sample_dc", 10, "'94中国发展报告"),
    ],
)
def test_recorded_dublin_core_is_read(name: str, hits: int, title: str) -> None:
    found = found_records(decode(recorded(f"{name}.xml").read_bytes()), library="bhu")

    assert [len(found.hits), found.hits[0].citation.title] == [hits, title]


@pytest.mark.reference
def test_recorded_copies_come_to_recorded_records() -> None:
    schemas = {"marcxml": "cnmarcxml", "isohold": "isohold"}
    found = search(
        lambda schema: recorded(f"alma/sample_{schemas[schema]}.xml").read_text(encoding="utf-8-sig")
    )

    assert [(copy.barcode, copy.call_number, copy.available) for copy in found.hits[0].holdings] == [
        ("N00837624", "F124 26", True),
        ("N01037429", "F124 26", True),
    ]


@pytest.mark.reference
def test_a_recorded_explanation_is_read() -> None:
    told = decode_explanation(recorded("responses/explain-12.xml").read_bytes())

    assert chosen(told) == replace(BATH, subject="dc.subject", year="dc.date")
    assert {"marcxml", "dc"} <= told.schemas


# ---------------------------------------------------------------- answers meant to do harm

BOMB = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))


@pytest.mark.parametrize(
    "body",
    [
        "<!DOCTYPE r><searchRetrieveResponse/>",
        f'<!DOCTYPE r [<!ENTITY a0 "lol">{BOMB}]><r>&a9;</r>',
        '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]><searchRetrieveResponse>&e;</searchRetrieveResponse>',
        "<a>" * 100_000 + "</a>" * 100_000,
        response("&lt;a&gt;" * 100_000),
        response("&lt;!DOCTYPE a&gt;&lt;a/&gt;"),
        response(MARC.replace("X", "\0")),
    ],
)
def test_what_is_meant_to_do_harm_is_garbled(body: str) -> None:
    with pytest.raises(Garbled):
        search(lambda _: body)


class Flood:
    """A server whose answer has 200 megabytes; counts what it could send."""

    def __init__(self, *, is_chunked: bool) -> None:
        self.sent = 0
        length = "transfer-encoding: chunked" if is_chunked else "connection: close"
        self._head = f"HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\n{length}\r\n\r\n".encode()
        self._piece = b"10000\r\n" + b" " * 0x10000 + b"\r\n" if is_chunked else b" " * 0x10000

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(self._head)
        try:
            while self.sent < 200 * MEGABYTE and not writer.is_closing():
                writer.write(self._piece)
                await writer.drain()
                self.sent += len(self._piece)
        except ConnectionError:
            return
        finally:
            writer.close()

    async def searched(self) -> FoundRecords:
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        target = AsyncTarget("bhu")
        port = server.sockets[0].getsockname()[1]
        try:
            finder = SruFinder(target, f"http://127.0.0.1:{port}/sru")
            return await finder.find(Query(title="X"), deadline=60)
        finally:
            await target.close()
            server.close()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            if others:
                await asyncio.wait(others, timeout=1)


@pytest.mark.parametrize("is_chunked", [True, False])
def test_a_flood_ends_long_before_it_is_over(*, is_chunked: bool) -> None:
    flood = Flood(is_chunked=is_chunked)

    with pytest.raises(PartnerFailure, match="larger than"):
        asyncio.run(flood.searched())
    assert flood.sent < 30 * MEGABYTE
