"""What catalogues say beside MARC: Dublin Core, copies in the OPAC form and in ISO 20775."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from connectors import xml
from connectors.marc import dublin_core, iso20775, marcxml
from connectors.marc.catalogue import hit, marc_hit
from connectors.marc.holdings import holdings
from connectors.marc.opac import Circulation, OpacHolding, opac_holdings
from connectors.marc.words import stands_on_a_shelf
from connectors.sru.codec import decode
from connectors.sru.messages import Record
from tests.connectors.factories import marc21
from tests.support.reference import reference
from workflows.citation import Citation, Holding
from workflows.ids import LibraryCode

BHU = LibraryCode("bhu")


def dc(
    inner: str, *, root: str = "dc", namespace: str = "http://purl.org/dc/elements/1.1/"
) -> etree._Element:
    return xml.parse(f'<x:{root} xmlns:x="{namespace}" xmlns="{namespace}">{inner}</x:{root}>')


@pytest.mark.parametrize(
    "namespace",
    [
        "http://purl.org/dc/elements/1.1/",
        "info:srw/schema/1/dc-schema",
        "http://www.openarchives.org/OAI/2.0/oai_dc/",
    ],
)
def test_dublin_core_is_read_in_any_wrapping(namespace: str) -> None:
    told = dc(
        "<title>三体 /</title><title>Three bodies</title><creator>刘慈欣</creator><publisher>重庆</publisher>"
        "<publisher>重庆出版社</publisher><date>c2008.</date><language>chi</language><type>text</type>"
        "<identifier>42</identifier><identifier>ISBN 7-5366-9293-5</identifier>",
        namespace=namespace,
    )

    assert dublin_core.citation(told) == Citation(
        title="三体", author="刘慈欣", isbn="9787536692930", year=2008, publisher="重庆出版社", language="chi"
    )


def test_dublin_core_that_says_little_is_read() -> None:
    told = dc("<title>X</title><contributor>880-04Shi, Yuanhua.</contributor><language>中文</language>")

    assert dublin_core.citation(told) == Citation(title="X", author="Shi, Yuanhua", language="und")


@pytest.mark.parametrize(
    ("inner", "fact"),
    [
        ("<identifier>urn:ISBN:9787536692930</identifier>", {"isbn": "9787536692930"}),
        ("<identifier>9787536692930 (pbk.)</identifier>", {"isbn": "9787536692930"}),
        # Twenty digits that hold an ISBN are the number of something else.
        ("<identifier>99000978753669293012</identifier>", {}),
        ("<identifier>ISSN 0378-5955</identifier>", {"issn": "0378-5955"}),
        ("<identifier>1234-5678</identifier>", {}),
        ("<publisher>Armonk, N.Y. : M.E. Sharpe,</publisher>", {"publisher": "M.E. Sharpe"}),
        ("<date>[n.d.]</date><date>1994</date>", {"year": 1994}),
        ("<language>EN</language>", {"language": "en"}),
        ("<type>text</type><type>Moving Image</type>", {"item_type": "video"}),
    ],
)
def test_each_element_of_dublin_core_says_what_it_means(inner: str, fact: dict[str, str | int]) -> None:
    facts: dict[str, str | int] = {"title": "X", "language": "und", **fact}

    assert dublin_core.citation(dc(f"<title>X</title>{inner}")) == Citation(**facts)  # type: ignore[arg-type]  # facts of several types


@pytest.mark.parametrize("body", ["<a/>", "<dc/>", "<dc><title> / </title></dc>"])
def test_what_is_no_dublin_core_with_a_title_is_no_hit(body: str) -> None:
    assert hit(xml.parse(body), library="bhu") is None


def test_a_hit_in_dublin_core_is_named_by_the_server_or_by_itself() -> None:
    told = dc("<title>X</title><identifier>7-5366-9293-5</identifier><identifier>b17</identifier>")
    bare = dc("<title>X</title>")
    names = [
        found.holdings[0].record_id
        for found in (
            hit(told, library="bhu", identifier="r1"),
            hit(told, library="bhu"),
            hit(bare, library="bhu"),
        )
        if found
    ]

    assert names == ["r1", "b17", ""]


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="<&>"), max_size=60))
def test_no_dublin_core_is_too_strange_to_be_understood(text: str) -> None:
    inner = "".join(
        f"<{name}>{text}</{name}>" for name in ("title", "identifier", "date", "language", "creator", "type")
    )
    found = hit(dc(inner), library="bhu")

    assert found is None or found.citation.title


# ---------------------------------------------------------------- copies


def test_copies_told_beside_a_record_stand_for_those_in_it() -> None:
    told = (OpacHolding(call_number="I24,", circulations=(Circulation(is_available=True, item_id=" B1 "),)),)
    found, bare = marc_hit(marc21(), told, library="bhu"), marc_hit(marc21(), library="bhu")

    assert found is not None
    assert found.holdings == (
        Holding(library=BHU, record_id="42", barcode="B1", call_number="I24", available=True),
    )
    assert bare is not None
    assert bare.holdings == (Holding(library=BHU, record_id="42"),)
    assert marc_hit(marc21(title=""), told, library="bhu") is None


@pytest.mark.parametrize(("place", "meant"), [("STACKS", True), ("CHECKED-OUT", False), ("", None)])
def test_a_place_is_a_shelf_or_not(place: str, *, meant: bool | None) -> None:
    assert stands_on_a_shelf(place) is meant


ISOHOLD = """<holdings xmlns="http://www.loc.gov/standards/iso20775/"><holding><holdingSimple><copyInformation>
<pieceIdentifier><value>B1</value></pieceIdentifier><shelfLocator>I24</shelfLocator>
<availabilityInformation>{}</availabilityInformation></copyInformation></holdingSimple></holding></holdings>"""
STATUS = "<status><availabilityStatus>{}</availabilityStatus>{}</status>"


@pytest.mark.parametrize(
    ("told", "there"),
    [
        (STATUS.format(1, ""), True),
        (STATUS.format(2, "<availableFor>1</availableFor>"), False),
        (STATUS.format(3, ""), None),
        (STATUS.format(1, "<availableFor>2</availableFor>"), None),
        (
            STATUS.format(2, "<availableFor>2</availableFor>")
            + STATUS.format(1, "<availableFor>1</availableFor>"),
            True,
        ),
        ("", None),
    ],
)
def test_copies_in_iso_20775_are_read_for_what_can_be_lent(told: str, *, there: bool | None) -> None:
    found = iso20775.copies(xml.parse(ISOHOLD.format(told)), record_id="7", library="bhu")

    assert found == (Holding(library=BHU, record_id="7", barcode="B1", call_number="I24", available=there),)


def test_copies_may_be_told_without_numbers() -> None:
    bare = xml.parse("<holdings><copyInformation/><resource/></holdings>")

    assert iso20775.copies(bare, record_id="7", library="bhu") == (Holding(library=BHU, record_id="7"),)
    assert [iso20775.record_id(bare), iso20775.record_id(bare[0])] == ["", ""]


# ---------------------------------------------------------------- what real systems sent


def copies(record: Record) -> tuple[Holding, ...]:
    """Return the copies, also where the record has been cut down to them."""
    found = hit(record.data, library="bhu", identifier=record.identifier)
    if found is not None:
        return found.holdings
    marc = marcxml.marc_record(record.data)
    beside = opac_holdings(record.data, record_id="", library="bhu")
    return beside or (holdings(marc, library="bhu") if marc else ())


@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("alma-pitt-extra-eresource-record", [[True], [None]]),
        ("alma-princeton", [[True]]),
        ("anbd_sample", [[None]] * 5),
        ("evergreen-east-central-with-in-transit-item-status", [[False]]),
        ("evergreen-north-west-with-available-item-status", [[True]]),
        ("folio-not-requestable", [[False, False]]),
        ("horizon-jhu", [[True]]),
        ("koha-chatham", [[False]]),
        ("polaris-with-held-item-status", [[False]]),
        ("polaris-with-out-item-status", [[False]]),
        ("sierra-laroche", [[True]]),
        ("symphony-stanford", [[True]]),
        ("voyager-temp", [[False]]),
        ("wms-lfmm", [[True]]),
        # MODS, which we do not read.
        ("jd_rec_id_2231751908", [[]]),
    ],
)
def test_copies_of_every_vendor_are_there_or_not(name: str, there: list[list[bool | None]]) -> None:
    answer = decode(reference(f"standards/holdings/{name}.xml").read_bytes())

    assert there == [[copy.available for copy in copies(record)] for record in answer.records]


@pytest.mark.reference
def test_recorded_copies_have_their_numbers() -> None:
    told = {
        name: copies(decode(reference(f"standards/holdings/{name}.xml").read_bytes()).records[0])[0]
        for name in ("koha-chatham", "wms-lfmm", "symphony-stanford", "polaris-with-out-item-status")
    }

    assert {name: (copy.barcode, copy.call_number) for name, copy in told.items()} == {
        "koha-chatham": ("31437000069572", "580.1 G733v"),
        "wms-lfmm": ("0111504744439", "PS3557.R48935 S67 2018"),
        "symphony-stanford": (None, "HV6534 .V55 J36 2017"),
        "polaris-with-out-item-status": ("31256016306970", "j394.268 Tate"),
    }
