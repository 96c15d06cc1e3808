"""Trying out connectors: one harmless question each, and what came of it in words."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask, Response, request

from connectors.addresses import ANYWHERE, Reach
from connectors.failures import PartnerFailure, Unreachable
from connectors.ports import FoundRecords
from connectors.probes import try_out
from connectors.profiles import read_profile
from connectors.questions import CATALOGUE_INDEXES, CatalogueTrial, named_in
from connectors.sru.mapping import Indexes
from connectors.trials import Answer, Outcome, Trial
from connectors.z3950.mapping import Habits
from tests.connectors import sandboxes, sip2_servers
from tests.connectors.factories import NOW, SECRET
from tests.connectors.koha_fake import SECRET as KOHA_SECRET
from tests.connectors.koha_fake import USER, FakeKoha
from tests.support import ncip, z3950
from workflows.citation import Citation, Hit, Query

_IDENTITY = """<?xml version="1.0"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">
<responseDate>2026-03-02T02:00:00Z</responseDate><request verb="Identify">http://x.example/oai</request>
<Identify><repositoryName>BHU</repositoryName><baseURL>http://x.example/oai</baseURL>
<protocolVersion>2.0</protocolVersion><adminEmail>x@x.example</adminEmail>
<earliestDatestamp>2020-01-01</earliestDatestamp><deletedRecord>no</deletedRecord>
<granularity>YYYY-MM-DD</granularity></Identify></OAI-PMH>"""
_COMPLAINT = """<?xml version="1.0"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-03-02T02:00:00Z</responseDate>
<request>http://x.example/oai</request><error code="{}">no</error></OAI-PMH>"""
_DIAGNOSTIC = """<?xml version="1.0"?>
<searchRetrieveResponse xmlns="http://www.loc.gov/zing/srw/"><version>1.2</version>
<numberOfRecords>0</numberOfRecords><diagnostics><diagnostic
xmlns="http://www.loc.gov/zing/srw/diagnostic/"><uri>info:srw/diagnostic/1/{}</uri>
</diagnostic></diagnostics></searchRetrieveResponse>"""
EXPLAINS = "explains itself: cql.serverChoice, dc.title, dc.creator, bath.isbn"
NOTHING = "found nothing to see records by"
SECRETS = {"outbound": SECRET, "koha": KOHA_SECRET, "iso": "Bearer token"}


def a_target(peer: socket.socket) -> None:
    """Answer a greeting and a search of Z39.50."""
    for answer in (z3950.accepted(), z3950.searched(0)):
        peer.recv(4096)
        peer.sendall(answer)
    peer.recv(4096)


def an_archive() -> Flask:
    app = Flask("archive")

    @app.get("/oai")
    def answer() -> Response:
        if request.args["verb"] == "Identify":
            return Response(_IDENTITY, content_type="text/xml")
        code = "noRecordsMatch" if request.args["metadataPrefix"] == "marc21" else "cannotDisseminateFormat"
        return Response(_COMPLAINT.format(code), content_type="text/xml")

    return app


@pytest.fixture(scope="module")
def told() -> Iterator[Mapping[str, Any]]:
    """Yield the profile of a library all of whose systems answer."""
    box = sandboxes.sandbox(protocols=("iso18626",), iso_token="token")
    koha = FakeKoha()
    with ExitStack() as stack:
        url = stack.enter_context(sandboxes.serving(box.app))
        sip2 = stack.enter_context(
            sip2_servers.serving(sip2_servers.answers(b"98YYYYNN30000320260302    1000002.00AOBHU|\r"))
        )
        yield {
            "sru": {"url": f"{url}/sru"},
            "z3950": {"host": "127.0.0.1", "port": stack.enter_context(sip2_servers.serving(a_target))},
            "oai": {"url": f"{stack.enter_context(sandboxes.serving(an_archive()))}/oai"},
            "iso18626": {
                "url": f"{url}/iso18626",
                "our_agency": "CN-1",
                "their_agency": "CN-2",
                "token": {"ref": "iso"},
            },
            "webhook": {"base_url": url},
            "koha": {
                "base_url": stack.enter_context(koha.running()),
                "login": {"user": USER, "secret": {"ref": "koha"}, "kind": "basic"},
            },
            "email": {"address": "ill@bhu.example"},
            "sip2": {"host": "127.0.0.1", "port": sip2, "greets": False, "checksum": False},
            "ncip": {
                "url": stack.enter_context(ncip.served(ncip.LocalSystem())).url,
                "our_agency": "us",
                "their_agency": "bhu",
            },
        }  # fmt: skip


