"""SRU: our queries in CQL, and any server's answer as hits or as a failure of ours."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from functools import partial, reduce

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.failures import Garbled, PartnerFailure, Refused, Unreachable
from connectors.marc.citations import isbn13
from connectors.ports import FoundRecords
from connectors.sandbox import cql as server
from connectors.sru.client import SruFinder
from connectors.sru.codec import NotSru, decode, parameters
from connectors.sru.mapping import BATH, Indexes, cql, found_records
from connectors.sru.messages import Diagnostic, SearchRequest
from connectors.transport import AsyncTarget
from connectors.writings import as_written
from tests.support.reference import reference
from workflows.citation import Query
from workflows.discovery.criteria import (
    NOTHING,
    WORDED,
    Abilities,
    All,
    Criterion,
    Either,
    Index,
    Tree,
    Without,
    asked,
)

RECORD = """<record xmlns="http://www.loc.gov/MARC21/slim"><controlfield tag="001">7</controlfield>
<datafield tag="200"><subfield code="a">三体</subfield></datafield></record>"""
SRW = "http://www.loc.gov/zing/srw/"


#: The marks that would end a text in XML.
MARKUP = dict.fromkeys(map(ord, "<&>\ud800"))


def response(*records: str, diagnostics: str = "", total: str = "1", namespace: str = SRW) -> bytes:
    wrapped = "".join(f"<record><recordData>{record}</recordData></record>" for record in records)
    return (
        f'<searchRetrieveResponse xmlns="{namespace}"><numberOfRecords>{total}</numberOfRecords>'
        f"<records>{wrapped}</records><diagnostics>{diagnostics}</diagnostics></searchRetrieveResponse>"
    ).encode(errors="replace")


def diagnostic(code: str, message: str = "No") -> str:
    uri = f"<uri>info:srw/diagnostic/1/{code}</uri>"
    return (
        f'<diagnostic xmlns="http://www.loc.gov/zing/srw/diagnostic/">{uri}'
        f"<message>{message}</message></diagnostic>"
    )


def found(body: bytes) -> FoundRecords:
    return found_records(decode(body), library="bhu")


def test_a_server_that_refuses_so_long_a_question_is_asked_for_what_was_typed() -> None:
    asked: list[str] = []

    def carry(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params["query"])
        refused = response(total="0", diagnostics=diagnostic("48"))
        return httpx.Response(200, content=refused if " or " in asked[-1] else response(RECORD))

    target = AsyncTarget("bhu", transport=httpx.MockTransport(carry))
    finding = SruFinder(target, "http://bhu.example/sru").find(Query(title="三体"), deadline=60)

    assert 1 == len(asyncio.run(finding).hits)
    assert [True, False] == [" or " in text for text in asked]


def search(answer: httpx.Response | Exception, query: Query | None = None) -> FoundRecords:
    def carry(_request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    target = AsyncTarget("bhu", transport=httpx.MockTransport(carry))
    finder = SruFinder(target, "http://bhu.example/sru")
    return asyncio.run(finder.find(query or Query(title="三体"), deadline=60))


@dataclass
class Piecemeal:
    """A server that sends no more records at once than it likes, and cannot send many."""

    records: int
    at_once: int
    most: int = 1000
    asked: list[tuple[int, int]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        start, size = (int(request.url.params[name]) for name in ("startRecord", "maximumRecords"))
        self.asked.append((start, size))
        if size > self.most:
            return httpx.Response(200, content=response(diagnostics=diagnostic("6"), total="0"))
        numbers = range(self.records)[start - 1 :][: min(size, self.at_once)]
        told = [RECORD.replace(">7<", f">{number}<") for number in numbers]
        return httpx.Response(200, content=response(*told, total=str(self.records)))

    def search(self, **told: int) -> FoundRecords:
        finder = SruFinder(AsyncTarget("bhu", transport=httpx.MockTransport(self)), "http://bhu.example/sru")
        return asyncio.run(finder.find(Query(title="三体"), deadline=60, **told))


def test_what_a_server_sends_piece_by_piece_is_put_together_in_a_few_questions() -> None:
    server = Piecemeal(records=120, at_once=20)
    found = server.search(after=40)

    assert (50, 50, 120) == (len(found.hits), found.taken, found.total)
    assert [(41, 50), (61, 30), (81, 10)] == server.asked
    assert 25 == server.search(after=95).taken
    assert 5 == Piecemeal(records=120, at_once=1).search().taken


def test_a_server_that_cannot_send_so_many_is_asked_for_few() -> None:
    server = Piecemeal(records=30, at_once=20, most=10)

    assert 30 == server.search().taken
    assert [(1, 50), (1, 10), (11, 10), (21, 10)] == server.asked


def test_each_part_of_a_query_is_asked_of_its_index() -> None:
    query = Query(text="three bodies", title="三体", author="刘慈欣", isbn="7536692935")

    told = (
        'cql.serverChoice all "three bodies" and dc.title all "三体" and dc.creator all "刘慈欣" '
        'and (bath.isbn = "9787536692930" or bath.isbn = "7536692935")'
    )

    assert cql(query, replace(BATH, folds_characters=True)) == (told, NOTHING)


def test_words_are_asked_for_in_either_writing_in_one_question() -> None:
    query = Query(text="三体", also=(Query(text="Three bodies"),))

    assert cql(query, BATH) == (
        '(cql.serverChoice all "三体" or cql.serverChoice all "三體") or cql.serverChoice all "Three bodies"',
        NOTHING,
    )


def test_fields_phrases_and_years_are_asked_of_a_server_that_has_them() -> None:
    indexes = Indexes(
        subject="dc.subject", publisher="dc.publisher", year="dc.date", issn="bath.issn", phrases="adj"
    )
    query = Query(
        title='"three bodies" dark',
        issn="0378-5955",
        year="-1989",
        any_of=(Query(subject="fiction"), Query(subject="space", publisher="Tor")),
        none_of=(Query(year="1984"), Query(author="Ann", title="X")),
    )

    told = (
        '(dc.title adj "three bodies" and dc.title all "dark" and bath.issn = "0378-5955" '
        'and dc.date <= "1989" '
        'and (dc.subject all "fiction" or (dc.subject all "space" and dc.publisher all "Tor"))) '
        'not dc.date = "1984" not (dc.title all "X" and dc.creator all "Ann")'
    )

    assert cql(query, indexes) == (told, NOTHING)


def test_what_a_server_does_not_have_is_asked_for_anywhere_and_looked_for_in_its_answer() -> None:
    query = Query(title='"three bodies"', subject="fiction", year="1984", none_of=(Query(publisher="Tor"),))

    assert cql(query, BATH) == (
        'dc.title all "three bodies" and cql.serverChoice all "fiction"',
        query,
    )
    assert cql(Query(year="1984"), BATH)[0] == ""


def test_an_issn_is_asked_of_an_index_of_its_own() -> None:
    assert cql(Query(issn="0317-8471"), BATH)[0] == 'bath.issn = "0317-8471"'


def test_an_isbn_that_is_none_is_asked_for_as_it_stands() -> None:
    assert cql(Query(isbn="12"), BATH)[0] == 'bath.isbn = "12"'


HOSTILE = st.text(st.sampled_from(list("ab三 \"\\*?^()/=<>“”'\n\x00")) | st.characters(), max_size=20)
FLAT = st.builds(Query, text=HOSTILE, title=HOSTILE, author=HOSTILE, isbn=HOSTILE | st.none())


@given(
    st.builds(
        replace,
        FLAT,
        any_of=st.lists(FLAT, max_size=2).map(tuple),
        none_of=st.lists(FLAT, max_size=2).map(tuple),
    )
)
@example(Query(title='a" or dc.title = "b', author="a\\", isbn='1" or x = "'))
@example(Query(text="a* b? ^c", any_of=(Query(title='a\\" not b'),), none_of=(Query(author='a" "'),)))
def test_no_term_says_anything_but_itself(query: Query) -> None:
    indexes = Indexes(phrases="adj")
    tree, rest = asked(query, Abilities(frozenset({*WORDED[:3], Index.ISBN}), phrases=True))
    text, left = cql(query, indexes)

    assert left == rest
    assert (text == "") == (tree is None)
    assert tree is None or server.parse(text) == told(as_written(tree, in_both=True))


def told(tree: Tree) -> server.Node:
    """Return what a server hears where nothing was lost and nothing put in."""
    match tree:
        case Criterion(index, value, is_phrase):
            plain = " ".join("".join(mark if mark.isprintable() else " " for mark in value).split())
            if index is Index.ISBN:
                return server.Clause("isbn", "=", isbn13(value) or plain)
            name = "any" if index is Index.TEXT else str(index)
            return server.Clause(name, "adj" if is_phrase else "all", plain)
        case All(parts):
            return reduce(partial(server.Pair, "and"), map(told, parts))
        case Either(parts):
            return reduce(partial(server.Pair, "or"), map(told, parts))
        case Without(wanted, unwanted):
            return reduce(partial(server.Pair, "not"), map(told, (wanted, *unwanted)))


def test_a_request_is_written_in_the_words_of_its_version() -> None:
    first = parameters(SearchRequest(query="x"))
    second = parameters(SearchRequest(query="x", version="2.0", schema=None, packing="string"))

    assert first == {
        "version": "1.2", "operation": "searchRetrieve", "query": "x", "startRecord": "1",
        "maximumRecords": "10", "recordSchema": "marcxml", "recordPacking": "xml",
    }  # fmt: skip
    assert second == {
        "version": "2.0", "query": "x", "startRecord": "1", "maximumRecords": "10",
        "recordXMLEscaping": "string",
    }  # fmt: skip
    assert "recordPacking" not in parameters(SearchRequest(query="x", packing=None))


@pytest.mark.parametrize(
    "namespace", [SRW, "http://docs.oasis-open.org/ns/search-ws/sruResponse", "urn:none"]
)
@pytest.mark.parametrize(
    "record",
    [
        RECORD,
        RECORD.replace("<", "&lt;"),
        "&lt;?xml version='1.0' encoding='ISO-8859-1'?>\n" + RECORD.replace("<", "&lt;"),
    ],
)
def test_records_are_read_whatever_the_version_and_the_packing(record: str, namespace: str) -> None:
    answer = found(response(record, namespace=namespace))

    assert [hit.citation.title for hit in answer.hits] == ["三体"]


@pytest.mark.parametrize("total", ["", "many", "-1", "9" * 5000, "٣", "0"])
def test_a_senseless_number_of_records_is_at_least_what_was_sent(total: str) -> None:
    assert found(response(RECORD, total=total)).total == 1


def test_an_answer_with_no_records_element_is_empty() -> None:
    assert found(b"<searchRetrieveResponse/>") == FoundRecords("bhu", (), 0)


def test_a_record_without_data_is_passed_over() -> None:
    records = "<records><record/><record><recordData/></record></records>"
    body = f"<searchRetrieveResponse>{records}</searchRetrieveResponse>".encode()

    assert found(body).hits == ()


@pytest.mark.parametrize(("code", "again"), [("2", True), ("10", False), ("66", False), ("", False)])
def test_a_complaint_without_records_is_a_refusal(code: str, *, again: bool) -> None:
    for body in (
        response(diagnostics=diagnostic(code)),
        response(diagnostic(code), total="0"),
    ):
        with pytest.raises(Refused) as caught:
            found(body)

        assert again is caught.value.again


def test_a_complaint_beside_records_is_kept() -> None:
    answer = found(response(RECORD, diagnostics=diagnostic("59", "Some left out")))

    assert answer.complaints == ("59 Some left out",)
    assert len(answer.hits) == 1


def test_asking_beyond_the_last_record_is_no_failure() -> None:
    assert found(response(diagnostics=diagnostic("61"), total="7")).total == 7


def test_records_that_nobody_can_read_are_garbled() -> None:
    with pytest.raises(Garbled):
        found(response("<mods><title>x</title></mods>"))


@pytest.mark.parametrize("body", [b"", b"<html/>", b"not xml", response("&lt;record")])
def test_what_is_no_answer_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(NotSru):
        decode(body)


@given(st.binary() | st.text().map(lambda text: response(f"<x>{text.translate(MARKUP)}</x>", total="3")))
def test_nothing_but_our_own_failure_comes_of_garbage(body: bytes) -> None:
    with pytest.raises((NotSru, Refused, Garbled)):
        found(body)


@given(st.integers(0, 2000), st.binary(min_size=1, max_size=3))
def test_nothing_but_our_own_failure_comes_of_a_damaged_answer(at: int, damage: bytes) -> None:
    body = response(RECORD, diagnostics=diagnostic("59"))
    try:
        found(body[: at % len(body)] + damage + body[at % len(body) + 1 :])
    except (NotSru, PartnerFailure) as error:
        assert str(error)  # noqa: PT017 - not every input is refused


def test_a_finder_returns_what_the_server_has() -> None:
    assert len(search(httpx.Response(200, content=response(RECORD))).hits) == 1


def test_a_query_for_nothing_asks_nobody() -> None:
    assert search(RuntimeError("asked"), Query(text="  ")) == FoundRecords("bhu", (), 0)


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (httpx.Response(200, content=b"<html>"), Garbled),
        (httpx.Response(404, content=b"<html>"), Refused),
        (httpx.Response(302, headers={"location": "http://elsewhere.example/"}), Refused),
        (httpx.Response(503), Unreachable),
        (httpx.ConnectError("down"), Unreachable),
    ],
)
def test_a_finder_fails_in_our_words(answer: httpx.Response | Exception, failure: type[Exception]) -> None:
    with pytest.raises(failure):
        search(answer)


def test_a_diagnostic_reads_as_one_line() -> None:
    assert str(Diagnostic("16", "Unsupported index", "dc.nope")) == "16 Unsupported index dc.nope"


@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "hits", "total"),
    [
        ("sru/responses/search-12-marcxml.xml", 2, 7),
        ("sru/responses/search-12-cnmarc-bamboo.xml", 1, 1),
        ("sru/responses/search-12-none.xml", 0, 0),
        ("sru/responses/gvi_sru_response.xml", 1, 1),
        ("sru/alma/sample_cnmarcxml.xml", 10, 42),
        ("sru/alma/sample_unimarcxml.xml", 10, 42),
        ("sru/alma/sample_marcxml.xml", 10, 239392),
        ("holdings/alma-princeton.xml", 1, 1),
        ("holdings/koha-chatham.xml", 1, 1),
        ("holdings/sierra-laroche.xml", 1, 1),
        ("holdings/voyager-temp.xml", 1, 1),
    ],
)
def test_recorded_answers_are_read(name: str, hits: int, total: int) -> None:
    answer = found(reference(f"standards/{name}").read_bytes())

    assert [len(answer.hits), answer.total] == [hits, total]
