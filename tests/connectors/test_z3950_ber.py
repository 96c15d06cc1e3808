"""The encoding rules below Z39.50: there and back, leniently read, and bounded whatever comes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.z3950 import ber
from connectors.z3950.ber import CONTEXT, OID, SEQUENCE, UNIVERSAL, Element, Framer, NotBer

TAGS = st.integers(1, 2**20)
PRIMITIVES = st.builds(Element, st.just(CONTEXT), TAGS, st.binary(max_size=300))
ELEMENTS = st.recursive(
    PRIMITIVES,
    lambda inner: st.builds(
        Element, st.just(CONTEXT), TAGS, st.lists(inner, max_size=4).map(tuple)
    ),
    max_leaves=20,
)  # fmt: skip


def indefinite(element: Element) -> bytes:
    """Return *element* with the ends of all its constructed parts marked."""
    plain = ber.encode(element)
    if isinstance(element.content, bytes):
        return plain
    head = ber.encode(Element(element.kind, element.tag, ()))[:-1]
    return head + b"\x80" + b"".join(map(indefinite, element.content)) + b"\0\0"


@given(ELEMENTS)
def test_an_element_survives_there_and_back(element: Element) -> None:
    assert element == ber.decode(ber.encode(element))


@given(ELEMENTS)
def test_marked_ends_are_as_good_as_lengths(element: Element) -> None:
    assert element == ber.decode(indefinite(element))


@given(st.integers(1 - 2**63, 2**63 - 1))
def test_a_number_survives_there_and_back(value: int) -> None:
    assert value == ber.decode(ber.encode(ber.integer(1, value))).number


@given(st.lists(st.integers(0, 2**28), max_size=6))
def test_an_object_identifier_survives_there_and_back(arcs: list[int]) -> None:
    dotted = ".".join(map(str, (1, 2, *arcs)))

    assert dotted == ber.decode(ber.encode(ber.object_id(OID, dotted, kind=UNIVERSAL))).oid


@pytest.mark.parametrize(("octets", "dotted"), [(b"\x2a\x86\x48", "1.2.840"), (b"\x88\x37\x03", "2.999.3")])
def test_object_identifiers_are_read_as_the_standard_writes_them(octets: bytes, dotted: str) -> None:
    assert dotted == Element(UNIVERSAL, OID, octets).oid


@pytest.mark.parametrize("octets", [b"", b"\x80" * 41])
def test_what_is_no_object_identifier_is_said_to_be_none(octets: bytes) -> None:
    with pytest.raises(NotBer):
        _ = Element(UNIVERSAL, OID, octets).oid


@pytest.mark.parametrize("content", [b"", bytes(9), ()])
def test_what_is_no_number_is_said_to_be_none(content: bytes | tuple[Element, ...]) -> None:
    with pytest.raises(NotBer):
        _ = Element(UNIVERSAL, 2, content).number


def test_bits_are_counted_from_the_left() -> None:
    assert ber.encode(ber.bits(3, (1, 2))) == b"\x83\x02\x05\x60"
    assert ber.encode(ber.bits(3, (0, 14))) == b"\x83\x03\x01\x80\x02"


def test_a_string_in_pieces_is_put_together() -> None:
    pieces = (ber.octets(4, b"ab", kind=UNIVERSAL), ber.octets(2, b"!", kind=UNIVERSAL))

    assert Element(CONTEXT, 1, (*pieces, ber.octets(4, b"c", kind=UNIVERSAL))).octets == b"abc"


def test_a_part_is_known_by_kind_and_tag() -> None:
    whole = ber.group(1, (ber.integer(2, 5, kind=UNIVERSAL), ber.integer(2, 7)))
    part = whole.part(2)

    assert part is not None
    assert part.number == 7
    assert whole.part(3) is None
    assert ber.integer(2, 7).parts == ()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xa1",
        b"\xa1\x05\x81\x01a",  # cut short
        b"\xa1\x80\x81\x01a",  # without its end
        b"\xa1\x84\x7f\xff\xff\xff",  # claims two gigabytes
        b"\xa1\x85\x00\x00\x00\x00\x00",  # a length of five bytes
        b"\xa1\x82\x01",
        b"\xbf\xff\xff\xff\xff\x01\x00",  # a tag of five bytes
        b"\x81\x80",  # a value that only marks its end
        b"\xa1\x02\x00\x00",  # an end that ends nothing
        b"\xa1\x03\x81\x05a",  # a part larger than the whole
        b"\x81\x01ab",  # something behind
        b"\x00\x00",
    ],
)
def test_what_is_no_ber_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(NotBer):
        ber.decode(data)


def test_depth_and_number_are_bounded() -> None:
    deep = b"\xa1\x80" * 100_000
    many = ber.encode(Element(CONTEXT, 1, (Element(CONTEXT, 1, b""),) * (ber.MOST_ELEMENTS + 1)))

    for data in (deep, many):
        with pytest.raises(NotBer):
            ber.decode(data)


@given(st.binary(max_size=300))
def test_nothing_but_our_own_failure_comes_of_garbage(data: bytes) -> None:
    try:
        assert isinstance(ber.decode(data), Element)
    except NotBer as error:
        assert str(error)  # noqa: PT017 - not every input is refused


# ---------------------------------------------------------------- cutting a stream


@given(st.lists(ELEMENTS, min_size=1, max_size=4), st.integers(1, 40), st.booleans())
def test_messages_are_cut_from_a_stream_however_its_pieces_fall(
    elements: list[Element],
    size: int,
    is_marked: bool,  # noqa: FBT001 -- drawn
) -> None:
    messages = [ber.group(23, (element,)) for element in elements]
    stream = b"".join(map(indefinite if is_marked else ber.encode, messages))
    framer = Framer(100_000)
    found = []
    for at in range(0, len(stream), size):
        framer.feed(stream[at : at + size])
        while (message := framer.message()) is not None:
            found.append(ber.decode(message))

    assert messages == found
    assert framer.is_empty


@pytest.mark.parametrize(
    "data",
    [
        b"\xb5\x84\x7f\xff\xff\xff",
        b"\xb5\x80" + b"\x04\x84\x7f\xff\xff\xff",
        b"\xb5\x80" + b"\x04\x00" * (ber.MOST_ELEMENTS + 1),
        b"\xb5\x80" + b"\xa1\x80" * (ber.MOST_DEPTH + 1),
        b"\xbf\xff\xff\xff\xff",
        b"HTTP/1.1 400 Bad Request",
        b"\x30\x00",
    ],
)
def test_what_will_never_be_a_message_is_refused_at_once(data: bytes) -> None:
    framer = Framer(1000 if len(data) < ber.MOST_ELEMENTS else 10**9)
    framer.feed(data)

    with pytest.raises(NotBer):
        framer.message()


def test_a_message_without_an_end_is_refused_once_it_is_too_large() -> None:
    piece = b"\x04\x82\x03\x00" + bytes(0x300)
    framer = Framer(1000)
    framer.feed(b"\xb5\x80" + piece + piece[:3])

    assert framer.message() is None

    framer.feed(piece[3:])
    with pytest.raises(NotBer):
        framer.message()


def test_a_sequence_is_written_as_the_standard_shows_it() -> None:
    whole = ber.group(SEQUENCE, (ber.text(45, "ab"), None), kind=UNIVERSAL)

    assert ber.encode(whole) == b"\x30\x05\x9f\x2d\x02ab"