def tried(
    told: Mapping[str, Any], secrets: Mapping[str, str] = SECRETS, reach: Reach = ANYWHERE
) -> list[Trial]:
    return list(try_out(read_profile("bhu", told, secrets), now=lambda: NOW, reach=reach))


def test_each_connector_is_tried_and_says_what_it_can(told: Mapping[str, Any]) -> None:
    found = {trial.connector: (trial.outcome, trial.detail) for trial in tried(told)}
    refusal = found["iso18626"][1]

    assert refusal.startswith("answers, and does not know a request that there is not: ")
    assert {
        "sru": (
            Outcome.OK,
            f"{EXPLAINS}; answers by {', '.join(named_in('indexes', Indexes()))}, schema",
        ),
        "z3950": (
            Outcome.OK,
            f"answers by {', '.join(named_in('habits', Habits()))}; {NOTHING}",
        ),
        "oai": (Outcome.OK, "identifies itself, and lists what has changed lately"),
        "iso18626": (Outcome.OK, refusal),
        "webhook": (Outcome.OK, "takes what we sign"),
        "koha": (Outcome.OK, "looks up patrons"),
        "email": (Outcome.NOT_TRIED, "nothing can be tried without sending a letter"),
        "sip2": (Outcome.OK, "lets us in, and says what it can do"),
        "ncip": (Outcome.OK, "looks up patrons"),
    } == found


def test_a_connector_that_does_not_work_says_why_and_keeps_no_other_from_trying(
    told: Mapping[str, Any],
) -> None:
    wrong = {"outbound": "whsec_ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoM=", "koha": "x", "iso": "x"}
    found = {trial.connector: (trial.outcome, trial.detail) for trial in tried(told, wrong)}

    assert (Outcome.FAILED, "HTTP 401") == found["webhook"]
    assert (Outcome.FAILED, "HTTP 401") == found["iso18626"]
    assert Outcome.FAILED == found["koha"][0]
    assert Outcome.OK == found["ncip"][0]


def test_a_connector_is_not_tried_before_its_secret_is_stored(told: Mapping[str, Any]) -> None:
    found = {trial.connector: (trial.outcome, trial.detail) for trial in tried(told, {"koha": KOHA_SECRET})}

    assert (Outcome.NOT_TRIED, "the secret outbound is not stored") == found["webhook"]
    assert (Outcome.NOT_TRIED, "the secret iso is not stored") == found["iso18626"]
    assert Outcome.OK == found["koha"][0]


def test_nothing_is_tried_where_we_must_not_go(told: Mapping[str, Any]) -> None:
    found = [trial for trial in tried(told, reach=Reach()) if trial.connector != "email"]

    assert [Outcome.FAILED] * 8 == [trial.outcome for trial in found]
    assert all("127.0.0.1 is not called (loopback)" in trial.detail for trial in found)
    assert [()] * 8 == [trial.refused for trial in found]


def test_a_server_that_does_not_explain_itself_is_searched() -> None:
    box = sandboxes.sandbox()
    box.app.before_request(lambda: None if "query" in request.args else Response(status=404))
    with sandboxes.serving(box.app) as url:
        (trial,) = tried({"sru": {"url": f"{url}/sru"}})

    assert (Outcome.OK, True) == (trial.outcome, trial.detail.startswith("answers by indexes.title, "))


def test_a_catalogue_that_is_not_there_is_said_to_be_so() -> None:
    (trial,) = tried({"sru": {"url": "http://127.0.0.1:1/sru"}})

    assert ("sru", Outcome.FAILED, "ConnectError") == (trial.connector, trial.outcome, trial.detail)
    assert trial.milliseconds >= 0


