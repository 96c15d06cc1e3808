"""MARC records in every encoding that catalogues send, and records that are broken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.marc import encodings
from connectors.marc.citations import citation
from connectors.marc.encodings import ENCODINGS, Encoding
from connectors.marc.iso2709 import NotIso2709, decode
from connectors.marc.records import Field, MarcRecord
from tests.connectors.factories import cnmarc, field, iso2709, marc21
from tests.support.reference import reference

CHINESE = cnmarc(field("210", "a北京", "c作家出版社"), field("701", "a余华"))
#: Letters outside GBK, which take four bytes in GB 18030.
RARE = cnmarc(field("701", "a㼆𠀀"))
#: 三體 in EACC: three seven-bit bytes a letter, between the marks of the alphabet.
EACC = b"\x1b$1!0$!aZ\x1b(B"


def with_title(raw: bytes) -> bytes:
    """Return a MARC 21 record whose title is *raw*."""
    return iso2709(marc21(title="@")).replace(b"@", raw)


@pytest.mark.parametrize(
    ("record", "written", "encoding"),
    [
        (CHINESE, "utf-8", "utf-8"),
        (CHINESE, "utf-8", "auto"),
        (CHINESE, "gb18030", "gb18030"),
        (CHINESE, "gb18030", "auto"),
        (RARE, "gb18030", "gb18030"),
        (marc21(title="Three bodies"), "ascii", "auto"),
        (marc21(title="Three bodies"), "ascii", "marc8"),
        (marc21(title="Three bodies"), "ascii", "gb18030"),
    ],
)
def test_a_record_is_read_as_it_was_written(record: MarcRecord, written: str, encoding: Encoding) -> None:
    raw = decode(iso2709(record, encoding=written), encoding=encoding)

    assert [record.control, record.fields] == [raw.control, raw.fields]


@pytest.mark.parametrize("encoding", ["marc8", "auto"])
@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"Caf\xe2e au lait", "Café au lait"),  # the accent stands before its letter
        (b"\xe8uber die \xe8Ofen", "über die Öfen"),
        (b"San ti = " + EACC + b" /", "San ti = 三體 /"),
    ],
)
def test_marc8_is_read_with_its_accents_and_its_chinese(
    octets: bytes, text: str, encoding: Encoding
) -> None:  # fmt: skip
    assert decode(with_title(octets), encoding=encoding).first("245", "a") == text


def test_each_subfield_of_marc8_begins_in_the_usual_alphabet() -> None:
    raw = with_title(b"\x1b$1!0$\x1fbplain")

    assert decode(raw, encoding="marc8").first("245", "b") == "plain"


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=4, max_size=30))
def test_chinese_is_recognized_in_either_encoding(text: str) -> None:
    record = cnmarc(field("517", f"a{text}"))

    assert encodings.guessed(iso2709(record)) == "utf-8"
    assert decode(iso2709(record), encoding="auto").fields == record.fields


def test_marc8_cut_short_is_no_record() -> None:
    with pytest.raises(NotIso2709):
        decode(with_title(b"Three\x1b"), encoding="marc8")


def test_bytes_of_no_encoding_are_taken_for_what_they_could_be() -> None:
    assert encodings.guessed(b"\xff") == "marc8"
    assert encodings.guessed(b"abc") == "utf-8"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_bytes_that_are_no_letters_are_no_record(encoding: Encoding) -> None:
    with pytest.raises(NotIso2709):
        decode(with_title(b"\xff\xff"), encoding=encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(st.binary(max_size=60))
def test_nothing_but_our_own_failure_comes_of_any_bytes(encoding: Encoding, octets: bytes) -> None:
    try:
        assert isinstance(decode(with_title(octets), encoding=encoding), MarcRecord)
    except NotIso2709 as error:
        assert str(error)  # noqa: PT017 - not every input is refused


def test_zeros_and_other_noise_are_left_out() -> None:
    assert decode(with_title(b"Three\x00 bo\x07dies\x7f")).first("245", "a") == "Three bodies"


# ---------------------------------------------------------------- wrong lengths


def test_fields_are_told_by_their_ends_where_the_directory_counts_wrongly() -> None:
    # The directory counts the bytes of UTF-8, and the text has been converted since.
    raw = iso2709(CHINESE)
    converted = raw[: raw.index(b"\x1e")] + raw[raw.index(b"\x1e") :].decode().encode("gb18030")

    assert decode(converted, encoding="gb18030").fields == CHINESE.fields


@pytest.mark.parametrize(
    "raw",
    [
        with_title(b"Three\x1e bodies"),
        iso2709(marc21()).replace(b"\x1e  \x1fa", b"\x1fa"),
        iso2709(marc21()).replace(b"245", b"24\xff"),
        iso2709(marc21()).replace(b"2450", b"245x"),
        iso2709(marc21())[:30],
        b"",
    ],
)
def test_a_directory_that_fits_nothing_is_no_record(raw: bytes) -> None:
    with pytest.raises(NotIso2709):
        decode(raw)


def test_a_field_without_subfields_is_an_empty_one() -> None:
    raw = iso2709(MarcRecord(" " * 24, (), (Field("245", "10", ()),)))

    assert decode(raw).fields == (Field("245", "10", ()),)


@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "encoding", "title", "author"),
    [
        ("cnmarc-gb18030-z3950.mrc", "gb18030", "活着", "余华"),
        ("cnmarc-gb18030-z3950.mrc", "auto", "活着", "余华"),
        ("cnmarc-utf8-z3950.mrc", "utf-8", "三体", "刘慈欣"),
        ("cnmarc-utf8-z3950.mrc", "auto", "三体", "刘慈欣"),
        (
            "marc21-utf8-z3950.mrc",
            "auto",
            "What if China doesn't democratize?: implications for war and peace",
            None,
        ),
    ],
)
def test_recorded_records_are_read(name: str, encoding: Encoding, title: str, author: str | None) -> None:
    work = citation(decode(reference(f"standards/marc/records/{name}").read_bytes(), encoding=encoding))

    assert work is not None
    assert title == work.title
    assert author in {None, work.author}


def test_a_letter_cut_off_at_the_end_is_left_out_in_silence(capfd: pytest.CaptureFixture[str]) -> None:
    whole = encodings.decoder("marc8", b"")(b"\x1b$1!0%!0&\x1b(B.")
    cut = encodings.decoder("marc8", b"")(b"\x1b$1!0%!0")

    assert cut == whole[:1]
    assert capfd.readouterr().err == ""
