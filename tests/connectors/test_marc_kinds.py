"""What kind of thing a record and its copies are, in MARC 21, UNIMARC and CNMARC."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.marc.catalogue import marc_hit
from connectors.marc.records import Field, MarcRecord
from connectors.profiles import FaultyProfile, read_profile
from tests.connectors.factories import cnmarc, field, marc21
from workflows.policies.conditions import TYPES
from workflows.policies.item_types import USUAL, Kinds, sorted_hit


def fixed(*, date: str = "2008", contents: str = "    ", serial: str = " ", language: str = "eng") -> str:
    """Return an 008 that says these things."""
    form = f"{'':3}{serial}{'':2}{contents}" if serial == " " else f"{'':3}{serial}{'':6}"
    return f"000101s{date}    xxu{form}{'':7}{language}  "


def led(record: MarcRecord, kind: str, level: str = "m") -> MarcRecord:
    return replace(record, leader=f"{record.leader[:6]}{kind}{level}{record.leader[8:]}")


def of(record: MarcRecord, kinds: Kinds = USUAL) -> str | None:
    found = marc_hit(record, library="bhu")

    assert found is not None
    return sorted_hit(found, {"bhu": kinds}).holdings[0].item_type


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (marc21(), "book"),
        (marc21(field("502", "aThesis (Ph.D.)--BHU, 2008.")), "thesis"),
        (marc21(field("502", "bM. Tech.", "cIIT (BHU)", "d2008")), "thesis"),
        (led(marc21(field("502", "aPh.D.")), "t"), "thesis"),
        (marc21(tag_008=fixed(contents="m   ")), "thesis"),
        (marc21(tag_006="a      m   " + " " * 7), "thesis"),
        (marc21(field("502", "aOriginally presented as the author's thesis.")), "book"),
        (marc21(field("502", "aRevision of the author's thesis."), tag_008=fixed(contents="m   ")), "book"),
        (marc21(tag_008=fixed(contents="u   ")), "standard"),
        (led(marc21(tag_008=fixed(serial="n")), "a", "s"), "newspaper"),
        (led(marc21(tag_008=fixed(serial="p")), "a", "s"), "bound_periodical"),
        (led(marc21(), "g"), "video"),
        (led(marc21(tag_007="vd cvaizq"), "g"), "dvd"),
        (led(marc21(tag_007="vf cbahou"), "g"), "video"),
        (led(marc21(field("300", "a1 DVD-video (95 min.)")), "g"), "dvd"),
        (led(marc21(), "j"), "cd"),
        (led(marc21(tag_007="co cga"), "m"), "cd"),
        (led(marc21(), "m"), "other_item"),
        (marc21(tag_008=fixed(date="1790")), "rare_book"),
        (marc21(field("534", "pReprint of"), tag_008=fixed(date="1790")), "book"),
        (marc21(tag_008=fixed(date="1890")), "book"),
        (marc21(tag_008=fixed(date="1890", language="chi")), "rare_book"),
        (cnmarc(), "book"),
        (cnmarc(field("328", "b博士论文", "c清华大学")), "thesis"),
        (cnmarc(field("328", "a硕士学位论文")), "thesis"),
        (cnmarc(field("105", "ay   m   000yy")), "thesis"),
        (cnmarc(field("105", "ay   v   000yy")), "book"),
        (cnmarc(field("328", "zTexte remanié de", "bThèse de doctorat")), "book"),
        (cnmarc(field("105", "ay   l   000yy")), "standard"),
        (led(cnmarc(field("110", "acaa")), "a", "s"), "newspaper"),
        (led(cnmarc(field("110", "aaaa")), "a", "s"), "bound_periodical"),
        (led(cnmarc(field("215", "a1张DVD")), "g"), "dvd"),
        (led(cnmarc(), "g"), "video"),
        (cnmarc(field("140", "a")), "rare_book"),
        (cnmarc(field("100", "a20000101d1890    em y0chiy50      ea"), field("101", "achi")), "rare_book"),
        # the copy says more than the record
        (marc21(field("952", "p1", "oR 030", "yREF")), "reference"),
        (marc21(field("852", "kRef.", "hAE5")), "reference"),
        (marc21(field("852", "cReference", "hAE5")), "reference"),
        (cnmarc(field("905", "b1", "s善本/12")), "rare_book"),
        (cnmarc(field("905", "b1", "sI24", "y馆内阅览")), "reference"),
        (cnmarc(field("905", "b1", "sI24", "c地方文献")), "local_literature"),
        (marc21(field("926", "cPN1", "dDVD")), "dvd"),
        # a book that comes with a disc, a call number that has these letters in it, a shelf of reading
        (marc21(field("852", "hCD3020", "zWith CD and DVD")), "book"),
        (cnmarc(field("905", "b1", "sI24/REF", "c阅览室")), "book"),
    ],
)  # fmt: skip
def test_leader_coded_fields_notes_and_copies_say_what_a_thing_is(record: MarcRecord, kind: str) -> None:
    assert kind == of(record)


def test_a_library_s_own_words_come_before_the_usual_ones() -> None:
    items = {
        "item_types": {"TH": "thesis", "REF": "book"},
        "labels": {"红标": "restricted_label", "新到": "new_book"},
        "call_numbers": {"T ": "thesis", "T 9": "standard"},
        "places": {"stack 9": "swap_book"},
        "collections": {"tbb": "text_book_bank"},
    }
    kinds = read_profile("bhu", {"items": items}, {}).kinds or USUAL

    def copy(*parts: str) -> MarcRecord:
        return marc21(field("952", "p1", *parts))

    assert "thesis" == of(copy("yth"), kinds)
    assert "book" == of(copy("yREF", "cReference"), kinds)
    assert ("thesis", "standard") == (of(copy("oT 12"), kinds), of(copy("oＴ　9.1"), kinds))
    assert "book" == of(copy("oTP18/3"), kinds)
    assert "swap_book" == of(copy("cSTACK 9"), kinds)
    found = marc_hit(copy("z贴红标, 新到", "8TBB"), library="bhu")
    assert found is not None
    (sorted_one,) = sorted_hit(found, {"bhu": kinds}).holdings
    assert (True, True, "text_book_bank", "book", ()) == (
        sorted_one.restricted_label,
        sorted_one.new_book,
        sorted_one.collection,
        sorted_one.item_type,
        sorted_one.signs,
    )


@pytest.mark.parametrize(
    ("items", "faults"),
    [
        ({"item_types": {"X": "thesys"}}, [("items.item_types.X", "bad_enum")]),
        ({"item_type": {"X": "thesis"}}, [("items.item_type", "unknown_field")]),
        ({"labels": {"X": None}}, [("items.labels.X", "bad_type")]),
        ({"collections": {"X": "Text Books"}}, [("items.collections.X", "bad_text")]),
        ({"places": ["X"]}, [("items.places", "bad_type")]),
    ],
)
def test_a_mapping_with_a_fault_is_refused_by_path(items: object, faults: list[tuple[str, str]]) -> None:
    with pytest.raises(FaultyProfile) as refused:
        read_profile("bhu", {"items": items}, {})

    assert faults == [(fault.path, fault.code) for fault in refused.value.faults]


ODD = st.text(max_size=40) | st.sampled_from(["", "\x00", "m" * 40, "   ", "１８９０", "善本", "REF"])
TAGS = "100 101 105 110 115 135 140 200 215 245 300 328 337 502 533 534 538 852 905 926 952 995 999 AVA"
CODES = st.sampled_from([*"abcdefhijklnopqrstuyz78", ""])
FIELDS = st.builds(
    Field,
    st.sampled_from(TAGS.split()),
    st.text(max_size=3),
    st.lists(st.tuples(CODES, ODD), max_size=4).map(tuple),
)
RECORDS = st.builds(
    MarcRecord,
    st.builds("{}{}{}".format, st.text(max_size=6), st.sampled_from("abegijmstl -\x00"), ODD),
    st.lists(st.tuples(st.sampled_from(["001", "006", "007", "008"]), ODD), max_size=4).map(tuple),
    st.lists(FIELDS, max_size=6).map(tuple),
)
WORDS = st.dictionaries(ODD, st.sampled_from((*TYPES, "restricted_label", "new_book")), max_size=3)


@given(RECORDS, st.builds(Kinds, item_types=WORDS, labels=WORDS, call_numbers=WORDS, places=WORDS))
def test_no_record_and_no_mapping_is_too_odd_to_be_sorted(record: MarcRecord, kinds: Kinds) -> None:
    found = marc_hit(record, library="bhu")
    copies = () if found is None else sorted_hit(found, {"bhu": kinds}).holdings

    assert all(copy.item_type in TYPES and not copy.signs for copy in copies)
