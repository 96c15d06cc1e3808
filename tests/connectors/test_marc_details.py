"""What a record tells beside its citation: people, titles in every script, series, subjects, contents."""

from __future__ import annotations

import pytest

from connectors.marc import marcxml
from connectors.marc.catalogue import hit, marc_hit
from connectors.marc.iso2709 import decode
from connectors.marc.records import MarcRecord
from connectors.xml import parse
from tests.connectors.factories import cnmarc, field, marc21
from tests.support.reference import reference
from workflows.citation import NO_DETAILS, Details


def details(record: MarcRecord) -> Details:
    found = marc_hit(record, library="pku")

    assert found is not None
    return found.details


def test_marc21_tells_everybody_and_every_title_in_every_script() -> None:
    record = marc21(
        field("100", "6880-02", "aCao, Xueqin,", "d1717-1763."),
        field("240", "aHong lou meng.", "lEnglish"),
        field("246", "aStory of the stone /"),
        field("260", "bPenguin,"),
        field("490", "aPenguin classics ;", "v1"),
        field("505", "tThe golden days", "rDavid Hawkes"),
        field("650", "aFamilies", "zChina", "vFiction."),
        field("700", "aHawkes, David,", "eeditor.", "tStone"),
        field("880", "6100-02/$1", "a曹雪芹"),
        field("880", "6246-00/$1", "a石头记"),
    )

    assert details(record) == Details(
        contributors=("Cao, Xueqin", "Hawkes, David"),
        titles=("Hong lou meng", "Story of the stone", "Stone", "石头记"),
        series=("Penguin classics",),
        subjects=("Families -- China",),
        contents=("The golden days David Hawkes",),
    )


def test_cnmarc_tells_editors_translators_and_pinyin() -> None:
    record = cnmarc(
        field("210", "c重庆出版社", "cWMS"),
        field("225", "a中国科幻基石丛书"),
        field("327", "a第一部. 三体"),
        field("461", "t地球往事"),
        field("517", "a地球往事三部曲"),
        field("606", "a科学幻想小说", "x长篇小说", "y中国"),
        field("701", "a刘慈欣", "9liu ci xin", "4著"),
        field("702", "aMartin,", "bJosh", "4译"),
        field("712", "a重庆出版社"),
    )

    assert details(record) == Details(
        contributors=("liu ci xin", "Martin, Josh", "重庆出版社"),
        titles=("地球往事三部曲",),
        series=("中国科幻基石丛书", "地球往事"),
        subjects=("科学幻想小说 -- 长篇小说 -- 中国",),
        publishers=("重庆出版社 WMS",),
        contents=("第一部. 三体",),
    )


def test_dublin_core_tells_further_people_and_titles() -> None:
    told = parse(
        b'<dc xmlns="http://purl.org/dc/elements/1.1/" xmlns:t="http://purl.org/dc/terms/"><title>X</title>'
        b"<title>Y</title><t:alternative>Z</t:alternative><creator>A</creator><contributor>B</contributor>"
        b"<subject>S</subject><t:tableOfContents>1. C</t:tableOfContents></dc>"
    )
    found = hit(told, library="pku")

    assert found is not None
    assert found.details == Details(
        contributors=("B",), titles=("Y", "Z"), subjects=("S",), contents=("1. C",)
    )


def test_a_record_that_tells_no_more_has_no_details_and_a_long_one_has_an_end() -> None:
    many = marc21(
        *(field("650", f"aSubject {number}") for number in range(99)), field("505", "a" + "x" * 9_999)
    )

    assert NO_DETAILS == details(marc21())
    assert (40, 1_000) == (len(details(many).subjects), len(details(many).contents[0]))


@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("cnmarc-utf8-z3950.mrc", "liu ci xin"),
        ("marc21-utf8-z3950.mrc", "Democratization -- China"),
        ("unimarc-sudoc-143519379.xml", ""),
    ],
)
def test_recorded_records_tell_more_than_their_citation(name: str, told: str) -> None:
    raw = reference(f"standards/marc/records/{name}").read_bytes()
    record = marcxml.marc_record(parse(raw)) if name.endswith("xml") else decode(raw)

    assert record is not None
    assert told in str(details(record))
