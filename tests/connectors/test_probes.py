"""Trying out connectors: one harmless question each, and what came of it in words."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask, Response, request

from connectors.addresses import ANYWHERE, Reach
from connectors.ports import Outcome, Trial
from connectors.probes import try_out
from connectors.profiles import read_profile
from tests.connectors import sandboxes, sip2_servers
from tests.connectors.factories import NOW, SECRET
from tests.connectors.koha_fake import SECRET as KOHA_SECRET
from tests.connectors.koha_fake import USER, FakeKoha
from tests.support import ncip, z3950

_IDENTITY = """<?xml version="1.0"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">
<responseDate>2026-03-02T02:00:00Z</responseDate><request verb="Identify">http://x.example/oai</request>
<Identify><repositoryName>BHU</repositoryName><baseURL>http://x.example/oai</baseURL>
<protocolVersion>2.0</protocolVersion><adminEmail>x@x.example</adminEmail>
<earliestDatestamp>2020-01-01</earliestDatestamp><deletedRecord>no</deletedRecord>
<granularity>YYYY-MM-DD</granularity></Identify></OAI-PMH>"""
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
    def identify() -> Response:
        assert request.args["verb"] == "Identify"
        return Response(_IDENTITY, content_type="text/xml")

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
        "sru": (Outcome.OK, "explains itself: cql.serverChoice, dc.title, dc.creator, bath.isbn"),
        "z3950": (Outcome.OK, "searches; 0 records for a book that there is not"),
        "oai": (Outcome.OK, "identifies itself"),
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


def test_a_server_that_does_not_explain_itself_is_searched() -> None:
    box = sandboxes.sandbox()
    box.app.before_request(lambda: None if "query" in request.args else Response(status=404))
    with sandboxes.serving(box.app) as url:
        (trial,) = tried({"sru": {"url": f"{url}/sru"}})

    assert (Outcome.OK, "searches; 0 records for a book that there is not") == (trial.outcome, trial.detail)


def test_a_catalogue_that_is_not_there_is_said_to_be_so() -> None:
    (trial,) = tried({"sru": {"url": "http://127.0.0.1:1/sru"}})

    assert ("sru", Outcome.FAILED, "ConnectError") == (trial.connector, trial.outcome, trial.detail)
    assert trial.milliseconds >= 0
