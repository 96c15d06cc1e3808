"""Records in MARC 21 and CNMARC: read hardened, understood, and written back."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import replace

import pymarc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from connectors import xml
from connectors.marc import iso2709, marcxml
from connectors.marc.catalogue import hit
from connectors.marc.citations import citation, isbn13, plain
from connectors.marc.cnmarc import to_cnmarc
from connectors.marc.holdings import holdings
from connectors.marc.records import Field, MarcRecord
from connectors.marc.words import available
from connectors.sandbox.shelf import records
from tests.connectors.factories import cnmarc, field, marc21
from workflows.citation import Citation, Holding
from workflows.ids import LibraryCode

BHU = LibraryCode("bhu")

XML_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
FIELDS = st.builds(
    Field,
    st.from_regex("[0-9]{3}", fullmatch=True),
    st.text("0123456789 ", min_size=2, max_size=2),
    st.lists(st.tuples(st.sampled_from("abc9"), XML_TEXT), min_size=1, max_size=3).map(tuple),
)
RECORDS = st.builds(
    MarcRecord,
    XML_TEXT,
    st.lists(st.tuples(st.sampled_from(["001", "008"]), XML_TEXT), max_size=2).map(tuple),
    st.lists(FIELDS, min_size=1, max_size=5).map(tuple),
)


def unsigned(found: Iterable[Holding]) -> tuple[Holding, ...]:
    """Return copies without the signs of what kind they are."""
    return tuple(replace(copy, signs=()) for copy in found)


@given(RECORDS)
def test_a_record_survives_there_and_back(record: MarcRecord) -> None:
    written = etree.tostring(marcxml.marc_element(record))

    read = marcxml.marc_record(xml.parse(written))
    under = {each.tag: [*read.of(each.tag)] for each in record.fields} if read else {}

    assert under == {each.tag: [*record.of(each.tag)] for each in record.fields}
    for tags in ((), ("245", "880"), [each.tag for each in record.fields[::2]]):
        assert [*record.among(tags)] == ([*read.among(tags)] if read else [])

    assert record == read


@given(RECORDS)
def test_no_record_is_too_strange_to_be_understood(record: MarcRecord) -> None:
    found = hit(marcxml.marc_element(record), library="bhu")

    assert found is None or found.citation.title


def test_what_xml_cannot_hold_is_left_out() -> None:
    written = etree.tostring(marcxml.marc_element(cnmarc(field("300", "aa\x00b\ud800"))))

    assert b">ab<" in written


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<a", b"<!DOCTYPE a><a/>", b"\xff", "<?xml version='1.0' encoding='nope'?><a/>",
        b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>', b"<a>&e;</a>",
    ],
)  # fmt: skip
def test_unsafe_or_broken_xml_is_refused(body: bytes | str) -> None:
    with pytest.raises(xml.NotXml):
        xml.parse(body)


def test_comments_are_passed_over() -> None:
    root = xml.parse(b"<?do it?><record><!-- x --><datafield tag='245'/></record>")

    assert marcxml.marc_record(root) == MarcRecord("", (), (Field("245", "  ", ()),))


def test_wrappers_and_strange_elements_are_passed_over() -> None:
    root = xml.parse(b"<record><record><note/><leader/><datafield tag='245'/></record></record>")

    assert marcxml.marc_record(root) == MarcRecord("", (), (Field("245", "  ", ()),))


def test_xml_without_a_record_is_no_hit() -> None:
    assert hit(xml.parse(b"<mods><title>x</title></mods>"), library="bhu") is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0765605678 (cl. : acid-free paper)", "9780765605672"),
        ("978-7-5366-9293-0", "9787536692930"),
        ("7-5037-1744-0", "9787503717444"),
        ("080442957X", "9780804429573"),
        ("9787536692931", None),
        ("(pbk.)", None),
        ("", None),
    ],
)
def test_an_isbn_is_thirteen_digits_or_none(text: str, number: str | None) -> None:
    assert number == isbn13(text)


def test_marc21_is_read_without_the_marks_of_cataloguing_rules() -> None:
    record = marc21(
        field("245", "aignored"),
        field("020", "ax", "z0765605678"),
        field("020", "a0765605678 (pbk.)"),
        field("022", "a0378-5955"),
        field("100", "aLiu, Cixin,", "d1963-"),
        field("250", "a2nd ed."),
        field("264", "aNew York :", "bTor,", "cc2014."),
        title="Three bodies :",
        tag_008=" " * 35,
    )

    assert citation(record) == Citation(
        title="Three bodies", author="Liu, Cixin", isbn="9780765605672", issn="0378-5955", year=2014,
        publisher="Tor", language="und", edition="2nd ed.",
    )  # fmt: skip


def test_the_title_is_told_in_the_script_of_the_book() -> None:
    record = marc21(
        field("100", "6880-02", "aLiu, Cixin."),
        field("880", "6245-01/$1", "a三体 :", "b地球往事 /", "c刘慈欣."),
        field("880", "6100-02/$1", "a刘慈欣"),
        field("880", "6245-00/$1", "a別"),
        title="",
    )
    linked = MarcRecord(record.leader, record.control, (field("245", "6880-01", "aSan ti"), *record.fields))
    work = citation(linked)

    assert work is not None
    assert [work.title, work.author] == ["三体: 地球往事", "刘慈欣"]


def test_a_work_without_main_entry_is_by_whom_the_title_page_says() -> None:
    by = MarcRecord("", (), (field("245", "aX /", "cedited by J. R. Smith, Jr."),))

    assert citation(by) == Citation(title="X", author="edited by J. R. Smith, Jr.", language="und")


def test_cnmarc_is_known_by_its_fields_and_read() -> None:
    record = cnmarc(
        field("010", "a978-7-5366-9293-0", "dCNY23.00"),
        field("011", "a0378-5955"),
        field("100", "a20190101d2008    em y0chiy50      ea"),
        field("101", "achi"),
        field("205", "a第2版"),
        field("210", "a重庆", "c重庆出版社", "d2008"),
        field("701", "a刘慈欣", "4著"),
    )

    assert citation(record) == Citation(
        title="三体", author="刘慈欣", isbn="9787536692930", issn="0378-5955", year=2008,
        publisher="重庆出版社", language="chi", edition="第2版",
    )  # fmt: skip


def test_cnmarc_with_a_unified_book_number_a_subtitle_and_articles() -> None:
    article = Field(
        "200", "1 ", (("a", "\u0088The\u0089 bodies"), ("e", "a novel"), ("h", "2"), ("f", "[Liu]"))
    )
    record = MarcRecord("", (), (article, field("091", "a9787536692930"), field("210", "d[1999?]")))

    assert citation(record) == Citation(
        title="The bodies: a novel", author="Liu", isbn="9787536692930", year=1999, volume="2", language="und"
    )


@pytest.mark.parametrize(
    ("leader", "item_type"),
    [
        ("00000nas a", "bound_periodical"),
        ("00000nam a", "book"),
        ("00000ngm a", "video"),
        ("00000nem a", "other_item"),
    ],
)
def test_the_kind_of_item_stands_in_the_leader(leader: str, item_type: str) -> None:
    work = citation(MarcRecord(leader, (), (field("245", "aX"),)))

    assert work is not None
    assert item_type == work.item_type


def test_a_record_without_a_title_is_no_hit() -> None:
    untitled = marcxml.marc_element(MarcRecord("", (), (field("100", "aLiu"),)))

    assert hit(untitled, library="bhu") is None


@pytest.mark.parametrize(
    ("record", "copy"),
    [
        (marc21(field("952", "pB1", "oI24", "70", "8REF")), ("B1", "I24", True, "ref")),
        (marc21(field("952", "pB1", "oI24", "q2026-01-01")), ("B1", "I24", False, "general")),
        (marc21(field("952", "pB1", "oI24", "kChecked Out")), ("B1", "I24", False, "general")),
        (marc21(field("852", "hI24", "i.5", "pB1")), ("B1", "I24 .5", None, "general")),
        (marc21(field("852", "hI24", "pB1", "rOut")), ("B1", "I24", False, "general")),
        (marc21(field("852", "jI24", "gB1", "nAvailable")), ("B1", "I24", True, "general")),
        (marc21(field("926", "aSAL3", "cI24")), (None, "I24", None, "general")),
        (marc21(field("926", "aSAL3", "bSTACKS", "cI24")), (None, "I24", True, "general")),
        (marc21(field("926", "aSAL3", "bCHECKEDOUT", "cI24")), (None, "I24", False, "general")),
        (marc21(field("926", "aSAL3", "bON-ORDER", "cI24")), (None, "I24", False, "general")),
        (marc21(field("999", "aI24", "iB1", "lSTACKS", "kINTRANSIT")), ("B1", "I24", False, "general")),
        (marc21(field("999", "aI24", "iB1", "lSTACKS")), ("B1", "I24", True, "general")),
        (marc21(field("999", "c7", "d7")), (None, None, None, "general")),
        (marc21(field("999", "sa-uuid", "ianother-uuid")), (None, None, None, "general")),
        (marc21(field("952", "bB1", "hI24")), ("B1", "I24", None, "general")),
        (marc21(field("952", "aecon")), (None, None, None, "general")),
        (marc21(field("952", "kChecked Out")), (None, None, False, "general")),
        (marc21(field("AVA", "dI24", "eavailable", "jBK")), (None, "I24", True, "bk")),
        (marc21(field("AVA", "eunavailable")), (None, None, False, "general")),
        (marc21(), (None, None, None, "general")),
        (cnmarc(field("905", "bB1", "dI247", "e5", "y在架")), ("B1", "I247/5", True, "general")),
        (cnmarc(field("905", "bB1", "fI247/5", "y借出")), ("B1", "I247/5", False, "general")),
        (cnmarc(field("905", "aNLC")), (None, None, None, "general")),
        (cnmarc(field("995", "fB1", "kI24", "o1")), ("B1", "I24", False, "general")),
        (cnmarc(field("930", "aI24")), (None, "I24", None, "general")),
        (marc21(field("905", "bB1", "fI24")), (None, None, None, "general")),
    ],
)
def test_each_system_puts_its_copies_elsewhere(
    record: MarcRecord, copy: tuple[str | None, str | None, bool | None, str]
) -> None:
    barcode, call_number, there, collection = copy

    assert unsigned(holdings(record, library="bhu")) == (
        Holding(
            library=BHU, record_id=record.record_id, barcode=barcode, call_number=call_number,
            available=there, collection=collection,
        ),
    )  # fmt: skip


@pytest.mark.parametrize(("text", "meant"), [("Due 2026-01-01", False), (" AVAILABLE. ", True), ("?", None)])
def test_a_word_for_the_state_of_a_copy_may_mean_nothing(text: str, *, meant: bool | None) -> None:
    assert meant is available(text)


OPAC = """<opacRecord><bibliographicRecord><record><controlfield tag="001">7</controlfield>
<datafield tag="245"><subfield code="a">X</subfield></datafield></record></bibliographicRecord>
<holdings><holding><callNumber>PS1, </callNumber>{}</holding></holdings></opacRecord>"""
COPIES = "<circulations><circulation>{}<itemId>B1</itemId></circulation></circulations>"


@pytest.mark.parametrize(
    ("inner", "barcode", "there"),
    [
        ("<publicNote>AVAILABLE</publicNote>", None, True),
        ("<circulations/>", None, None),
        (COPIES.format('<availableNow value="1"/>'), "B1", True),
        (COPIES.format('<availableNow value="0"/>'), "B1", False),
        (
            COPIES.format('<availableNow value="1"/><temporaryLocation>Reserve</temporaryLocation>'),
            "B1",
            False,
        ),
        (COPIES.format('<availableNow value="1"/><onHold value="1"/>'), "B1", False),
        (COPIES.format('<availableNow value="1"/><onHold value="0"/>'), "B1", True),
        ("<publicNote>DUE 01-02-26</publicNote>" + COPIES.format(""), "B1", False),
    ],
)
def test_copies_in_the_opac_form_are_read(inner: str, barcode: str | None, *, there: bool | None) -> None:
    found = hit(xml.parse(OPAC.format(inner)), library="bhu")

    assert found is not None
    assert unsigned(found.holdings) == (
        Holding(library=BHU, record_id="7", barcode=barcode, call_number="PS1", available=there),
    )


def test_files_are_read_as_pymarc_reads_them() -> None:
    for raw in list(records())[::50]:
        peer = next(pymarc.MARCReader(io.BytesIO(raw + b"\x1d"), to_unicode=True, force_utf8=True))
        ours = iso2709.decode(raw)

        assert [field.tag for field in peer.fields] == [
            *(tag for tag, _ in ours.control),
            *(field.tag for field in ours.fields),
        ]
        assert [
            list(map(tuple, field.subfields)) for field in peer.fields if not field.is_control_field()
        ] == [list(field.subfields) for field in ours.fields]


@given(
    st.binary(max_size=80) | st.binary(max_size=40).map(lambda tail: b"0" * 12 + b"00040" + b"0" * 7 + tail)
)
def test_nothing_but_our_own_failure_comes_of_broken_files(raw: bytes) -> None:
    try:
        iso2709.decode(raw)
    except iso2709.NotIso2709 as error:
        assert str(error)  # noqa: PT017 - not every input is refused


def test_a_book_turned_to_cnmarc_is_the_same_work() -> None:
    for raw in list(records())[::25]:
        record = iso2709.decode(raw)
        ours, theirs = citation(record), citation(to_cnmarc(record, agency="NLC"))

        assert ours is not None
        assert theirs is not None
        assert to_cnmarc(record, agency="NLC").is_unimarc
        assert [ours.isbn, ours.year, ours.language, ours.publisher] == [
            theirs.isbn, theirs.year, theirs.language, theirs.publisher,
        ]  # fmt: skip
        assert _letters(ours.title) == _letters(theirs.title)


def test_a_record_that_says_little_turns_to_one_that_says_as_little() -> None:
    fields = (field("245", "aX"), field("100", "a,"), field("260", "c?"), field("300", "a1 p."))
    turned = to_cnmarc(MarcRecord("", (), fields), agency="NLC")
    emptier = to_cnmarc(MarcRecord("", (), fields[:1]), agency="NLC")

    assert [turned.first("200", "a"), turned.first("215", "a")] == ["X", "1 p"]
    assert [turned.first("210", "c", "d"), turned.first("701", "a"), emptier.first("210", "a")] == [""] * 3


def test_a_wrong_issn_is_none() -> None:
    for record in (marc21(field("022", "a1234", "a0378-5956")), marc21(field("022", "y0378-5955"))):
        work = citation(record)

        assert work is not None
        assert work.issn is None


def test_an_untitled_record_turns_to_an_empty_one() -> None:
    assert to_cnmarc(MarcRecord("", (), ()), agency="NLC").fields == ()


def _letters(text: str) -> str:
    return "".join(mark for mark in text if mark.isalnum())


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Law.", "Law"),
        ("XIFENGXIAN DIMINGLU.", "XIFENGXIAN DIMINGLU"),
        ("Manual: DSM-IV-TR.", "Manual: DSM-IV-TR"),
        ("I love you when..", "I love you when"),
        ("Strange happenings across the U.S.A.", "Strange happenings across the U.S.A."),
        ("王作富 [et al.].", "王作富 et al."),
        ("Katz, Paul R.", "Katz, Paul R."),
        ("To be continued ...", "To be continued ..."),
        ("中外美术交流史 ／", "中外美术交流史"),
        ("第1版．", "第1版"),
    ],
)
def test_no_full_stop_of_the_cataloguing_rules_stays(written: str, read: str) -> None:
    assert read == plain(written)
