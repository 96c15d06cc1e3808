"""The sandbox library's repository, harvested by our own client."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from connectors.failures import PartnerFailure
from connectors.oaipmh import codec
from connectors.oaipmh.client import OaiHarvester, OaiProfile
from connectors.oaipmh.messages import Page
from connectors.ports import HarvestPage
from connectors.transport import Target
from tests.connectors.factories import NOW
from tests.connectors.sandboxes import Sandbox, sandbox


def box(**facts: Any) -> Sandbox:
    return sandbox(**{"protocols": ("oai",), **facts})


def harvester(known: Sandbox, prefix: str = "marc21") -> OaiHarvester:
    target = Target("bhu", transport=httpx.WSGITransport(known.app))
    return OaiHarvester(target, OaiProfile("http://bhu.example/oai", prefix=prefix))


def everything(known: Sandbox, **since: Any) -> list[HarvestPage]:
    client = harvester(known)
    pages = [client.begin(**since)]
    while pages[-1].token:
        pages.append(client.go_on(pages[-1].token))
    return pages


def asked(known: Sandbox, **said: str) -> Page:
    return codec.decode(known.app.test_client().get("/oai", query_string=said).data)


def ids(known: Sandbox) -> list[str]:
    return [title.record.record_id for title in known.library.catalogue.titles(9999)]


def test_every_title_is_harvested_once_page_by_page() -> None:
    known = box()
    page = asked(known, verb="ListIdentifiers", metadataPrefix="marc21")
    headers = [*page.headers]
    while page.token:
        page = asked(known, verb="ListIdentifiers", resumptionToken=page.token)
        headers += page.headers

    assert [f"oai:bhu:{each}" for each in ids(known)] == [header.identifier for header in headers]
    assert page.total == len(headers)
    assert len(everything(known)) == -(-len(headers) // 50)


def test_a_title_that_is_gone_is_told_of_since() -> None:
    known = box()
    gone = ids(known)[3]
    known.app.test_client().post(f"/sandbox/titles/{gone}/withdrawal")
    told = asked(known, verb="ListRecords", metadataPrefix="marc21", **{"from": "2026-03-02T02:15:00Z"})
    page, *others = everything(known, since=NOW - timedelta(days=1))

    assert ([], [True]) == (others, [record.header.is_deleted for record in told.records])
    assert page.token is None


@pytest.mark.parametrize("prefix", ["marc21", "oai_dc"])
@pytest.mark.parametrize("marc", ["marc21", "cnmarc"])
def test_one_record_is_told_in_each_format(prefix: str, marc: str) -> None:
    known = box(marc=marc)
    said = {"identifier": f"oai:bhu:{ids(known)[0]}", "metadataPrefix": prefix}
    [record] = asked(known, verb="GetRecord", **said).records

    assert record.metadata is not None
    assert ("dc" in record.metadata.tag) is (prefix == "oai_dc")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, "badVerb"),
        ({"verb": "Dance"}, "badVerb"),
        ({"verb": "ListRecords"}, "badArgument"),
        ({"verb": "Identify", "set": "a"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "marc21", "from": "soon"}, "badArgument"),
        (
            {"verb": "ListRecords", "metadataPrefix": "marc21", "from": "2026-01-01",
             "until": "2026-01-01T00:00:00Z"},
            "badArgument",
        ),
        ({"verb": "ListRecords", "metadataPrefix": "mods"}, "cannotDisseminateFormat"),
        ({"verb": "ListRecords", "metadataPrefix": "marc21", "set": "a"}, "noSetHierarchy"),
        ({"verb": "ListRecords", "metadataPrefix": "marc21", "from": "2099-01-01"}, "noRecordsMatch"),
        ({"verb": "ListRecords", "metadataPrefix": "marc21", "until": "2020-01-01"}, "noRecordsMatch"),
        ({"verb": "ListRecords", "resumptionToken": "x"}, "badResumptionToken"),
        ({"verb": "ListRecords", "resumptionToken": "marc21!!!999999"}, "badResumptionToken"),
        ({"verb": "ListSets"}, "noSetHierarchy"),
        ({"verb": "GetRecord", "identifier": "x", "metadataPrefix": "marc21"}, "idDoesNotExist"),
        ({"verb": "ListMetadataFormats", "identifier": "x"}, "idDoesNotExist"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_complained_of(said: dict[str, str], code: str) -> None:
    assert [code] == [complaint.code for complaint in asked(box(), **said).complaints]


def test_a_repository_says_what_it_is_and_which_formats_it_has() -> None:
    known = box()
    identity = harvester(known).identity()
    formats = known.app.test_client().get("/oai?verb=ListMetadataFormats").text

    assert (True, "persistent") == (identity.tells_seconds, identity.deleted_records)
    assert "marc21" in formats


@pytest.mark.parametrize("scenario", ["500", "garbled"])
def test_a_repository_that_misbehaves_is_a_partner_failure(scenario: str) -> None:
    with pytest.raises(PartnerFailure):
        harvester(box(scenario=scenario)).begin()
