"""OAI-PMH: what a repository says is read leniently, and never further than it can be trusted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.failures import Garbled, ListLost, PartnerFailure, Refused, Unreachable
from connectors.oaipmh import codec
from connectors.oaipmh.client import OaiHarvester, OaiProfile
from connectors.oaipmh.codec import MOST_NAME, MOST_TOKEN, NotOai
from connectors.oaipmh.mapping import harvest_page
from connectors.oaipmh.messages import Complaint, Header, Identity
from connectors.ports import HarvestedRecord
from connectors.transport import Limits, Reply, Target
from tests.support.oai import MARC, NAMESPACE, Answer, Repository, complaint, serving, target

SINCE = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
BOOKS: dict[int, tuple[str | None, str]] = {
    1: ("红楼梦", "2026-01-01"),
    2: ("三体", "2026-02-01"),
    3: (None, "2026-03-01"),
}
DC = """<oai_dc:dc xmlns:oai_dc="o" xmlns:dc="d"><dc:title>Ulysses</dc:title>
<dc:identifier>978-0-14-118280-3</dc:identifier></oai_dc:dc>"""


def harvester(repository: Repository, **facts: Any) -> OaiHarvester:
    return OaiHarvester(target(repository), OaiProfile("http://bhu.example/oai", **facts))


def listed(*records: str, token: str = "", verb: str = "ListRecords", namespace: str = NAMESPACE) -> bytes:
    inside = "".join(records) + (f"<resumptionToken>{token}</resumptionToken>" if token else "")
    said_at = "<responseDate>2026-03-02</responseDate>"
    return f"<OAI-PMH {namespace}>{said_at}<{verb}>{inside}</{verb}></OAI-PMH>".encode()


def record(metadata: str = "", *, name: str = "oai:1", status: str = "") -> str:
    header = f'<header status="{status}"><identifier>{name}</identifier><datestamp>2026</datestamp></header>'
    return f"<record>{header}<metadata>{metadata}</metadata></record>"


def names(body: bytes) -> list[str]:
    return [header.identifier for header in codec.decode(body).headers]


# ---------------------------------------------------------------- codec


@pytest.mark.parametrize(
    ("asked", "params"),
    [
        (codec.identify(), {"verb": "Identify"}),
        (codec.list_from("marc21"), {"verb": "ListRecords", "metadataPrefix": "marc21"}),
        (
            codec.list_from("oai_dc", since="2026-03-01", part="books", verb="ListIdentifiers"),
            {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc", "from": "2026-03-01", "set": "books"},
        ),
        (codec.list_on("t&1"), {"verb": "ListRecords", "resumptionToken": "t&1"}),
    ],
)
def test_a_question_has_the_parameters_of_the_standard(asked: object, params: dict[str, str]) -> None:
    assert params == asked


@pytest.mark.parametrize(("seconds", "stamp"), [(True, "2026-03-01T00:30:00Z"), (False, "2026-03-01")])
def test_time_is_told_in_utc_and_no_finer_than_the_repository_tells_it(seconds: bool, stamp: str) -> None:  # noqa: FBT001 - a table's column
    at = datetime(2026, 3, 1, 8, 30, tzinfo=timezone(timedelta(hours=8)))

    assert stamp == codec.stamp(at, seconds=seconds)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-01T08:30:00Z", SINCE),
        ("2026-03-01T16:30:00+08:00", SINCE),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("soon", None),
        ("", None),
    ],
)
def test_a_stamp_is_read_as_an_instant(text: str, instant: datetime | None) -> None:
    assert instant == codec.instant(text)


def test_a_repository_says_who_it_is() -> None:
    body = b"""<OAI-PMH><Identify><repositoryName>Ours</repositoryName>
    <granularity>YYYY-MM-DDThh:mm:ssZ</granularity><deletedRecord>Transient</deletedRecord><earliestDatestamp>1999-01-01</earliestDatestamp></Identify></OAI-PMH>"""
    told = codec.decode_identity(body)

    assert (
        Identity(name="Ours", tells_seconds=True, deleted_records="transient", earliest="1999-01-01") == told
    )


def test_what_a_repository_leaves_out_is_the_least_it_could_be() -> None:
    assert Identity() == codec.decode_identity(b"<OAI-PMH><Identify/></OAI-PMH>")


def test_a_page_has_headers_records_token_and_time() -> None:
    body = f"""<OAI-PMH><responseDate>2026-03-02T02:00:00Z</responseDate><ListRecords>
    {record(DC)}{record(name="oai:2", status="deleted")}
    <resumptionToken completeListSize="7" cursor="0"> t1 </resumptionToken></ListRecords></OAI-PMH>"""
    page = codec.decode(body.encode())

    assert ("t1", 7, "2026-03-02T02:00:00Z") == (page.token, page.total, page.said_at)
    assert (
        Header(identifier="oai:1", datestamp="2026"),
        Header(identifier="oai:2", datestamp="2026", is_deleted=True),
    ) == page.headers
    assert [True, False] == [one.metadata is not None for one in page.records]


def test_headers_alone_are_a_list_too() -> None:
    header = "<header><identifier>oai:1</identifier></header>"

    assert ["oai:1"] == names(listed(header, verb="ListIdentifiers"))


@pytest.mark.parametrize("namespace", ["", NAMESPACE, 'xmlns="http://other/"'])
def test_a_missing_or_odd_namespace_is_forgiven(namespace: str) -> None:
    assert ["oai:1"] == names(listed(record(DC), namespace=namespace))


@pytest.mark.parametrize("noise", ["\x01", "\x0b", "&#1;", "&#x1F;", "&#x0b;", "&#31;"])
def test_what_no_xml_may_hold_is_left_out(noise: str) -> None:
    page = codec.decode(listed(record(DC.replace("Ulysses", f"Uly{noise}sses"))))

    (found,) = harvest_page(page, library="bhu").records
    assert found.hit is not None
    assert "Ulysses" == found.hit.citation.title


@pytest.mark.parametrize(
    "broken", ["", "<x/>", "<record/>", "<record><header/></record>", record(name="x" * 501)]
)
def test_what_has_no_name_is_left_out(broken: str) -> None:
    assert ["oai:2"] == names(listed(broken, record(name="oai:2")))
    assert MOST_NAME == 500


def test_a_size_that_is_no_number_is_not_told() -> None:
    body = b'<OAI-PMH><ListRecords><resumptionToken completeListSize="many"/></ListRecords></OAI-PMH>'

    assert (None, None) == (codec.decode(body).total, codec.decode(body).token)


def test_complaints_are_read_with_their_codes() -> None:
    told = codec.decode(complaint("badArgument", "no such set").body).complaints

    assert (Complaint("badArgument", "no such set"),) == told
    assert ["badArgument: no such set", "x"] == [str(told[0]), str(Complaint("x"))]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x01",
        b"<html/>",
        b"<OAI-PMH/>",
        b"<OAI-PMH>\x01<",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><OAI-PMH><ListRecords/></OAI-PMH>",
        listed(token="t" * (MOST_TOKEN + 1)),
    ],
)
def test_what_is_no_answer_of_a_repository_is_refused(body: bytes) -> None:
    with pytest.raises(NotOai):
        codec.decode(body)
    with pytest.raises(NotOai):
        codec.decode_identity(body)


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_nothing_but_its_own_error_leaves_the_codec(noise: bytes) -> None:
    for read in (codec.decode, codec.decode_identity):
        for body in (noise, b"<OAI-PMH>" + noise + b"</OAI-PMH>", listed(noise.decode("latin-1"))):
            try:
                read(body)
            except NotOai:
                continue


@given(st.integers(0, 2_000), st.binary(min_size=1, max_size=3))
def test_a_damaged_page_is_read_or_refused(place: int, damage: bytes) -> None:
    body = listed(record(MARC.format(number=1, title="三体")), record(DC, name="oai:2"), token="t")
    damaged = body[: place % len(body)] + damage + body[place % len(body) :]
    try:
        page = codec.decode(damaged)
    except NotOai:
        return
    try:
        harvest_page(page, library="bhu")
    except PartnerFailure:
        return


# ---------------------------------------------------------------- mapping


def test_marc_becomes_a_hit_with_its_copies() -> None:
    page = harvest_page(codec.decode(listed(record(MARC.format(number=7, title="三体")))), library="bhu")
    (found,) = page.records

    assert found.hit is not None
    assert ("三体", "7", "b7") == (
        found.hit.citation.title,
        found.hit.holdings[0].record_id,
        found.hit.holdings[0].barcode,
    )
    assert datetime(2026, 3, 2, tzinfo=UTC) == page.said_at


@pytest.mark.parametrize("metadata", [DC, MARC.format(number="", title="Ulysses")])
def test_a_record_without_a_number_goes_by_the_name_of_the_repository(metadata: str) -> None:
    (found,) = harvest_page(codec.decode(listed(record(metadata))), library="bhu").records

    assert found.hit is not None
    assert ("Ulysses", "oai:1") == (found.hit.citation.title, found.hit.holdings[0].record_id)


@pytest.mark.parametrize("metadata", ["", "<x/>", "<record/>", DC.replace("Ulysses", "")])
def test_what_describes_nothing_is_named_without_a_hit(metadata: str) -> None:
    page = harvest_page(codec.decode(listed(record(metadata))), library="bhu")

    assert (HarvestedRecord(identifier="oai:1", datestamp="2026"),) == page.records


def test_an_empty_list_is_an_answer() -> None:
    assert () == harvest_page(codec.decode(complaint("noRecordsMatch").body), library="bhu").records


@pytest.mark.parametrize(
    ("code", "failure", "again"),
    [
        ("badResumptionToken", ListLost, True),
        ("badArgument", Refused, False),
        ("cannotDisseminateFormat", Refused, False),
    ],
)
def test_complaints_are_failures(code: str, failure: type[PartnerFailure], again: bool) -> None:  # noqa: FBT001 - a table's column
    with pytest.raises(failure) as caught:
        harvest_page(codec.decode(complaint(code).body), library="bhu")

    assert (failure, again) == (type(caught.value), caught.value.again)


# ---------------------------------------------------------------- client


def test_a_list_is_harvested_page_by_page() -> None:
    repository = Repository(dict(BOOKS))
    client = harvester(repository, set="books")
    first = client.begin()
    second = client.go_on(first.token or "")

    assert ["oai:bhu:1", "oai:bhu:2"] == [one.identifier for one in first.records]
    assert (("oai:bhu:3", True), None) == (
        (second.records[0].identifier, second.records[0].is_deleted), second.token
    )  # fmt: skip
    assert [
        {"verb": "ListRecords", "metadataPrefix": "marc21", "set": "books"},
        {"verb": "ListRecords", "resumptionToken": "2|"},
    ] == repository.asked


@pytest.mark.parametrize(
    ("granularity", "stamp"), [("YYYY-MM-DD", "2026-03-01"), ("YYYY-MM-DDThh:mm:ssZ", "2026-03-01T08:30:00Z")]
)
def test_changes_are_asked_for_as_finely_as_the_repository_tells_time(granularity: str, stamp: str) -> None:
    repository = Repository(dict(BOOKS), granularity=granularity)
    client = harvester(repository)
    changed = [client.begin(since=SINCE) for _ in range(2)]

    assert [["oai:bhu:3"]] * 2 == [[one.identifier for one in page.records] for page in changed]
    assert ["Identify", "ListRecords", "ListRecords"] == [asked["verb"] for asked in repository.asked]
    assert stamp == repository.asked[1]["from"]


def test_a_long_token_is_posted(monkeypatch: pytest.MonkeyPatch) -> None:
    methods: list[str] = []
    carry = Target.call

    def watched(self: Target, method: str, url: str, **said: Any) -> Reply:
        methods.append(method)
        return carry(self, method, url, **said)

    monkeypatch.setattr(Target, "call", watched)
    repository = Repository(dict(BOOKS))
    harvester(repository).go_on("0|" + " " * 2_000)

    assert (["POST"], "0|" + " " * 2_000) == (methods, repository.asked[0]["resumptionToken"])


def test_the_same_token_again_is_no_list() -> None:
    repository = Repository(instead=[Answer(listed(record(DC), token="t"))])

    with pytest.raises(Garbled, match="same resumption token"):
        harvester(repository).go_on("t")


@pytest.mark.parametrize("body", [b"<html/>", b"not XML", b""])
def test_an_answer_that_nobody_can_read_is_garbled(body: bytes) -> None:
    repository = Repository(instead=[Answer(body)])

    with pytest.raises(Garbled):
        harvester(repository).begin()


def test_a_repository_that_does_not_say_who_it_is_is_garbled() -> None:
    repository = Repository(granularity="<broken")

    with pytest.raises(Garbled):
        harvester(repository).begin(since=SINCE)


# ---------------------------------------------------------------- over HTTP


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Repository, str]]:
    repository = Repository(dict(BOOKS))
    with serving(repository) as url:
        yield repository, url


def over_http(url: str, **limits: float) -> OaiHarvester:
    return OaiHarvester(Target("bhu", Limits(**limits)), OaiProfile(url))  # type: ignore[arg-type]  # seconds and bytes


def test_a_list_comes_over_http(served: tuple[Repository, str]) -> None:
    client = over_http(served[1])
    first = client.begin()

    assert (2, 1) == (len(first.records), len(client.go_on(first.token or "").records))


def test_a_repository_that_hangs_up_in_mid_page_is_asked_again(served: tuple[Repository, str]) -> None:
    repository, url = served
    repository.instead = [Answer(listed(record(DC), token="t"), breaks_off=True)]
    with pytest.raises(PartnerFailure):
        over_http(url).begin()

    assert 2 == len(over_http(url).begin().records)


def test_how_long_to_wait_is_handed_on(served: tuple[Repository, str]) -> None:
    repository, url = served
    repository.instead = [Answer(b"", 503, {"Retry-After": "120"})]
    with pytest.raises(Unreachable) as caught:
        over_http(url).begin()

    assert 120 == caught.value.retry_after


def test_a_page_beyond_the_limit_is_not_taken(served: tuple[Repository, str]) -> None:
    with pytest.raises(Garbled, match="larger"):
        over_http(served[1], size=100).begin()
