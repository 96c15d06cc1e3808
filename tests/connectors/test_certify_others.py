"""Certifying systems that are not the sandbox's: what they do otherwise is named, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from connectors.certify.examiner import Endpoint
from connectors.certify.parts import certify
from connectors.sandbox import searching
from connectors.sandbox.catalogue import Catalogue
from connectors.sandbox.readers import READERS, LocalSystem, Reader
from tests.connectors.factories import NOW
from tests.connectors.koha_fake import SECRET, USER, FakeKoha, reader
from tests.connectors.sandboxes import Sandbox, opened, sandbox
from tests.connectors.sip2_servers import Peer
from tests.connectors.test_certify import examined, faults

WRONG_PIN, UNKNOWN_COPY = "says that a wrong password is wrong", "lends nobody what it does not know"
EVERYTHING = ("iso18626", "ncip", "koha", "oai", "sip2", "z3950")


def found(protocol: str, url: str, **facts: Any) -> dict[str, str]:
    return faults(certify(protocol, Endpoint(url=url, now=lambda: NOW, **facts)))


def test_a_system_of_somebody_elses_lends_what_it_does_not_know() -> None:
    with Peer("utf-8").running() as port:
        told = found(
            "sip2", f"sip2://127.0.0.1:{port}", card="P0001", barcode="B1", user="broker", password="s3cret"
        )

    assert {UNKNOWN_COPY: "lends a copy that nobody has"} == told


def test_another_koha_conforms() -> None:
    koha = FakeKoha()
    koha.patrons = [reader(5, "P1")]
    with koha.running() as url:
        assert {} == found("koha", url, card="P1", user=USER, password=SECRET)


def test_a_system_that_takes_any_pin_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    credulous = replace(READERS[0], pin="0-wrong-0")
    monkeypatch.setattr("connectors.sandbox.readers.READERS", (credulous,))

    assert {WRONG_PIN: "believes a wrong password"} == faults(examined("ncip"))


@pytest.mark.parametrize(
    ("name", "does", "claim"),
    [
        ("reader", lambda _system, card: Reader(number=1, card=card, surname="a", given_name="b", email="",
                                                phone=""), "knows nobody by a card that nobody has"),
        ("reader", lambda _system, _card: None, "knows whose card it is"),
        ("lend", lambda *_: False, "lends a copy, and confirms it when asked again"),
        ("accept", None, "takes in another library's book, once"),
    ],
)  # fmt: skip
def test_each_fault_of_a_local_system_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, does: Any, claim: str
) -> None:
    def refuse(*_: object) -> None:
        raise LookupError

    monkeypatch.setattr(LocalSystem, name, does or refuse)

    assert claim in faults(examined("ncip"))


@pytest.mark.parametrize(
    ("change", "claim"),
    [
        ({"maximumRecords": "1"}, "sends no more records than are wanted"),
        ({"query": "law"}, "complains of a query that is none"),
        ({"recordSchema": "marcxml"}, "complains of a schema it does not know"),
        ({"startRecord": "1"}, "complains of a place after the last"),
        ({"maximumRecords": "0"}, "sends records in MARCXML"),
    ],
)
def test_each_fault_of_a_server_is_named(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, str], claim: str
) -> None:
    honest = searching.answer

    def answer(catalogue: Catalogue, params: Any, **how: Any) -> bytes:
        """Answer as if it had been asked otherwise; the first question, for nothing, is left alone."""
        is_first = "xyzzyplugh" in params.get("query", "") and "or" not in params["query"]
        return honest(catalogue, params if is_first else {**params, **change}, **how)

    monkeypatch.setattr(searching, "answer", answer)

    assert claim in faults(examined("sru", word="law"))


@pytest.mark.parametrize("protocol", ["webhook", "iso18626", "ncip", "oai", "sru"])
def test_whoever_is_told_nothing_tries_what_it_can(protocol: str) -> None:
    box: Sandbox = sandbox(protocols=EVERYTHING, user="")
    path = "" if protocol == "webhook" else f"/{protocol}"
    report = certify(
        protocol,
        Endpoint(url=f"http://b.example{path}", now=lambda: NOW, transport=httpx.WSGITransport(box.app)),
    )

    assert {} == faults(report)
    # a repository can be tried without knowing anything of it
    assert (protocol != "oai") is any("given" in each.detail for each in report.findings)


def test_a_target_without_its_forms_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.sandbox.z3950._iso2709", lambda _record: b"no MARC at all")
    box = sandbox(protocols=EVERYTHING)
    with opened(box) as ports:
        report = examined("z3950", box, url=f"z3950://127.0.0.1:{ports['z3950']}", word="law")

    assert "sends records that can be read" in faults(report)
