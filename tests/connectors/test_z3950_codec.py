"""Z39.50 messages: what we say as bytes, and what any target says as a message or as our failure."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.marc.opac import Circulation, OpacHolding
from connectors.z3950 import ber
from connectors.z3950.codec import NotZ3950, decode, encode
from connectors.z3950.messages import (
    Both,
    Close,
    Credentials,
    Diagnostic,
    Either,
    InitializeRequest,
    InitializeResponse,
    OpacRecord,
    Operand,
    PresentRequest,
    PresentResponse,
    RawRecord,
    Response,
    SearchRequest,
    SearchResponse,
    Syntax,
    Without,
)
from tests.support import z3950 as target

TITLE = Operand(((1, 4), (4, 2)), "三体".encode())
MARC21, OPAC = Syntax.MARC21.value, Syntax.OPAC.value


def said(*parts: str) -> bytes:
    return bytes.fromhex("".join(parts))


def test_a_greeting_is_written_as_the_standard_shows_it() -> None:
    asked = encode(InitializeRequest(message_size=1024))

    assert asked == said("b41d 83020560 840206c0 85020400 86020400 9f6f0a") + b"ill-broker"


def test_a_greeting_says_who_we_are_where_the_target_wants_it() -> None:
    who = Credentials(user="u", password="p", group="g")
    whole = ber.decode(encode(InitializeRequest(message_size=1024, credentials=who)))
    some = ber.decode(encode(InitializeRequest(message_size=1024, credentials=Credentials(user="u"))))

    assert [[part.octets for part in _identity(each).parts] for each in (whole, some)] == [
        [b"g", b"u", b"p"],
        [b"u"],
    ]


def _identity(request: ber.Element) -> ber.Element:
    told = request.part(7)
    assert told is not None
    return told.parts[0]


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(Credentials(user="u", password="secret"))


def test_a_search_is_written_as_the_standard_shows_it() -> None:
    asked = encode(SearchRequest(database="D", query=TITLE, syntax=Syntax.MARC21))

    assert asked == said(
        "b657 8d0100 8e0101 8f0100 9001ff",  # no records with the answer, a new result set
        "9107 64656661756c74 b204 9f690144",  # called default, in database D
        "9f6807 2a8648ce13050a",  # records as MARC 21
        "b530 a12e 0607 2a8648ce130301",  # type 1, attributes of Bib-1
        "a023 bf6620 bf2c14 30089f7801019f790104 30089f7801049f790102",
        "9f2d06 e4b889e4bd93",
    )


def _parts(data: bytes) -> list[int]:
    return [part.tag for part in ber.decode(data).parts]


def test_operators_stand_behind_what_they_join() -> None:
    query = Either(Both(TITLE, TITLE), TITLE)
    whole = ber.decode(encode(SearchRequest(database="D", query=query, syntax=Syntax.MARC21)))
    either = whole.parts[-1].parts[0].parts[1]
    left, right, operator = either.parts

    assert [part.tag for part in (either, left, right, operator)] == [1, 1, 0, 46]
    assert [operator.parts[0].tag, left.parts[2].parts[0].tag] == [1, 0]


def test_what_is_not_wanted_stands_behind_and_not() -> None:
    asked = SearchRequest(database="D", query=Without(TITLE, TITLE), syntax=Syntax.MARC21)
    _, _, operator = ber.decode(encode(asked)).parts[-1].parts[0].parts[1].parts

    assert [2] == [part.tag for part in operator.parts]


def test_a_present_names_a_range_a_form_and_maybe_elements() -> None:
    full = encode(PresentRequest(start=3, size=2, syntax=Syntax.XML))
    plain = encode(PresentRequest(start=3, size=2, syntax=Syntax.XML, element_set=None))

    assert [_parts(full), _parts(plain)] == [[31, 30, 29, 19, 104], [31, 30, 29, 104]]
    assert ber.decode(full).parts[-1].oid == Syntax.XML.value


def test_we_say_when_we_are_done() -> None:
    assert encode(Close(0)) == said("bf3005 9f81530100")


# ---------------------------------------------------------------- what targets say


@pytest.mark.parametrize("is_true", [True, False])
def test_a_greeting_is_accepted_or_not(*, is_true: bool) -> None:
    assert decode(target.accepted(is_true=is_true)) == InitializeResponse(is_true)


def test_a_refused_greeting_says_why() -> None:
    wrapped = ber.group(8, (ber.group(0, (target.complaint(1011, "who?"),)),), kind=ber.UNIVERSAL)

    assert decode(target.accepted(is_true=False, told=wrapped)) == InitializeResponse(
        is_accepted=False, diagnostics=(Diagnostic(1011, "who?"),)
    )


def test_a_search_finds_or_complains() -> None:
    complained = target.searched(0, is_true=False, told=target.refusal(114, "9999"))

    assert decode(target.searched(7)) == SearchResponse(7, is_success=True)
    assert decode(complained) == SearchResponse(0, is_success=False, diagnostics=(Diagnostic(114, "9999"),))


def test_a_number_of_records_below_none_is_none() -> None:
    assert decode(target.searched(-1)) == SearchResponse(0, is_success=True)


def test_complaints_may_be_several() -> None:
    several = ber.group(205, (target.complaint(1, "a"), target.complaint(2, "b")))

    assert decode(target.presented(told=several)) == PresentResponse(
        (), (Diagnostic(1, "a"), Diagnostic(2, "b"))
    )


def test_a_complaint_may_stand_in_place_of_a_record() -> None:
    answer = decode(target.presented(target.record(b"1"), target.surrogate(14, "broken")))

    assert answer == PresentResponse((RawRecord(MARC21, b"1"),), (Diagnostic(14, "broken"),), 2)


def test_a_record_may_come_as_a_value_of_its_own_type() -> None:
    value = ber.group(0, (ber.octets(4, b"<r/>", kind=ber.UNIVERSAL),))
    name = ber.object_id(ber.OID, Syntax.XML.value, kind=ber.UNIVERSAL)
    external = ber.group(1, (ber.group(ber.EXTERNAL, (name, value), kind=ber.UNIVERSAL),))

    assert decode(target.presented(external)) == PresentResponse(
        (RawRecord(Syntax.XML.value, b"<r/>"),), (), 1
    )


@pytest.mark.parametrize(
    "holder",
    [
        ber.group(1, ()),
        ber.group(1, (ber.group(ber.EXTERNAL, (ber.group(0, ()),), kind=ber.UNIVERSAL),)),
        ber.group(1, (ber.octets(1, b""),)),
    ],
)
def test_a_record_that_holds_nothing_is_an_empty_one(holder: ber.Element) -> None:
    assert decode(target.presented(holder)) == PresentResponse((RawRecord("", b""),), (), 1)


def test_a_place_without_a_record_is_a_place() -> None:
    bare = ber.group(28, (ber.group(ber.SEQUENCE, (), kind=ber.UNIVERSAL),))

    assert decode(ber.encode(ber.group(25, (bare,)))) == PresentResponse((), (), 1)


def test_the_opac_form_is_a_record_with_its_copies() -> None:
    told: dict[int, str | bool] = {1: True, 5: "B1", 7: False, 10: "Reserve"}
    answer = decode(target.presented(target.opac(b"marc", target.copies("I24", told, {}, note="在架"))))

    assert answer == PresentResponse(
        (
            OpacRecord(
                RawRecord(MARC21, b"marc"),
                (
                    OpacHolding(
                        call_number="I24",
                        public_note="在架",
                        circulations=(
                            Circulation(is_available=True, item_id="B1", temporary_location="Reserve"),
                            Circulation(),
                        ),
                    ),
                ),
            ),
        ),
        (),
        1,
    )


def test_the_opac_form_may_lack_record_and_copies() -> None:
    bare = ber.group(ber.SEQUENCE, (), kind=ber.UNIVERSAL)
    name = ber.object_id(ber.OID, OPAC, kind=ber.UNIVERSAL)
    external = ber.group(ber.EXTERNAL, (name, ber.group(0, (bare,))), kind=ber.UNIVERSAL)
    answer = decode(target.presented(ber.group(1, (external,)), target.opac(None, target.copies("I"))))

    assert answer == PresentResponse(
        (OpacRecord(None, ()), OpacRecord(None, (OpacHolding(call_number="I"),))), (), 2
    )


def test_an_opac_record_in_an_opac_record_is_none() -> None:
    inner = target.opac(b"marc").parts[0]
    whole = ber.group(ber.SEQUENCE, (ber.group(1, (inner,)),), kind=ber.UNIVERSAL)
    name = ber.object_id(ber.OID, OPAC, kind=ber.UNIVERSAL)
    external = ber.group(ber.EXTERNAL, (name, ber.group(0, (whole,))), kind=ber.UNIVERSAL)

    assert decode(target.presented(ber.group(1, (external,)))) == PresentResponse(
        (OpacRecord(None, ()),), (), 1
    )


def test_a_target_says_why_it_goes() -> None:
    assert decode(target.closed(7, "id\0le")) == Close(7, "idle")


def test_a_text_may_be_chinese_in_another_encoding() -> None:
    parts = (ber.integer(211, 1), ber.octets(3, "维\0护".encode("gb18030")))

    assert decode(ber.encode(ber.group(48, parts))) == Close(1, "维护")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n",
        ber.encode(ber.group(20, ())),
        ber.encode(ber.group(23, (), kind=ber.UNIVERSAL)),
        ber.encode(ber.group(23, (ber.octets(23, b""),))),
        target.searched(7)[:-1],
    ],
)
def test_what_is_no_answer_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(NotZ3950):
        decode(data)


WHOLE = target.presented(
    target.record(b"1"), target.opac(b"2", target.copies("I", {1: True})), target.surrogate(14)
)


@given(st.integers(0, len(WHOLE)), st.binary(min_size=1, max_size=3))
def test_nothing_but_our_own_failure_comes_of_a_damaged_answer(at: int, damage: bytes) -> None:
    try:
        assert isinstance(decode(WHOLE[:at] + damage + WHOLE[at + 1 :]), get_args(Response))
    except NotZ3950 as error:
        assert str(error)  # noqa: PT017 - not every input is refused


@given(st.integers(0, len(WHOLE) - 1))
def test_an_answer_cut_short_is_none(end: int) -> None:
    with pytest.raises(NotZ3950):
        decode(WHOLE[:end])