def test_each_index_and_schema_that_a_server_refuses_is_named_by_its_field() -> None:
    box = sandboxes.sandbox()

    def refuses() -> Response | None:
        if request.args.get("recordSchema") in {"isohold", "danmarc"}:
            return Response(_DIAGNOSTIC.format(66), content_type="text/xml")
        wrong = "bath.issn" in request.args.get("query", "")
        return Response(_DIAGNOSTIC.format(16), content_type="text/xml") if wrong else None

    box.app.before_request(refuses)
    with sandboxes.serving(box.app) as url:
        (copies,) = tried({"sru": {"url": f"{url}/sru", "holdings_schema": "isohold"}})
        (schema,) = tried({"sru": {"url": f"{url}/sru", "schema": "danmarc"}})

    assert [Outcome.FAILED, Outcome.FAILED] == [copies.outcome, schema.outcome]
    assert {("sru.indexes.issn", "16"), ("sru.holdings_schema", "66")} == {
        (each.field, each.detail) for each in copies.refused
    }
    assert {("sru.indexes.issn", "16"), ("sru.schema", "66")} == {
        (each.field, each.detail) for each in schema.refused
    }


def test_a_format_that_a_repository_does_not_have_is_named(told: Mapping[str, Any]) -> None:
    (trial,) = tried({"oai": {**told["oai"], "prefix": "nosuch"}})

    assert (Outcome.FAILED, ["oai.prefix"]) == (trial.outcome, [each.field for each in trial.refused])


class Catalogue:
    """Answers each query as a test says, and counts them."""

    def __init__(self, **answers: FoundRecords | PartnerFailure) -> None:
        self.answers, self.asked = answers, list[Query]()

    async def __call__(self, query: Query, _seconds: float) -> FoundRecords:
        self.asked.append(query)
        (name,) = (name for name in CATALOGUE_INDEXES if getattr(query, name))
        answer = self.answers.get(name, FoundRecords("bhu", (), 0))
        if isinstance(answer, PartnerFailure):
            raise answer
        return answer

    def tried(self, *, encoding: str | None = None) -> Answer:
        trial = CatalogueTrial(
            ask=self,
            ask_plainly=self,
            indexes={name: name for name in CATALOGUE_INDEXES},
            forms={"form": self},
            encoding=encoding,
        )
        return asyncio.run(trial.answer())


def found(title: str) -> FoundRecords:
    return FoundRecords("bhu", (Hit(citation=Citation(title=title, issn="12345679"), holdings=()),), 1)


def test_a_record_that_was_found_is_asked_for_by_every_index() -> None:
    catalogue = Catalogue(title=found("中国法制史"))
    answer = catalogue.tried()

    assert (f"answers by {', '.join(CATALOGUE_INDEXES)}, form", ()) == (answer.detail, answer.refused)
    assert [Query(text="中国法制史"), Query(issn="12345679")] == [
        query for query in catalogue.asked if query.text or query.issn
    ]


def test_who_hangs_at_one_question_refuses_that_and_who_is_not_there_fails_as_a_whole() -> None:
    hangs = Unreachable("bhu", "no answer in time")
    refused = Catalogue(title=found("History"), issn=hangs).tried().refused

    assert [("issn", "no answer in time")] == [(each.field, each.detail) for each in refused]

    with pytest.raises(Unreachable):
        Catalogue(title=hangs).tried()


def test_letters_that_cannot_be_read_are_told_of_the_encoding() -> None:
    unread = Catalogue(title=found("\ufffd\ufffd"))

    assert ["encoding"] == [each.field for each in unread.tried(encoding="encoding").refused]
    assert () == unread.tried().refused


def test_a_catalogue_is_asked_no_more_than_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.questions._MOST", 3)
    catalogue = Catalogue()
    answer = catalogue.tried()

    assert 3 == len(catalogue.asked)
    assert "not asked for want of time: text, author, isbn, issn" in answer.detail

    monkeypatch.setattr("connectors.questions._ALL_SECONDS", 0.0)

    assert "found nothing" in Catalogue().tried().detail
