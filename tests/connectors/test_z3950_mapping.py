"""Z39.50: our queries in a target's habits, and its records as hits or as failures of ours."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.failures import Garbled, Refused
from connectors.marc.opac import Circulation, OpacHolding
from connectors.ports import FoundRecords
from connectors.z3950 import diagnostics
from connectors.z3950.mapping import Habits, found_records, refuse, rpn
from connectors.z3950.messages import (
    Both,
    Diagnostic,
    Either,
    OpacRecord,
    Operand,
    RawRecord,
    Record,
    Rpn,
    Syntax,
    Without,
)
from tests.connectors.factories import field, iso2709, marc21
from workflows.citation import Query
from workflows.discovery.criteria import MOST_PHRASES

MARC = iso2709(marc21(field("852", "hI24", "pB1", "rOut")))
XML = b"""<record><controlfield tag="001">42</controlfield>
<datafield tag="245"><subfield code="a">Three bodies</subfield></datafield></record>"""


def word(use: int, term: str, *attributes: tuple[int, int]) -> Operand:
    return Operand(((1, use), *(attributes or ((4, 2),))), term.encode())


#: The target knows either writing itself.
HABITS = Habits(folds_characters=True)


def asked_in_rpn(query: Query, habits: Habits) -> Rpn | None:
    """Return what a target is asked, which is all that is looked for."""
    asked, rest = rpn(query, habits)

    assert asked is None or rest == Query()
    return asked


def found(*records: Record, complaints: tuple[Diagnostic, ...] = (), total: int = 1) -> FoundRecords:
    return found_records(records, complaints, total=total, library="bhu", encoding="auto")


def raw(octets: bytes, syntax: Syntax = Syntax.MARC21) -> RawRecord:
    return RawRecord(syntax.value, octets)


def test_each_word_of_a_query_is_asked_for_under_its_use() -> None:
    query = Query(text="body", title="three bodies", author="刘慈欣")

    assert asked_in_rpn(query, HABITS) == Both(
        Both(word(1016, "body"), Both(word(4, "three"), word(4, "bodies"))), word(1003, "刘慈欣")
    )


def test_marks_around_a_word_are_not_asked_for() -> None:
    assert asked_in_rpn(Query(title="《三国》 (C++)"), HABITS) == Both(word(4, "三国"), word(4, "C++"))


def test_words_are_asked_for_in_either_writing_in_one_question() -> None:
    assert asked_in_rpn(Query(title="三国"), Habits()) == Either(word(4, "三国"), word(4, "三國"))
    assert asked_in_rpn(Query(title="三國", author="Lee"), Habits()) == Both(
        Either(word(4, "三國"), word(4, "三国")), word(1003, "Lee")
    )


def test_no_more_than_twelve_words_are_asked_for() -> None:
    asked = asked_in_rpn(Query(text=" ".join(map(str, range(20)))), Habits())

    assert [operand.term for operand in _operands(asked)] == [str(n).encode() for n in range(12)]


def test_a_target_has_its_habits() -> None:
    habits = Habits(
        title=5, structure=6, relation=3, truncation=1, splits_words=False, encoding="gb18030",
        folds_characters=True,
    )  # fmt: skip

    assert asked_in_rpn(Query(title="三国 演义"), habits) == Operand(
        ((1, 5), (2, 3), (4, 6), (5, 1)), "三国 演义".encode("gb18030")
    )
    assert asked_in_rpn(Query(title="x"), Habits(structure=None)) == Operand(((1, 4),), b"x")


def test_a_book_is_asked_for_under_both_forms_of_its_isbn() -> None:
    long, short = Operand(((1, 7),), b"9787536692930"), Operand(((1, 7),), b"7536692935")

    assert asked_in_rpn(Query(isbn="978-7-5366-9293-0"), Habits()) == Either(long, short)
    assert asked_in_rpn(Query(isbn="7536692935"), Habits(asks_both_isbns=False)) == long
    assert asked_in_rpn(Query(isbn="979-10-90636-07-1"), Habits()) == Operand(((1, 7),), b"9791090636071")
    assert asked_in_rpn(Query(issn="0317-8471"), Habits()) == Operand(((1, 8),), b"0317-8471")
    assert asked_in_rpn(Query(isbn="12"), Habits()) == Operand(((1, 7),), b"12")


@pytest.mark.parametrize("habits", [Habits(), Habits(splits_words=False)])
@pytest.mark.parametrize(
    "query", [Query(), Query(text=" "), Query(text='" ) ('), Query(isbn="-"), Query(title="\0")]
)
def test_a_query_for_nothing_is_none(query: Query, habits: Habits) -> None:
    assert asked_in_rpn(query, habits) is None


def test_fields_phrases_and_years_are_asked_of_a_target_that_has_them() -> None:
    habits = Habits(subject=21, publisher=1018, year=31, issn=8, phrase=1)
    query = Query(
        title='"three bodies"',
        issn="0378-5955",
        year="1980-1989",
        any_of=(Query(subject="fiction"), Query(subject="space", publisher="Tor")),
        none_of=(Query(year="1984"), Query(author="Ann")),
    )

    assert asked_in_rpn(query, habits) == Without(
        Without(
            Both(
                Both(
                    Both(word(4, "three bodies", (4, 1)), Operand(((1, 8),), b"0378-5955")),
                    Both(Operand(((1, 31), (2, 4)), b"1980"), Operand(((1, 31), (2, 2)), b"1989")),
                ),
                Either(word(21, "fiction"), Both(word(21, "space"), word(1018, "Tor"))),
            ),
            Operand(((1, 31),), b"1984"),
        ),
        word(1003, "Ann"),
    )


def test_what_a_target_does_not_have_is_asked_for_anywhere_and_looked_for_in_its_answer() -> None:
    query = Query(title='"three bodies"', subject="fiction", year="1984", none_of=(Query(publisher="Tor"),))

    assert rpn(query, Habits()) == (
        Both(Both(word(4, "three"), word(4, "bodies")), word(1016, "fiction")),
        query,
    )


@given(st.text(max_size=300))
def test_no_term_is_too_strange_to_be_asked(term: str) -> None:
    asked, _ = rpn(Query(text=term, isbn=term), Habits())
    most = 12 * (1 + min(MOST_PHRASES, term.count('"') + term.count("“")))

    assert asked is None or len(_operands(asked)) <= most + 2


def _operands(query: Any) -> list[Operand]:
    if isinstance(query, Operand):
        return [query]
    return [*_operands(query.left), *_operands(query.right)]


# ---------------------------------------------------------------- answers


def test_a_record_is_a_hit_with_the_copies_in_it() -> None:
    (hit,) = found(raw(MARC)).hits
    (copy,) = hit.holdings

    assert [hit.citation.title, copy.barcode, copy.available] == ["Three bodies", "B1", False]


@pytest.mark.parametrize("octets", [MARC, XML, b"\xef\xbb\xbf" + XML])
def test_the_copies_beside_a_record_count_more_than_those_in_it(octets: bytes) -> None:
    beside = OpacHolding(call_number="I24", circulations=(Circulation(is_available=True, item_id="B2"),))
    (hit,) = found(OpacRecord(raw(octets), (beside,))).hits
    (copy,) = hit.holdings

    assert [copy.record_id, copy.barcode, copy.available] == ["42", "B2", True]


def test_records_in_xml_are_read_by_what_they_are() -> None:
    core = b"<dc><title>Three bodies</title></dc>"
    answer = found(raw(XML, Syntax.XML), raw(core, Syntax.XML))

    assert [hit.citation.title for hit in answer.hits] == ["Three bodies"] * 2


def test_records_that_cannot_be_read_are_counted() -> None:
    answer = found(raw(MARC), raw(b"SUTRS"), raw(b"<x"), raw(iso2709(marc21(title=""))), OpacRecord(None, ()))

    assert [len(answer.hits), answer.complaints] == [1, ("4 of 5 records cannot be read",)]


@given(st.binary(max_size=80) | st.binary(max_size=30).map(lambda octets: MARC.replace(b"bodies", octets)))
def test_nothing_but_our_own_failure_comes_of_any_record(octets: bytes) -> None:
    try:
        assert found(raw(octets)).hits
    except Garbled as error:
        assert error.library == "bhu"  # noqa: PT017 - not every input is refused


def test_records_of_which_none_can_be_read_are_garbled() -> None:
    with pytest.raises(Garbled):
        found(raw(b"SUTRS"))


def test_complaints_beside_records_are_kept_once() -> None:
    answer = found(raw(MARC), complaints=(Diagnostic(14, "x"), Diagnostic(14, "x")), total=9)

    assert answer.complaints == ("14 system error in presenting records x",)
    assert answer.total == 9


def test_a_total_is_at_least_what_was_sent() -> None:
    assert found(raw(MARC), total=0).total == 1


@pytest.mark.parametrize(
    ("codes", "again"), [((2,), True), ((109,), False), ((2, 114), False), ((2, 13), True), ((4711,), False)]
)
def test_complaints_without_records_are_a_refusal(codes: tuple[int, ...], *, again: bool) -> None:
    with pytest.raises(Refused) as caught:
        refuse(map(Diagnostic, codes), "bhu")

    assert again is caught.value.again


def test_a_range_beyond_the_last_record_is_no_failure() -> None:
    assert found(complaints=(Diagnostic(13),), total=7) == FoundRecords(
        "bhu", (), 7, ("13 present request out of range",)
    )


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (13, "13 present request out of range"),
        (14, "14 system error in presenting records"),
        (25, "25 element set name not valid for the database"),
        (109, "109 database unavailable"),
        (114, "114 use attribute unsupported"),
        (117, "117 relation attribute unsupported"),
        (120, "120 truncation attribute unsupported"),
        (239, "239 record syntax unsupported"),
        (99, "99"),
    ],
)
def test_a_complaint_has_a_name(code: int, name: str) -> None:
    assert diagnostics.named(code, "") == name
    assert diagnostics.named(code, " more ") == f"{name} more"


@pytest.mark.parametrize(
    ("reason", "line"),
    [(0, "closed: finished"), (7, "closed: lack of activity"), (99, "closed: 99"), (-1, "closed: -1")],
)
def test_the_end_of_a_conversation_has_a_name(reason: int, line: str) -> None:
    assert diagnostics.closing(reason, "") == line
    assert diagnostics.closing(reason, "x") == f"{line} x"
